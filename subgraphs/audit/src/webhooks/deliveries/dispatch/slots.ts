/** Which webhooks get the free slots of a sender, so that neither a tenant nor endpoints that fail or are slow can take all of them. */
import { PER_WEBHOOK, type DueWebhook } from "./claim.store.js";

/** Requests at the same time, of one worker. */
export const SLOTS = 64;
/** Slots for one tenant. */
export const PER_TENANT = 16;
/** Slots for all endpoints that failed several times in a row or answer slowly. */
export const FOR_TROUBLED = SLOTS / 2;
/** Slots for those of one tenant, so that they leave room for its other endpoints. */
export const TROUBLED_PER_TENANT = PER_TENANT / 2;

/**
 * Requests that turn out to be slow when they have their slots can be more than that. Those beyond it leave their slots to others, but only up to this
 * number of requests.
 */
export const MAX_IN_FLIGHT = 2 * SLOTS;

/** A request is troubled if its endpoint was when it was sent, or if it takes long. */
type InFlight = Pick<DueWebhook, "tenantId" | "isTroubled">;

/** Webhooks of a tenant, and how many of their deliveries can be claimed. */
export interface Share {
  readonly tenantId: string;
  readonly webhookIds: readonly string[];
  readonly limit: number;
}

/** Divides the free slots among the tenants with due webhooks, those with the fewest requests in flight first. */
export function sharesOf(due: readonly DueWebhook[], inFlight: readonly InFlight[]): Share[] {
  const troubled = inFlight.filter(({ isTroubled }) => isTroubled).length;
  let free = Math.min(SLOTS - (inFlight.length - troubled) - Math.min(troubled, FOR_TROUBLED), MAX_IN_FLIGHT - inFlight.length);
  let freeForTroubled = FOR_TROUBLED - troubled;
  const busy = Map.groupBy(inFlight, ({ tenantId }) => tenantId);
  const troubledIn = (tenantId: string): number => busy.get(tenantId)?.filter(({ isTroubled }) => isTroubled).length ?? 0;
  const busyIn = (tenantId: string): number => busy.get(tenantId)?.length ?? 0;
  const tenants = [...Map.groupBy(due, ({ tenantId }) => tenantId)].toSorted(([a], [b]) => busyIn(a) - busyIn(b));
  // The first tenant must leave slots for the others.
  const perTenant = Math.max(1, Math.ceil(free / Math.max(1, tenants.length)));
  const shares: Share[] = [];
  for (const [tenantId, ofTenant] of tenants) {
    const limit = Math.min(free, PER_TENANT - busyIn(tenantId), perTenant);
    if (limit <= 0) continue;
    const webhookIds: string[] = [];
    let wanted = 0;
    let troubledLeft = TROUBLED_PER_TENANT - troubledIn(tenantId);
    for (const { webhookId, isTroubled } of ofTenant) {
      if (isTroubled && (freeForTroubled <= 0 || troubledLeft <= 0)) continue;
      if (isTroubled) {
        freeForTroubled -= 1;
        troubledLeft -= 1;
      }
      wanted += isTroubled ? 1 : PER_WEBHOOK;
      webhookIds.push(webhookId);
    }
    if (webhookIds.length === 0) continue;
    free -= Math.min(limit, wanted);
    shares.push({ tenantId, webhookIds, limit });
  }
  return shares;
}
