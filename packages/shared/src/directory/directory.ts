import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { Permission } from "../viewer/permissions.js";

/**
 * Who stands behind a role, a team or a vendor: the ids of active users, each once, in order. Within the transaction's tenant; a vendor's
 * user sees only herself and her colleagues here.
 */

/** Those too whose role inherits from such a role. @param roleKeys keys as definitions name them (`operations`) */
export async function membersOfRole(tx: Tx, roleKeys: readonly string[]): Promise<string[]> {
  if (roleKeys.length === 0) return [];
  return userIds(
    tx,
    "membersOfRole",
    sql`select distinct u.id from identity.roles r
          join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.ancestor_id = r.id
          join identity.user_roles ur on ur.tenant_id = a.tenant_id and ur.role_id = a.role_id
          join identity.users u on u.tenant_id = ur.tenant_id and u.id = ur.user_id
         where r.tenant_id = app.tenant() and r.key = any(${sql.param([...roleKeys])}::text[]) and u.status = 'ACTIVE' order by u.id`,
  );
}

/** Those who hold the permission for the whole tenant, by a role or by themselves, and are denied nothing of it. */
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

/** Whether the user holds the permission, in whatever scope, by a role or by himself, and is denied nothing of it. @param userId UUID */
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

/** @param vendorIds UUIDs */
export async function usersOfVendor(tx: Tx, vendorIds: readonly string[]): Promise<string[]> {
  if (vendorIds.length === 0) return [];
  return userIds(
    tx,
    "usersOfVendor",
    sql`select u.id from identity.users u
         where u.tenant_id = app.tenant() and u.vendor_id = any(${sql.param([...vendorIds])}::uuid[]) and u.status = 'ACTIVE' order by u.id`,
  );
}

/**
 * Of the users given those who may be told of an object: active ones, a vendor's people only when their vendor was given it. A role or a definition
 * may well name people of a vendor that has nothing to do with this one.
 * @param objectId UUID of the instance, or of what else `app.object_access` holds
 */
export async function thoseWhoMayKnow(tx: Tx, candidateIds: readonly string[], objectId: string): Promise<string[]> {
  if (candidateIds.length === 0) return [];
  return userIds(
    tx,
    "thoseWhoMayKnow",
    sql`select u.id from identity.users u
         where u.tenant_id = app.tenant() and u.id = any(${sql.param([...candidateIds])}::uuid[]) and u.status = 'ACTIVE'
           and (u.vendor_id is null or exists (
             select from app.object_access a where a.tenant_id = u.tenant_id and a.vendor_id = u.vendor_id and a.object_id = ${objectId}::uuid))
         order by u.id`,
  );
}

/**
 * Of the users given those whom work can be given to: active ones of the organisation itself. A vendor's people are reached through their vendor, and platform
 * operators are gone soon. No statement without ids.
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
 * Who stood in for each of the users at that time: stand-in by absent user. Not transitive, as what they may do is not. No statement without users.
 * @param at ISO 8601
 */
export async function standInsOf(tx: Tx, absentIds: readonly string[], at: string): Promise<{ absentId: string; standInId: string }[]> {
  if (absentIds.length === 0) return [];
  const rows = await tx.execute<{ absentId: string; standInId: string }>(
    named(
      "standInsOf",
      sql`select distinct a.user_id as "absentId", a.stand_in_id as "standInId" from workflows.absences a
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
