/** What all senders of messages have in common: claiming a message, checking again who gets it and what they can see, and recording a failure. */
import type { Tx } from "@weft/platform/db";
import type { Queue } from "@weft/platform/queues";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { meets, storedDemand } from "../rules/visibility.js";
import { reasons } from "./bundle.js";
import { endDeliveries } from "./delivery.store.js";
import { claimMessage, type ClaimedMessage, endLostMessages, finishMessage, keepClaim, postponeMessage } from "./message.store.js";
import { type Addressee, findAddressee, findMessageItems, findTeamAddressee, type MessageItem, type TeamAddressee } from "./send.store.js";

/** Delays in seconds after the first, second, … failed attempt. After the last attempt the message has failed. */
export const RETRY_SECONDS = [30, 120, 600, 1800, 3600, 7200, 14_400] as const;

/** Why deliveries end without being sent. */
export type End = Parameters<typeof endDeliveries>[2];

interface Claim {
  readonly tenantId: string;
  /** The messages of the sender's channels. */
  readonly messages: Queue;
  /** Returns why an active recipient must not get the message. */
  readonly refusalOf: (message: ClaimedMessage, addressee: Addressee | TeamAddressee) => Promise<End | null> | End | null;
}

/** A claimed message, and what its recipient can see of it. */
export interface Claimed {
  readonly message: ClaimedMessage;
  readonly addressee: Addressee | TeamAddressee;
  readonly items: readonly MessageItem[];
}

/** Claims a message of the tenant. `done`: nothing of it is to be sent. */
export async function claimMessageOf(
  tx: Tx,
  services: Pick<Services, "databases">,
  { tenantId, messages, refusalOf }: Claim,
): Promise<Claimed | "nothing" | "done"> {
  const lost = await endLostMessages(tx, messages);
  const message = await claimMessage(tx, messages);
  if (message === null) return lost > 0 ? "done" : "nothing";
  const items = await findMessageItems(tx, message);
  const end = (ended: readonly MessageItem[], why: End) =>
    endDeliveries(
      tx,
      ended.map(({ deliveryId }) => deliveryId),
      why,
    );
  const stop = async (why: End): Promise<"done"> => {
    await end(items, why);
    return "done";
  };
  if (message.isOld) return stop({ status: "SUPPRESSED", reason: reasons.old });
  const { userId } = message;
  const addressee = userId === null ? await findTeamAddressee(tx, message.teamId) : await findAddressee(tx, userId);
  if (addressee === null || !addressee.isActive)
    return stop({ status: "CANCELLED", reason: userId === null ? reasons.noTeam : reasons.inactive });
  const refusal = await refusalOf(message, addressee);
  if (refusal !== null) return stop(refusal);
  const shown = await visibleAmong(tx, services, { tenantId, message, items });
  const hidden = items.filter((item) => !shown.includes(item));
  await end(hidden, { status: "CANCELLED", reason: userId === null ? reasons.deleted : reasons.hidden });
  if (shown.length === 0) return "done";
  if (hidden.length > 0) await keepClaim(tx, message);
  return { message, addressee, items: shown };
}

/** Returns the notifications of a message that the recipient can still know of: nothing was deleted, and no access was lost since they were queued. */
async function visibleAmong(
  tx: Tx,
  { databases }: Pick<Services, "databases">,
  { tenantId, message, items }: { readonly tenantId: string; readonly message: ClaimedMessage; readonly items: readonly MessageItem[] },
): Promise<MessageItem[]> {
  const visible = items.filter(({ isVisible }) => isVisible);
  const checked = visible.flatMap((item) => (item.requiredAccess === null ? [] : [{ item, demand: storedDemand(item.requiredAccess) }]));
  const { userId } = message;
  if (checked.length === 0 || userId === null) return visible;
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId: message.id });
  const demands = checked.flatMap(({ demand }) => demand ?? []);
  const met = viewer === null ? [] : await meets(tx, viewer, demands);
  const allowed = new Set(demands.filter((_, at) => met[at] === true));
  const hidden = new Set(checked.filter(({ demand }) => demand === null || !allowed.has(demand)).map(({ item }) => item));
  return visible.filter((item) => !hidden.has(item));
}

interface Failure {
  readonly error: string;
  /** Whether the receiver may have got the message all the same. It is then not sent again. */
  readonly isUncertain: boolean;
  /** Absent if it is not tried again. */
  readonly retryInSeconds: number | undefined;
}

/** Records a failed attempt: the message is tried again, has failed, or may have arrived. */
export async function recordFailure(tx: Tx, message: ClaimedMessage, { error, isUncertain, retryInSeconds }: Failure): Promise<void> {
  if (isUncertain) await finishMessage(tx, message, { status: "UNKNOWN", error });
  else if (retryInSeconds !== undefined) await postponeMessage(tx, message, { seconds: retryInSeconds, error });
  else await finishMessage(tx, message, { status: "FAILED", error });
}
