import { type Chore, deleteOld } from "@weft/platform/cleaning";

/**
 * Deletes what clients used on days that are past.
 * @param daysOf returns the number of days for which a tenant (by UUID) keeps it
 */
export const pastFieldUses = (daysOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "uses of fields",
  deleteSome: async (tx, limit, tenantId) =>
    deleteOld(tx, { name: "FieldUses", table: "app.field_uses", since: "day", days: await daysOf(tenantId), limit }),
});
