import { audit, workflows } from "@weft/drizzle";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { headPosition, startConsuming, stopConsuming } from "@weft/platform/events";
import { and, asc, eq, isNotNull, or, sql } from "drizzle-orm";
import type { DestinationRow } from "../destinations/destination.store.js";

const { notificationDestinations, notificationRules } = audit;
const { instanceHeads } = workflows;

export type RuleRow = typeof notificationRules.$inferSelect;
export type RuleRecipient = RuleRow["recipients"][number];
export type RuleChanges = Partial<typeof notificationRules.$inferInsert>;

/** Name of the consumer that applies rules. It has a cursor only in tenants with an active rule. */
export const RULES_CONSUMER = "notificationRules";

export async function findRule(tx: Tx, id: string): Promise<RuleRow | null> {
  const [row] = await named("findNotificationRule", tx.select().from(notificationRules).where(eq(notificationRules.id, id)));
  return row ?? null;
}

/** Counts the rules of the tenant. Nobody else can create one until commit. */
export async function lockRuleCount(tx: Tx): Promise<number> {
  await tx.execute(
    named("lockNotificationRules", sql`select pg_advisory_xact_lock(hashtextextended('weft.notification_rules.' || app.tenant(), 0))`),
  );
  return countRows(tx, { name: "countAllNotificationRules", table: notificationRules, where: undefined });
}

/** Returns the tenant's active rules, in the order of their creation. */
export const selectActiveRules = (tx: Tx): Promise<RuleRow[]> =>
  named(
    "selectActiveNotificationRules",
    tx.select().from(notificationRules).where(eq(notificationRules.status, "ACTIVE")).orderBy(asc(notificationRules.id)),
  );

export const insertRule = (tx: Tx, values: typeof notificationRules.$inferInsert): Promise<RuleRow> =>
  insertedRow(named("insertNotificationRule", tx.insert(notificationRules).values(values).returning()));

/** Returns null if the rule's version is no longer `version`. */
export const updateRule = (tx: Tx, { id, version }: Pick<RuleRow, "id" | "version">, changes: RuleChanges): Promise<RuleRow | null> =>
  writtenRow(
    named(
      "updateNotificationRule",
      tx
        .update(notificationRules)
        .set({ ...changes, ...nextVersion(notificationRules) })
        .where(atVersion(notificationRules, id, version))
        .returning(),
    ),
  );

/** Returns null if the rule's version is no longer `version`. */
export const removeRule = (tx: Tx, { id, version }: Pick<RuleRow, "id" | "version">): Promise<RuleRow | null> =>
  writtenRow(
    named(
      "removeNotificationRule",
      tx
        .delete(notificationRules)
        .where(atVersion(notificationRules, id, version))
        .returning(),
    ),
  );

/** Records that an event had more recipients than a rule can notify. Not a change of the rule. */
export async function noteCut(tx: Tx, id: string, { at, count }: { readonly at: string; readonly count: number }): Promise<void> {
  await named(
    "noteCutNotificationRule",
    tx.update(notificationRules).set({ lastCutAt: at, lastCutCount: count }).where(eq(notificationRules.id, id)),
  );
}

/** Lets the consumer run in this tenant. Returns the position after which events are considered. */
export async function beginConsuming(tx: Tx): Promise<number> {
  await startConsuming(tx, RULES_CONSUMER);
  return headPosition(tx);
}

/** Ends the consumer in this tenant if no active rule is left. */
export const endConsuming = (tx: Tx): Promise<void> =>
  stopConsuming(
    tx,
    RULES_CONSUMER,
    sql`exists (select from audit.notification_rules where tenant_id = app.tenant() and status = 'ACTIVE')`,
  );

const selectParties = (tx: Tx, { instanceId, businessId }: { readonly instanceId: string | null; readonly businessId: string | null }) =>
  named(
    "findPartiesOfInstance",
    tx
      .select({
        ownerId: instanceHeads.ownerId,
        assigneeUserId: instanceHeads.assigneeUserId,
        assigneeTeamId: instanceHeads.assigneeTeamId,
        assigneeVendorId: instanceHeads.assigneeVendorId,
      })
      .from(instanceHeads)
      .where(
        or(
          instanceId === null ? undefined : eq(instanceHeads.id, instanceId),
          instanceId !== null || businessId === null ? undefined : eq(instanceHeads.subjectId, businessId),
        ),
      )
      .limit(1),
  );

/** Owner and assignee of an instance. */
export type Parties = Awaited<ReturnType<typeof selectParties>>[number];

/** Returns the owner and the assignee of an instance, or of the instance of a business object. Null if there is none. */
export async function findParties(tx: Tx, ids: Parameters<typeof selectParties>[1]): Promise<Parties | null> {
  if (ids.instanceId === null && ids.businessId === null) return null;
  const [row] = await selectParties(tx, ids);
  return row ?? null;
}

/** Returns the keys of roles by UUID. */
export async function findRoleKeys(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx.execute<{ key: string }>(
    named(
      "findRoleKeys",
      sql`select key from identity.roles where tenant_id = app.tenant() and id = any(${sql.param([...ids])}::uuid[]) order by key`,
    ),
  );
  return rows.map(({ key }) => key);
}

/** Returns the active chats that a rule sends to, each once, in order: those of teams, and single ones. */
export const findChats = (
  tx: Tx,
  { teamIds, ids }: { readonly teamIds: readonly string[]; readonly ids: readonly string[] },
): Promise<DestinationRow[]> =>
  named(
    "findChatsOfRule",
    tx
      .select()
      .from(notificationDestinations)
      .where(
        and(
          eq(notificationDestinations.status, "ACTIVE"),
          isNotNull(notificationDestinations.teamId),
          or(among(notificationDestinations.teamId, teamIds), among(notificationDestinations.id, ids)),
        ),
      )
      .orderBy(asc(notificationDestinations.id)),
  );

/** Names that exist in the tenant, of those given. */
export interface KnownNames {
  readonly roles: ReadonlySet<string>;
  readonly teams: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  readonly chats: ReadonlySet<string>;
}

/** Returns which of the roles (by key), teams, users and chats of teams (by UUID) exist, with one statement. Users must be active. */
export async function findKnown(
  tx: Tx,
  { roles, teams, users, chats }: { readonly [Name in keyof KnownNames]: readonly string[] },
): Promise<KnownNames> {
  const rows = await tx.execute<{ what: "role" | "team" | "user" | "chat"; name: string }>(
    named(
      "findKnownRecipients",
      sql`select 'role' as what, key as name from identity.roles where tenant_id = app.tenant() and key = any(${sql.param([...roles])}::text[])
        union all select 'team', id::text from identity.teams where tenant_id = app.tenant() and id = any(${sql.param([...teams])}::uuid[]) and deleted_at is null
        union all select 'chat', id::text from audit.notification_destinations
          where tenant_id = app.tenant() and id = any(${sql.param([...chats])}::uuid[]) and team_id is not null and status <> 'REMOVED'
        union all select 'user', id::text from identity.users
          where tenant_id = app.tenant() and id = any(${sql.param([...users])}::uuid[]) and status = 'ACTIVE' and type <> 'OPERATOR'`,
    ),
  );
  const of = (wanted: string) => new Set(rows.filter(({ what }) => what === wanted).map(({ name }) => name));
  return { roles: of("role"), teams: of("team"), users: of("user"), chats: of("chat") };
}
