import { identity, workflows } from "@weft/drizzle";
import type { RoutingRuleRow } from "@weft/engine";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, isNull, sql, type SQL } from "drizzle-orm";

const { routingRules } = workflows;

export async function findRule(tx: Tx, id: string): Promise<RoutingRuleRow | null> {
  const [row] = await named("findRoutingRule", tx.select().from(routingRules).where(eq(routingRules.id, id)));
  return row ?? null;
}

export function selectRules(tx: Tx, ids: readonly string[]): Promise<RoutingRuleRow[]> {
  return named("selectRoutingRules", tx.select().from(routingRules).where(among(routingRules.id, ids)));
}

export function selectRulePage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<RoutingRuleRow[]> {
  return named(
    "selectRoutingRulePage",
    tx
      .select()
      .from(routingRules)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countRules(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countRoutingRules", tx.select({ count: count() }).from(routingRules).where(where));
  return row?.count ?? 0;
}

/** Returns the last position of a route and its number of rules. No other transaction can add a rule until this one ends. */
export async function lockRoute(tx: Tx, route: string): Promise<{ last: number; size: number }> {
  await tx.execute(
    named("lockRoute", sql`select pg_advisory_xact_lock(hashtextextended('weft.rules.' || app.tenant() || ${route}::text, 0))`),
  );
  const [row] = await named(
    "readRoute",
    tx
      .select({ last: sql<number>`coalesce(max(${routingRules.position}), 0)`, size: count() })
      .from(routingRules)
      .where(eq(routingRules.route, route)),
  );
  return row ?? { last: 0, size: 0 };
}

export async function insertRule(tx: Tx, values: typeof routingRules.$inferInsert): Promise<RoutingRuleRow> {
  const [row] = await named("insertRoutingRule", tx.insert(routingRules).values(values).returning());
  if (!row) throw new Error("insert returned no row");
  return row;
}

/** Returns null if the rule has changed since it was read. */
export async function updateRule(
  tx: Tx,
  { id, version }: RoutingRuleRow,
  changes: Partial<typeof routingRules.$inferInsert>,
): Promise<RoutingRuleRow | null> {
  const update = tx
    .update(routingRules)
    .set({ ...changes, version: version + 1, updatedAt: sql`app.weft_now()` })
    .where(and(eq(routingRules.id, id), eq(routingRules.version, version)))
    .returning();
  const [row] = await named("updateRoutingRule", update);
  return row ?? null;
}

export async function removeRule(tx: Tx, { id, version }: RoutingRuleRow): Promise<boolean> {
  const gone = tx
    .delete(routingRules)
    .where(and(eq(routingRules.id, id), eq(routingRules.version, version)))
    .returning({ id: routingRules.id });
  return (await named("removeRoutingRule", gone)).length > 0;
}

/** Returns those of the given UUIDs that are teams, for a rule that is about to be written. */
export async function selectTeams(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { teams } = identity;
  const rows =
    ids.length === 0
      ? []
      : await named(
          "selectKnownTeams",
          tx
            .select({ id: teams.id })
            .from(teams)
            .where(and(among(teams.id, ids), isNull(teams.deletedAt)))
            // A concurrent deletion of a team either comes first or sees the rule.
            .for("key share"),
        );
  return new Set(rows.map(({ id }) => id));
}

/** Returns those of the given keys that are roles. */
export async function selectRoles(tx: Tx, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { roles } = identity;
  const where = sql`${roles.key} = any(${sql.param([...keys])}::text[])`;
  const rows = keys.length === 0 ? [] : await named("selectKnownRoles", tx.select({ key: roles.key }).from(roles).where(where));
  return new Set(rows.map(({ key }) => key));
}
