import { identity, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNull, ne, sql } from "drizzle-orm";

const { userSkills } = workflows;
const MAX_SHOWN = 500;

export interface UserSkillsRow {
  readonly userId: string;
  readonly skills: string[];
}

/** Returns all skills of each user, optionally only of users who have a given one. */
export function selectSkills(tx: Tx, skill: string | null): Promise<UserSkillsRow[]> {
  const query = tx
    .select({ userId: userSkills.userId, skills: sql<string[]>`array_agg(${userSkills.skill} order by ${userSkills.skill})` })
    .from(userSkills)
    .where(
      skill === null
        ? undefined
        : sql`${userSkills.userId} in (select s.user_id from workflows.user_skills s where s.tenant_id = app.tenant() and s.skill = ${skill})`,
    )
    .groupBy(userSkills.userId)
    .orderBy(userSkills.userId)
    .limit(MAX_SHOWN);
  return named("selectSkills", query);
}

/** Returns whether the user belongs to the organization itself. Locks the row until commit. */
export async function isUserOfOrganization(tx: Tx, id: string): Promise<boolean> {
  const { users } = identity;
  const where = and(eq(users.id, id), isNull(users.vendorId), ne(users.type, "OPERATOR"));
  return (await named("findSkilledUser", tx.select({ id: users.id }).from(users).where(where).for("update"))).length > 0;
}

/** Returns the user's previous skills. */
export async function replaceSkills(
  tx: Tx,
  { tenantId, userId, skills }: { readonly tenantId: string; readonly userId: string; readonly skills: readonly string[] },
): Promise<string[]> {
  const gone = await named(
    "removeSkills",
    tx.delete(userSkills).where(eq(userSkills.userId, userId)).returning({ skill: userSkills.skill }),
  );
  if (skills.length > 0) await named("insertSkills", tx.insert(userSkills).values(skills.map((skill) => ({ tenantId, userId, skill }))));
  return gone.map(({ skill }) => skill).toSorted();
}
