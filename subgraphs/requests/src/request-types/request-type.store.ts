import { identity, requests as tables } from "@weft/drizzle";
import { quote } from "@weft/shared/errors";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, desc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";

const { requestTypes, requestTypeVersions } = tables;
const { roles, teams } = identity;

export type RequestTypeRow = typeof requestTypes.$inferSelect;
export type NewRequestType = typeof requestTypes.$inferInsert;
export type RequestTypeChanges = Partial<Omit<NewRequestType, "tenantId" | "id" | "key" | "version" | "createdAt" | "updatedAt">>;
export type RequestTypeVersionRow = typeof requestTypeVersions.$inferSelect;

const selectRequestTypes = (tx: Tx) => tx.select().from(requestTypes).$dynamic();

/** Visibility of the aggregate: viewers with the permission in the tenant. */
export const visibleRequestTypes = (viewer: Viewer, permission: Permission): SQL => visibleObjects("requestType", viewer, permission);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findRequestTypes = (
  tx: Tx,
  viewer: Viewer,
  ids: readonly string[],
  permission: Permission = "requestType.read",
): Promise<RequestTypeRow[]> =>
  named("findRequestTypes", selectRequestTypes(tx).where(and(among(requestTypes.id, ids), visibleRequestTypes(viewer, permission))));

/** Returns the types that the viewer can use for new requests, in the order of the catalog. */
export const findUsableRequestTypes = (tx: Tx, viewer: Viewer): Promise<RequestTypeRow[]> =>
  named(
    "findUsableRequestTypes",
    selectRequestTypes(tx)
      .where(and(visibleRequestTypes(viewer, "requestType.read"), eq(requestTypes.status, "ACTIVE"), isOpenTo(viewer)))
      .orderBy(requestTypes.position, requestTypes.name, requestTypes.id)
      .limit(1_000),
  );

/** The same rule as `canUse` of the service. */
const isOpenTo = ({ roles: roleKeys, teamIds }: Viewer): SQL =>
  sql`(${requestTypes.roleKeys} = '{}' and ${requestTypes.teamIds} = '{}'
    or ${requestTypes.roleKeys} && ${sql.param([...roleKeys])}::text[] or ${requestTypes.teamIds} && ${sql.param([...teamIds])}::uuid[])`;

export async function findRequestTypeByKey(tx: Tx, viewer: Viewer, key: string): Promise<RequestTypeRow | null> {
  const [row] = await selectRequestTypes(tx).where(and(eq(requestTypes.key, key), visibleRequestTypes(viewer, "requestType.read")));
  return row ?? null;
}

/** Regardless of the viewer: the priority of a request that a user can see does not depend on whether they see its type. */
export async function findDefaultPriority(tx: Tx, typeId: string): Promise<number | null> {
  const query = tx.select({ priority: requestTypes.defaultPriority }).from(requestTypes).where(eq(requestTypes.id, typeId));
  const [row] = await named("findDefaultPriority", query);
  return row?.priority ?? null;
}

/** Returns the keys of the types that the viewer can see, for suggestions. */
export async function findRequestTypeKeys(tx: Tx, viewer: Viewer): Promise<string[]> {
  const query = tx.select({ key: requestTypes.key }).from(requestTypes);
  const rows = await named(
    "findRequestTypeKeys",
    query.where(visibleRequestTypes(viewer, "requestType.read")).orderBy(requestTypes.key).limit(1_000),
  );
  return rows.map(({ key }) => key);
}

const taken = ({ key, numberPrefix = "" }: { readonly key: string; readonly numberPrefix?: string | undefined }) => ({
  request_types_key_key: {
    path: "input.key",
    message: `The request type ${quote(key)} already exists. Choose another key.`,
  },
  request_types_number_prefix_key: {
    path: "input.numberPrefix",
    message: `Another request type uses the number prefix ${quote(numberPrefix)}. Choose another one.`,
  },
});

/** @throws BadUserInput if the key or the prefix of request numbers is taken */
export const insertRequestType = (tx: Tx, values: NewRequestType): Promise<RequestTypeRow> =>
  insertedRow(named("insertRequestType", tx.insert(requestTypes).values(values).returning()), taken(values));

/**
 * Returns null if the type's version is no longer that of `before`.
 * @throws BadUserInput if the prefix of request numbers is taken
 */
export function updateRequestTypeRow(tx: Tx, before: RequestTypeRow, changes: RequestTypeChanges): Promise<RequestTypeRow | null> {
  const query = tx
    .update(requestTypes)
    .set({ ...changes, ...nextVersion(requestTypes) })
    .where(atVersion(requestTypes, before.id, before.version))
    .returning();
  return writtenRow(named("updateRequestTypeRow", query), taken({ key: before.key, numberPrefix: changes.numberPrefix }));
}

export async function insertRequestTypeVersion(tx: Tx, values: typeof requestTypeVersions.$inferInsert): Promise<void> {
  await insertedRow(named("insertRequestTypeVersion", tx.insert(requestTypeVersions).values(values).returning()));
}

/** Returns the newest versions of each type, at most `limit`, newest first. */
export function selectRequestTypeVersions(tx: Tx, typeIds: readonly string[], limit: number): Promise<RequestTypeVersionRow[]> {
  const newest = sql`${requestTypeVersions.version} > (
    select t.version - ${limit} from requests.request_types t where t.tenant_id = app.tenant() and t.id = ${requestTypeVersions.typeId})`;
  const query = tx
    .select()
    .from(requestTypeVersions)
    .where(and(among(requestTypeVersions.typeId, typeIds), newest))
    .orderBy(requestTypeVersions.typeId, desc(requestTypeVersions.version));
  return named("selectRequestTypeVersions", query);
}

/** Returns those of the role keys that exist. */
export async function findRoleKeys(tx: Tx, keys: readonly string[]): Promise<string[]> {
  const query = tx
    .select({ key: roles.key })
    .from(roles)
    .where(inArray(roles.key, [...keys]));
  return (await named("findRoleKeys", query)).map(({ key }) => key);
}

/** Returns those of the teams that exist. */
export async function findTeamIds(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const query = tx
    .select({ id: teams.id })
    .from(teams)
    .where(and(among(teams.id, ids), isNull(teams.deletedAt)));
  return (await named("findTeamIds", query)).map(({ id }) => id);
}
