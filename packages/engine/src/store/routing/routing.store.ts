/** Reads what routing needs: rules, users with their load, whose turn it is, and the facts that rules use. */
import { workflows } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { localTime } from "../../core/routing/local-time.js";
import type { RoutingFacts, RoutingTarget } from "../../core/routing/rule.js";
import { readCalendar, type CalendarSubject } from "../calendar/calendars.js";
import { weftNow } from "../model/snapshot.js";

const { routingRules } = workflows;

export type RoutingRuleRow = typeof routingRules.$inferSelect;

/** Returns the active rules of routes, in the order in which they are evaluated. */
export function selectActiveRules(tx: Tx, routes: readonly string[]): Promise<RoutingRuleRow[]> {
  const query = tx
    .select()
    .from(routingRules)
    .where(and(inArray(routingRules.route, [...routes]), eq(routingRules.isActive, true)))
    .orderBy(routingRules.route, routingRules.position, routingRules.id);
  return named("selectActiveRules", query);
}

/** A user of a target, and the number of tasks they have claimed. */
export type Person = { readonly id: string; readonly busy: number };

/** Returns the users of a target who can take work now: active, of the organization, with the skill, and not absent. In the order of their IDs. */
export async function selectPeople(tx: Tx, { userIds, teamIds, roles, skill }: RoutingTarget): Promise<Person[]> {
  const rows = await tx.execute<Person>(
    named(
      "selectRoutedPeople",
      sql`with meant as (
          select unnest(${sql.param([...userIds])}::uuid[]) as id
          union select m.user_id from identity.team_members m where m.tenant_id = app.tenant() and m.team_id = any(${sql.param([...teamIds])}::uuid[])
          union select ur.user_id from identity.roles r
            join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.ancestor_id = r.id
            join identity.user_roles ur on ur.tenant_id = a.tenant_id and ur.role_id = a.role_id
           where r.tenant_id = app.tenant() and r.key = any(${sql.param([...roles])}::text[]))
        select u.id, (select count(*)::int from workflows.tasks t where t.tenant_id = u.tenant_id and t.assignee_id = u.id and t.status = 'CLAIMED') as busy
          from meant join identity.users u on u.tenant_id = app.tenant() and u.id = meant.id
         where u.status = 'ACTIVE' and u.vendor_id is null and u.type <> 'OPERATOR'
           and (${skill}::text is null or exists (select from workflows.user_skills s where s.tenant_id = u.tenant_id and s.user_id = u.id and s.skill = ${skill}::text))
           and not exists (select from workflows.absences b where b.tenant_id = u.tenant_id and b.user_id = u.id and b.starts_at <= ${weftNow} and ${weftNow} < b.ends_at)
         order by u.id`,
    ),
  );
  return [...rows];
}

/** Returns who had the last turn. `lock` keeps others from taking theirs until the transaction ends. */
export async function readTurn(tx: Tx, ruleId: string, { lock }: { readonly lock: boolean }): Promise<string | null> {
  if (lock)
    await tx.execute(
      named("lockTurn", sql`select pg_advisory_xact_lock(hashtextextended('weft.route.' || app.tenant() || ${ruleId}::text, 0))`),
    );
  const [row] = await tx.execute<{ userId: string }>(
    named("readTurn", sql`select user_id as "userId" from workflows.routing_turns where tenant_id = app.tenant() and rule_id = ${ruleId}`),
  );
  return row?.userId ?? null;
}

export async function writeTurn(tx: Tx, ruleId: string, userId: string): Promise<void> {
  await tx.execute(
    named(
      "writeTurn",
      sql`insert into workflows.routing_turns (tenant_id, rule_id, user_id) values (app.tenant(), ${ruleId}, ${userId})
        on conflict on constraint routing_turns_pkey do update set user_id = excluded.user_id`,
    ),
  );
}

/** The owner of the work: IDs as the API shows them. */
export async function readOwner(tx: Tx, ownerId: string): Promise<RoutingFacts["owner"]> {
  const [owner] = await tx.execute<{ roles: string[]; teamIds: string[] }>(
    named(
      "readRoutingOwner",
      sql`select array(select distinct r.key from identity.user_roles ur
            join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
            join identity.roles r on r.tenant_id = a.tenant_id and r.id = a.ancestor_id
           where ur.tenant_id = app.tenant() and ur.user_id = ${ownerId}) as roles,
          array(select m.team_id from identity.team_members m where m.tenant_id = app.tenant() and m.user_id = ${ownerId}) as "teamIds"`,
    ),
  );
  return { id: encodeId("user", ownerId), roles: owner?.roles ?? [], teamIds: (owner?.teamIds ?? []).map((id) => encodeId("team", id)) };
}

/** Returns the local time at a moment (ISO 8601 with zone), by the configuration of the tenant or of one of its teams. */
export async function readClock(tx: Tx, { now, ...subject }: CalendarSubject & { readonly now: string }): Promise<RoutingFacts["time"]> {
  return localTime(now, await readCalendar(tx, subject));
}
