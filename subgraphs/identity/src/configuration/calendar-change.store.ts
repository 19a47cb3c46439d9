import { app } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const { calendarChanges } = app;

/** The time is that of the tenant, like all due work of workflows. */
export async function insertCalendarChange(tx: Tx, values: Omit<typeof calendarChanges.$inferInsert, "createdAt">): Promise<void> {
  const createdAt = sql`app.weft_now()` as unknown as string;
  await named("insertCalendarChange", tx.insert(calendarChanges).values({ ...values, createdAt }));
}
