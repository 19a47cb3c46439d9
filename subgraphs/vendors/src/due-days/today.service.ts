import { readCalendars } from "@weft/engine";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findToday } from "./today.store.js";

/** Returns today by the tenant's clock in the time zone, as YYYY-MM-DD. */
export const readToday = (tx: Tx, timeZone: string): Promise<string> => findToday(tx, timeZone);

/** Returns today in the time zone of the organization, as YYYY-MM-DD. One statement per request. */
export async function loadToday(ctx: Context): Promise<string> {
  const loader = ctx.loader<string, string>("vendors.today", async (tx, tenantIds) => {
    const days = new Map<string, string>();
    for (const tenantId of tenantIds) {
      const { standard } = await readCalendars(tx, { tenantId, teamId: null });
      days.set(tenantId, await findToday(tx, standard.timeZone));
    }
    return days;
  });
  const today = await loader.load(ctx.viewer.tenantId);
  if (today === null) throw new Error("The database returned no day.");
  return today;
}
