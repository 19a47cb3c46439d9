import { channels } from "@weft/shared";
import type { Services } from "@weft/shared";

/** What has ended: one session, or the rights that a user, or everybody in the tenant, had until now. Ids are UUIDs. */
export type Revocation =
  | { readonly tenantId: string; readonly sessionId: string }
  | { readonly tenantId: string; readonly userId: string }
  | { readonly tenantId: string };

/** More than this many at once are left to the half second after which every cached viewer is read anew anyway. */
const maxAnnounced = 1000;

/**
 * Tells the gateways, after the commit, to forget the viewers concerned. Only hastens what is guaranteed without it, so a carrier that is
 * away is logged and not an error of the change.
 */
export async function announceRevocations(services: Services, revocations: readonly Revocation[]): Promise<void> {
  const announced = revocations
    .slice(0, maxAnnounced)
    .map((revocation) => services.pubsub.publish(channels.revocations, JSON.stringify(revocation)));
  for (const outcome of await Promise.allSettled(announced)) {
    if (outcome.status === "rejected")
      services.log.warn(
        { err: outcome.reason as unknown },
        "A revocation could not be announced; viewers are read anew within half a second.",
      );
  }
}
