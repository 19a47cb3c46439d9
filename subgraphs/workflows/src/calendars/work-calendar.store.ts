import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNull } from "drizzle-orm";

/** Returns whether there is a team with this UUID. */
export async function isTeam(tx: Tx, id: string): Promise<boolean> {
  const { teams } = identity;
  const query = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(eq(teams.id, id), isNull(teams.deletedAt)));
  return (await named("isTeam", query)).length > 0;
}
