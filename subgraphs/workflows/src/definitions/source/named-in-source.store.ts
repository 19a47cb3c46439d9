import { agents, automationRules, events, identity, integrations, workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, inArray, isNull, sql } from "drizzle-orm";

/** Returns the keys of all roles of the tenant, which definitions can refer to. */
export async function selectRoleKeys(tx: Tx): Promise<string[]> {
  const rows = await named("selectRoleKeys", tx.select({ key: identity.roles.key }).from(identity.roles));
  return rows.map((row) => row.key);
}

/** Returns the names of the tenant's custom permissions. */
export async function selectCustomPermissionNames(tx: Tx): Promise<string[]> {
  const { customPermissions } = identity;
  const rows = await named("selectCustomPermissionNames", tx.select({ name: customPermissions.name }).from(customPermissions));
  return rows.map((row) => row.name);
}

/**
 * Returns those of the given UUIDs that are users or teams of the tenant.
 * @param isKept whether the source is about to be written: its teams are then locked until commit
 */
export async function selectExistingIds(tx: Tx, ids: readonly string[], { isKept }: { isKept: boolean }): Promise<string[]> {
  const { teams, users } = identity;
  // A concurrent deletion of a team either comes first or sees this definition. A union does not lock rows, except in a named part (CTE).
  const lock = isKept ? sql`for key share` : sql``;
  const statement = sql`with kept as (select ${teams.id} from ${teams} where ${among(teams.id, ids)} and ${isNull(teams.deletedAt)} ${lock})
    select ${users.id} as id from ${users} where ${among(users.id, ids)} union all select id from kept`;
  const rows = await tx.execute<{ id: string }>(named("selectExistingIds", statement));
  return rows.map((row) => row.id);
}

/**
 * Returns the combinations in which active users have the given roles, directly or through a role that inherits from it. Users without any of them are
 * left out.
 */
export async function selectHeldRoles(tx: Tx, keys: readonly string[]): Promise<ReadonlySet<string>[]> {
  if (keys.length === 0) return [];
  const statement = sql`select distinct array_agg(distinct r.key order by r.key) as keys from identity.roles r
      join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.ancestor_id = r.id
      join identity.user_roles ur on ur.tenant_id = a.tenant_id and ur.role_id = a.role_id
      join identity.users u on u.tenant_id = ur.tenant_id and u.id = ur.user_id
     where r.tenant_id = app.tenant() and r.key = any(${sql.param([...keys])}::text[]) and u.status = 'ACTIVE'
     group by u.id`;
  const rows = await tx.execute<{ keys: string[] }>(named("selectHeldRoles", statement));
  return rows.map((row) => new Set(row.keys));
}

/**
 * Returns those of the given permissions that an active user has in some scope, through a role or directly, and that are not denied to the user in
 * all scopes.
 */
export async function selectHeldPermissions(tx: Tx, permissions: readonly string[]): Promise<string[]> {
  if (permissions.length === 0) return [];
  const wanted = sql`any(${sql.param([...permissions])}::text[])`;
  const statement = sql`select distinct held.permission from (
      select p.permission, ur.user_id from identity.role_permissions p
        join identity.role_ancestors a on a.tenant_id = p.tenant_id and a.ancestor_id = p.role_id
        join identity.user_roles ur on ur.tenant_id = a.tenant_id and ur.role_id = a.role_id
       where p.tenant_id = app.tenant() and p.permission = ${wanted}
      union
      select g.permission, g.user_id from identity.user_permissions g
       where g.tenant_id = app.tenant() and g.permission = ${wanted} and g.effect = 'GRANT') held
      join identity.users u on u.tenant_id = app.tenant() and u.id = held.user_id and u.status = 'ACTIVE'
     where not exists (select from identity.user_permissions d
       where d.tenant_id = app.tenant() and d.user_id = held.user_id and d.permission = held.permission and d.effect = 'DENY' and d.scope = 'TENANT')`;
  const rows = await tx.execute<{ permission: string }>(named("selectHeldPermissions", statement));
  return rows.map(({ permission }) => permission);
}

/** Returns those of the given keys for which instances can be started. */
export async function selectStartableKeys(tx: Tx, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const { definitions } = workflows;
  const wanted = sql`${definitions.key} = any(${sql.param([...keys])}::text[])`;
  const query = tx
    .selectDistinct({ key: definitions.key })
    .from(definitions)
    .where(and(wanted, inArray(definitions.status, ["PUBLISHED", "DEPRECATED"])));
  const rows = await named("selectStartableKeys", query);
  return rows.map(({ key }) => key);
}

/** Returns those of the given routes that have an active rule. */
export async function selectRulingRoutes(tx: Tx, routes: readonly string[]): Promise<string[]> {
  if (routes.length === 0) return [];
  const { routingRules } = workflows;
  const wanted = sql`${routingRules.route} = any(${sql.param([...routes])}::text[])`;
  const query = tx
    .selectDistinct({ route: routingRules.route })
    .from(routingRules)
    .where(and(wanted, eq(routingRules.isActive, true)));
  const rows = await named("selectRulingRoutes", query);
  return rows.map(({ route }) => route);
}

/** Returns the names of the calendars that the configuration of the tenant, or of one of its teams, contains. */
export async function selectCalendarNames(tx: Tx): Promise<string[]> {
  const statement = sql`with layers as (
      (select document from app.shared_configurations where level = 'PLATFORM' and key = '' order by version desc limit 1)
      union all
      (select s.document from app.shared_configurations s join identity.tenants t on t.tenant_id = app.tenant()
        where s.level = 'PLAN' and s.key = t.plan order by s.version desc limit 1)
      union all
      (select document from (select distinct on (level, subject_id) document from app.configurations
        where tenant_id = app.tenant() order by level, subject_id, version desc) own)
    )
    select distinct name from layers, jsonb_object_keys(coalesce(document -> 'calendars', '{}')) as name`;
  const rows = await tx.execute<{ name: string }>(named("selectCalendarNames", statement));
  return rows.map(({ name }) => name);
}

/** Returns the keys of the tenant's integrations. */
export async function selectIntegrationKeys(tx: Tx): Promise<string[]> {
  const rows = await named("selectIntegrationKeys", tx.select({ key: integrations.integrations.key }).from(integrations.integrations));
  return rows.map(({ key }) => key);
}

/** Returns those of the given keys that are keys of the tenant's agents. */
export async function selectAgentKeys(tx: Tx, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const wanted = sql`${agents.agents.key} = any(${sql.param([...keys])}::text[])`;
  const rows = await named("selectAgentKeys", tx.select({ key: agents.agents.key }).from(agents.agents).where(wanted));
  return rows.map(({ key }) => key);
}

/** Returns the names of the tenant's secrets. */
export async function selectSecretNames(tx: Tx): Promise<string[]> {
  const rows = await named("selectSecretNames", tx.select({ name: automationRules.secrets.name }).from(automationRules.secrets));
  return rows.map(({ name }) => name);
}

/** Returns the names of the types of events that the tenant has declared. */
export async function selectDeclaredEventTypes(tx: Tx): Promise<string[]> {
  const { customTypes } = events;
  const query = tx.select({ name: customTypes.name }).from(customTypes).where(isNull(customTypes.deletedAt));
  return (await named("selectDeclaredEventTypes", query)).map(({ name }) => name);
}

/** Returns those of the names under which a workflow that can be started emits events. */
export async function selectEmittedNames(tx: Tx, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await tx.execute<{ name: string }>(
    named(
      "selectEmittedNames",
      sql`select n.name from unnest(${sql.param([...names])}::text[]) as n (name)
       where exists (select from workflows.definitions d
         where d.tenant_id = app.tenant() and d.status in ('PUBLISHED', 'DEPRECATED')
           and jsonb_path_exists(d.document, '$.**.emit.type ? (@ == $name)', jsonb_build_object('name', n.name)))`,
    ),
  );
  return rows.map(({ name }) => name);
}
