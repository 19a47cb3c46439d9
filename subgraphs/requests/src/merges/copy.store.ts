import { requests as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const { copies } = tables;

/** Records that content of a request was copied to another one. The timelines of both show it. */
export async function insertCopy(tx: Tx, row: Omit<typeof copies.$inferInsert, "createdAt">): Promise<void> {
  await named("insertCopy", tx.insert(copies).values({ ...row, createdAt: sql`app.weft_now()` }));
}
