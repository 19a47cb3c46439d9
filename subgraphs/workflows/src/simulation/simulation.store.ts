import { weftNow } from "@weft/engine";
import { named, type Context } from "@weft/shared";
import { sql } from "drizzle-orm";

/** The tenant's time, in UTC: whatever is tried is tried of one moment. */
export function readNow(ctx: Context): Promise<string> {
  return ctx.read(async (tx) => {
    const [row] = await tx.execute<{ now: string }>(named("readNow", sql`select ${weftNow} as now`));
    if (!row) throw new Error("a statement without FROM gave no row");
    return row.now;
  });
}
