/** What the senders to destinations have in common: chats, browsers and phones. */
import type { Tx } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import type { Queue } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { type DestinationRow, findDestination } from "../destinations/destination.store.js";
import { type Claimed, claimMessageOf, type End, RETRY_SECONDS } from "./claim.js";
import type { Addressee, TeamAddressee } from "./send.store.js";

interface DestinationClaim {
  readonly tenantId: string;
  /** The messages of the sender's channels. */
  readonly messages: Queue;
  /** Returns why an active destination must not get the message now. */
  readonly limitOf?: (destination: DestinationRow, addressee: Addressee | TeamAddressee) => Promise<End | null>;
}

/** Claims a message of the tenant, with the destination that gets it. `done`: nothing of it is to be sent. */
export async function claimForDestination(
  tx: Tx,
  services: Pick<Services, "databases">,
  { tenantId, messages, limitOf }: DestinationClaim,
): Promise<(Claimed & { readonly destination: DestinationRow }) | "nothing" | "done"> {
  const found: { destination: DestinationRow | null } = { destination: null };
  const claimed = await claimMessageOf(tx, services, {
    tenantId,
    messages,
    refusalOf: async ({ destinationId }, addressee) => {
      const destination = destinationId === null ? null : await findDestination(tx, destinationId);
      found.destination = destination;
      return refusalOf(destination) ?? (destination && (await limitOf?.(destination, addressee))) ?? null;
    },
  });
  if (claimed === "nothing" || claimed === "done") return claimed;
  const { destination } = found;
  if (destination === null) throw new Error(`The message ${claimed.message.id} has no destination.`);
  return { ...claimed, destination };
}

/** Returns why nothing is sent to a destination. Null if it is active. */
function refusalOf(destination: DestinationRow | null): End | null {
  if (destination === null || destination.status === "REMOVED") {
    const reason = destination?.teamId ? "The chat of the team was removed." : "The user has removed the destination.";
    return { status: "CANCELLED", reason };
  }
  if (destination.status === "UNCONFIRMED") return { status: "CANCELLED", reason: "The phone number is not confirmed." };
  return destination.status === "DISABLED" ? { status: "CANCELLED", reason: `The destination is disabled. ${destination.reason}` } : null;
}

/** Returns the seconds until the next attempt. Undefined if there is none. */
export function retryIn(
  { kind, retryAfter }: { readonly kind: string; readonly retryAfter?: number | null | undefined },
  attempts: number,
  retrySeconds: readonly number[] = RETRY_SECONDS,
): number | undefined {
  const delay = kind === "RETRYABLE" ? retrySeconds[attempts - 1] : undefined;
  return delay === undefined ? undefined : Math.max(delay, retryAfter ?? 0);
}

/** Returns the metadata of what a sender writes. */
export const metaOf = (tenantId: string, keyring: Services["keyring"]): WriteMeta =>
  metaOfWork("notificationDestinations", tenantId, keyring);
