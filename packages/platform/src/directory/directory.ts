import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { arrayOf, named } from "../db/named.js";
import type { Permission } from "@weft/shared/viewer";

/**
 * Finds the users of a role, a team or a vendor: the IDs of active users, without duplicates, in order. Queries are limited to the transaction's
 * tenant; a vendor's user sees only themselves and their colleagues. `limit` and `offset 0` in a look-up prevent the planner from turning it into a
 * join, for which it would read all users of the tenant if there are no statistics.
 */

/**
 * Includes users whose role inherits from one of the roles.
 * @param roleKeys keys as in definitions (`operations`)
 */
export async function membersOfRole(tx: Tx, roleKeys: readonly string[]): Promise<string[]> {
  if (roleKeys.length === 0) return [];
  return userIds(
    tx,
    "membersOfRole",
    sql`select distinct u.id from unnest(${arrayOf(roleKeys, "text")}) as k (key)
          cross join lateral (select r.id from identity.roles r where r.tenant_id = app.tenant() and r.key = k.key limit 1) r
          cross join lateral (select a.role_id from identity.role_ancestors a where a.tenant_id = app.tenant() and a.ancestor_id = r.id offset 0) a
          cross join lateral (select ur.user_id from identity.user_roles ur where ur.tenant_id = app.tenant() and ur.role_id = a.role_id offset 0) ur
          cross join lateral (select u.id from identity.users u
            where u.tenant_id = app.tenant() and u.id = ur.user_id and u.status = 'ACTIVE' limit 1) u
         order by u.id`,
  );
}

/** Finds the users who have the permission for the whole tenant, by a role or directly, without any denial of it. Excludes platform operators. */
export async function holdersOf(tx: Tx, permission: Permission): Promise<string[]> {
  return userIds(
    tx,
    "holdersOf",
    sql`select u.id from (
          select ur.user_id from identity.role_permissions p
            join identity.role_ancestors a on a.tenant_id = p.tenant_id and a.ancestor_id = p.role_id
            join identity.user_roles ur on ur.tenant_id = a.tenant_id and ur.role_id = a.role_id
           where p.tenant_id = app.tenant() and p.permission = ${permission} and p.scope = 'TENANT'
          union
          select g.user_id from identity.user_permissions g
           where g.tenant_id = app.tenant() and g.permission = ${permission} and g.scope = 'TENANT' and g.effect = 'GRANT') h
          join identity.users u on u.tenant_id = app.tenant() and u.id = h.user_id
         where u.status = 'ACTIVE' and u.type <> 'OPERATOR' and not exists (
           select from identity.user_permissions d
            where d.tenant_id = u.tenant_id and d.user_id = u.id and d.permission = ${permission} and d.effect = 'DENY')
         order by u.id`,
  );
}

/**
 * Returns whether the user has the permission in any scope, by a role or directly, without any denial of it.
 * @param userId UUID
 */
export async function holdsPermission(tx: Tx, userId: string, permission: Permission): Promise<boolean> {
  const found = await userIds(
    tx,
    "holdsPermission",
    sql`select u.id from identity.users u
         where u.tenant_id = app.tenant() and u.id = ${userId}::uuid
           and (exists (
             select from identity.user_roles ur
               join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
               join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
              where ur.tenant_id = u.tenant_id and ur.user_id = u.id and p.permission = ${permission})
             or exists (
             select from identity.user_permissions g
              where g.tenant_id = u.tenant_id and g.user_id = u.id and g.permission = ${permission} and g.effect = 'GRANT'))
           and not exists (
             select from identity.user_permissions d
              where d.tenant_id = u.tenant_id and d.user_id = u.id and d.permission = ${permission} and d.effect = 'DENY')`,
  );
  return found.length > 0;
}

/** @param teamIds UUIDs */
export async function membersOfTeam(tx: Tx, teamIds: readonly string[]): Promise<string[]> {
  if (teamIds.length === 0) return [];
  return userIds(
    tx,
    "membersOfTeam",
    sql`select distinct u.id from identity.team_members m
          join identity.users u on u.tenant_id = m.tenant_id and u.id = m.user_id
         where m.tenant_id = app.tenant() and m.team_id = any(${sql.param([...teamIds])}::uuid[]) and u.status = 'ACTIVE' order by u.id`,
  );
}

/** @param teamIds UUIDs */
export async function leadsOfTeam(tx: Tx, teamIds: readonly string[]): Promise<string[]> {
  if (teamIds.length === 0) return [];
  return userIds(
    tx,
    "leadsOfTeam",
    sql`select distinct u.id from identity.team_members m
          join identity.users u on u.tenant_id = m.tenant_id and u.id = m.user_id
         where m.tenant_id = app.tenant() and m.team_id = any(${sql.param([...teamIds])}::uuid[]) and m.is_lead and u.status = 'ACTIVE' order by u.id`,
  );
}

/** @param vendorIds UUIDs */
export async function usersOfVendor(tx: Tx, vendorIds: readonly string[]): Promise<string[]> {
  if (vendorIds.length === 0) return [];
  return userIds(
    tx,
    "usersOfVendor",
    sql`select distinct u.id from unnest(${sql.param([...vendorIds])}::uuid[]) as v (id)
          cross join lateral (select u.id, u.status from identity.users u where u.tenant_id = app.tenant() and u.vendor_id = v.id offset 0) u
         where u.status = 'ACTIVE' order by u.id`,
  );
}

/** @param projectId UUID */
export async function membersOfProject(tx: Tx, projectId: string): Promise<string[]> {
  return userIds(
    tx,
    "membersOfProject",
    sql`select u.id from vendors.project_members m
          join identity.users u on u.tenant_id = m.tenant_id and u.id = m.user_id
         where m.tenant_id = app.tenant() and m.project_id = ${projectId}::uuid and u.status = 'ACTIVE' order by u.id`,
  );
}

/**
 * Condition that the scopes of `request.read` of the user `u` reach the request `r` of the instance `h`, as `visibleInstances` decides for a viewer. Users
 * of a vendor must also have been given the request.
 * @param audience INTERNAL: that the user works on it, as `worksOn` decides
 */
export function readsRequest(audience: "INTERNAL" | "PUBLIC"): SQL {
  const teams = sql`select m.team_id from identity.team_members m where m.tenant_id = u.tenant_id and m.user_id = u.id`;
  const reaches = (scope: SQL): SQL => sql`case ${scope} when 'TENANT' then true when 'OWN' then h.owner_id = u.id
    when 'TEAM' then h.team_id in (${teams})
    when 'ASSIGNED' then h.assignee_user_id = u.id or h.assignee_team_id in (${teams}) or h.assignee_vendor_id = u.vendor_id
    when 'BUILDING' then r.building_id in (select bu.building_id from requests.building_users bu where bu.tenant_id = u.tenant_id and bu.user_id = u.id) end`;
  return sql`(${audience} = 'PUBLIC' or u.vendor_id is null) and exists (
      select from (
        select p.scope from identity.user_roles ur
          join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
          join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
         where ur.tenant_id = u.tenant_id and ur.user_id = u.id and p.permission = 'request.read'
        union all
        select g.scope from identity.user_permissions g
         where g.tenant_id = u.tenant_id and g.user_id = u.id and g.permission = 'request.read' and g.effect = 'GRANT') as held
       where (${audience} = 'PUBLIC' or held.scope <> 'OWN') and ${reaches(sql`held.scope`)})
    and not exists (
      select from identity.user_permissions d
       where d.tenant_id = u.tenant_id and d.user_id = u.id and d.permission = 'request.read' and d.effect = 'DENY' and ${reaches(sql`d.scope`)})`;
}

/**
 * Returns the users who watch a request and can read it now.
 * @param audience of what they are notified of; INTERNAL: only users who work on it
 */
export async function watchersOf(tx: Tx, requestId: string, audience: "INTERNAL" | "PUBLIC"): Promise<string[]> {
  return userIds(
    tx,
    "watchersOf",
    sql`select u.id from requests.watchers w
          join identity.users u on u.tenant_id = w.tenant_id and u.id = w.user_id
          join requests.requests r on r.tenant_id = w.tenant_id and r.id = w.request_id
          join workflows.instance_heads h on h.tenant_id = r.tenant_id and h.id = r.instance_id
         where w.tenant_id = app.tenant() and w.request_id = ${requestId}::uuid and w.ended_at is null and u.status = 'ACTIVE'
           and ${readsRequest(audience)}
         order by u.id`,
  );
}

/** Returns those of the given users who belong to the organization and can read a request. Runs no statement without IDs. */
export async function staffWhoReadRequest(tx: Tx, ids: readonly string[], requestId: string): Promise<string[]> {
  if (ids.length === 0) return [];
  return userIds(
    tx,
    "staffWhoReadRequest",
    sql`select u.id from identity.users u
          join requests.requests r on r.tenant_id = u.tenant_id and r.id = ${requestId}::uuid
          join workflows.instance_heads h on h.tenant_id = r.tenant_id and h.id = r.instance_id
         where u.tenant_id = app.tenant() and u.id = any(${sql.param([...ids])}::uuid[]) and u.status = 'ACTIVE' and u.vendor_id is null
           and u.type <> 'OPERATOR' and ${readsRequest("PUBLIC")}
         order by u.id`,
  );
}

/**
 * Returns those of the given users who can be notified of an object: active users, and users of a vendor only if the vendor was given the object.
 * Roles and definitions can include users of a vendor that is not involved in this object.
 * @param objectId UUID of the instance, or of another object in `app.object_access`
 */
export async function usersWhoCanSee(tx: Tx, candidateIds: readonly string[], objectId: string): Promise<string[]> {
  if (candidateIds.length === 0) return [];
  return userIds(
    tx,
    "usersWhoCanSee",
    sql`select u.id from identity.users u
         where u.tenant_id = app.tenant() and u.id = any(${sql.param([...candidateIds])}::uuid[]) and u.status = 'ACTIVE'
           and (u.vendor_id is null or exists (
             select from app.object_access a where a.tenant_id = u.tenant_id and a.vendor_id = u.vendor_id and a.object_id = ${objectId}::uuid))
         order by u.id`,
  );
}

/**
 * Returns those of the given users whom work can be assigned to: active users of the organization itself. A vendor's users are reached through their
 * vendor, and platform operators are present only temporarily. Runs no statement without IDs.
 * @param ids UUIDs
 */
export async function workersAmong(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const found = await userIds(
    tx,
    "workersAmong",
    sql`select u.id from identity.users u
         where u.tenant_id = app.tenant() and u.id = any(${sql.param([...ids])}::uuid[]) and u.status = 'ACTIVE' and u.vendor_id is null and u.type <> 'OPERATOR'`,
  );
  return new Set(found);
}

/**
 * Returns the substitutes of the given absent users at a time. Not transitive, like the substitutes' rights. Runs no statement without users.
 * @param at ISO 8601
 */
export async function substitutesOf(
  tx: Tx,
  absentIds: readonly string[],
  at: string,
): Promise<{ absentId: string; substituteId: string }[]> {
  if (absentIds.length === 0) return [];
  const rows = await tx.execute<{ absentId: string; substituteId: string }>(
    named(
      "substitutesOf",
      sql`select distinct a.user_id as "absentId", a.substitute_id as "substituteId" from workflows.absences a
           where a.tenant_id = app.tenant() and a.user_id = any(${sql.param([...absentIds])}::uuid[])
             and a.starts_at <= ${at}::timestamptz and a.ends_at > ${at}::timestamptz
           order by 1, 2`,
    ),
  );
  return [...rows];
}

async function userIds(tx: Tx, name: string, statement: SQL): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(named(name, statement));
  return rows.map((row) => row.id);
}
