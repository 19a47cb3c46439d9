import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, isNull } from "drizzle-orm";

const { users } = identity;

/** Returns those of the users who work for the organization itself and are active. */
export async function findStaff(tx: Tx, userIds: readonly string[]): Promise<string[]> {
  const query = tx
    .select({ id: users.id })
    .from(users)
    .where(and(among(users.id, userIds), eq(users.status, "ACTIVE"), isNull(users.vendorId)));
  return (await named("findStaff", query)).map(({ id }) => id);
}
