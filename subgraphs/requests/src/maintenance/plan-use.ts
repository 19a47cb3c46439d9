/** Active maintenance plans that use something. */
import { maintenance } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { countRows, type Tx } from "@weft/platform/db";
import { and, eq } from "drizzle-orm";

const { maintenancePlans } = maintenance;

/** Columns of a plan that reference what it uses. */
const columns = { requestType: maintenancePlans.typeId, meter: maintenancePlans.meterId } as const;

const nouns = { requestType: "request type", meter: "meter" } as const;

/**
 * Asserts that no active plan uses a request type or a meter, because its occurrences would fail or never come. Counts for the whole tenant.
 * @throws Conflict (`dependents`)
 */
export async function assertNotPlanned(tx: Tx, kind: keyof typeof columns, id: string): Promise<void> {
  const where = and(eq(columns[kind], id), eq(maintenancePlans.status, "ACTIVE"));
  const count = await countRows(tx, { name: "countPlansThatUse", table: maintenancePlans, where });
  if (count === 0) return;
  const plans = `${count} active maintenance ${count === 1 ? "plan uses" : "plans use"} it`;
  throw new Conflict(`The ${nouns[kind]} cannot be deactivated while ${plans}. Change or pause them first.`, {
    dependents: { maintenancePlans: count },
  });
}
