import { requests as tables } from "@weft/drizzle";
import {
  among,
  BadUserInput,
  type KeysetSlice,
  mapDatabaseError,
  named,
  type Permission,
  quote,
  type Tx,
  type Viewer,
  visibleObjects,
} from "@weft/shared";
import { and, count, eq, type SQL } from "drizzle-orm";

const { requestTypes } = tables;

export type RequestTypeRow = typeof requestTypes.$inferSelect;
export type NewRequestType = typeof requestTypes.$inferInsert;

const selectRequestTypes = (tx: Tx) => tx.select().from(requestTypes).$dynamic();

/** The aggregate's visibility: whoever holds the permission in the tenant. */
const visible = (viewer: Viewer, permission: Permission): SQL => visibleObjects("requestType", viewer, permission);

/** The visible ones of the given ids, in any order. */
export const findRequestTypes = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<RequestTypeRow[]> =>
  named("findRequestTypes", selectRequestTypes(tx).where(and(among(requestTypes.id, ids), visible(viewer, "requestType.read"))));

export async function findRequestTypeByKey(tx: Tx, viewer: Viewer, key: string): Promise<RequestTypeRow | null> {
  const [row] = await selectRequestTypes(tx).where(and(eq(requestTypes.key, key), visible(viewer, "requestType.read")));
  return row ?? null;
}

/** The keys of the types that the viewer sees, for suggestions. */
export async function findRequestTypeKeys(tx: Tx, viewer: Viewer): Promise<string[]> {
  const query = tx.select({ key: requestTypes.key }).from(requestTypes);
  const rows = await named("findRequestTypeKeys", query.where(visible(viewer, "requestType.read")).orderBy(requestTypes.key).limit(1_000));
  return rows.map(({ key }) => key);
}

export async function insertRequestType(tx: Tx, values: NewRequestType): Promise<RequestTypeRow> {
  try {
    const [row] = await named("insertRequestType", tx.insert(requestTypes).values(values).returning());
    if (row === undefined) throw new Error("The inserted request type was not returned.");
    return row;
  } catch (error) {
    throw mapDatabaseError(error, {
      request_types_key_key: () =>
        new BadUserInput([{ path: "input.key", message: `There is a request type ${quote(values.key)} already; choose another key.` }]),
      request_types_number_prefix_key: () =>
        new BadUserInput([
          {
            path: "input.numberPrefix",
            message: `Another request type numbers with ${quote(values.numberPrefix)}; choose another prefix.`,
          },
        ]),
    });
  }
}

/** A slice of the visible requestTypes that the condition picks out. */
export const listRequestTypes = (tx: Tx, viewer: Viewer, where: SQL | undefined, slice: KeysetSlice): Promise<RequestTypeRow[]> =>
  named(
    "listRequestTypes",
    selectRequestTypes(tx)
      .where(and(visible(viewer, "requestType.read"), where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

/** How many visible requestTypes the condition picks out. */
export async function countRequestTypes(tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(requestTypes)
    .where(and(visible(viewer, "requestType.read"), where));
  const [row] = await named("countRequestTypes", query);
  return row?.count ?? 0;
}
