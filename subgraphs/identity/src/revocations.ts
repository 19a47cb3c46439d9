import { channels } from "@weft/shared/event-catalog";
import type { Services } from "@weft/platform/services";

/** What was revoked: one session, or the current rights of a user or of everybody in the tenant. IDs are UUIDs. */
export type Revocation =
  | { readonly tenantId: string; readonly sessionId: string }
  | { readonly tenantId: string; readonly userId: string }
  | { readonly tenantId: string };

/** Larger numbers are not announced. Every cached viewer is reloaded after half a second anyway. */
const maxAnnounced = 1000;

/**
 * Tells the gateways, after the commit, to discard the affected viewers. This only speeds up a reload that happens anyway, so failures are logged and
 * do not fail the change.
 */
export async function announceRevocations(services: Services, revocations: readonly Revocation[]): Promise<void> {
  const announced = revocations
    .slice(0, maxAnnounced)
    .map((revocation) => services.pubsub.publish(channels.revocations, JSON.stringify(revocation)));
  for (const outcome of await Promise.allSettled(announced)) {
    if (outcome.status === "rejected")
      services.log.warn(
        { err: outcome.reason as unknown },
        "a revocation could not be announced; viewers are reloaded within half a second",
      );
  }
}
