import { requests as tables } from "@weft/drizzle";
import { among, insertedRow, named, type Permission, quote, type Tx, type Viewer, visibleObjects } from "@weft/shared";
import { and, eq, type SQL } from "drizzle-orm";

const { requestTypes } = tables;

export type RequestTypeRow = typeof requestTypes.$inferSelect;
export type NewRequestType = typeof requestTypes.$inferInsert;

const selectRequestTypes = (tx: Tx) => tx.select().from(requestTypes).$dynamic();

/** Visibility of the aggregate: viewers with the permission in the tenant. */
export const visibleRequestTypes = (viewer: Viewer, permission: Permission): SQL => visibleObjects("requestType", viewer, permission);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findRequestTypes = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<RequestTypeRow[]> =>
  named(
    "findRequestTypes",
    selectRequestTypes(tx).where(and(among(requestTypes.id, ids), visibleRequestTypes(viewer, "requestType.read"))),
  );

export async function findRequestTypeByKey(tx: Tx, viewer: Viewer, key: string): Promise<RequestTypeRow | null> {
  const [row] = await selectRequestTypes(tx).where(and(eq(requestTypes.key, key), visibleRequestTypes(viewer, "requestType.read")));
  return row ?? null;
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

/** @throws BadUserInput if the key or the prefix of request numbers is taken */
export const insertRequestType = (tx: Tx, values: NewRequestType): Promise<RequestTypeRow> =>
  insertedRow(named("insertRequestType", tx.insert(requestTypes).values(values).returning()), {
    request_types_key_key: {
      path: "input.key",
      message: `The request type ${quote(values.key)} already exists. Choose another key.`,
    },
    request_types_number_prefix_key: {
      path: "input.numberPrefix",
      message: `Another request type uses the number prefix ${quote(values.numberPrefix)}. Choose another one.`,
    },
  });
