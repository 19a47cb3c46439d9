import { maintenance } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const { maintenancePlans } = maintenance;

/** Lets a worker look now at the plans that a total of a meter has reached. They are looked at again then: the total can be corrected meanwhile. */
export async function wakePlansOfMeter(tx: Tx, meterId: string, total: string): Promise<void> {
  await tx.execute(
    named(
      "wakePlansOfMeter",
      sql`update ${maintenancePlans} set due_at = app.weft_now()
       where tenant_id = app.tenant() and meter_id = ${meterId}::uuid and status = 'ACTIVE'
         and next_total - meter_lead <= ${total}::numeric and (due_at is null or due_at > app.weft_now())`,
    ),
  );
}
