import type DataLoader from "dataloader";
import { NotFound } from "@weft/shared/errors";
import { decodeId, entityIdTypes, type IdType } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { ReferenceLoader } from "../subgraph/references.js";
import type { Context } from "./context.js";

/** A loader of objects by UUID, batched per request. Null for objects that the viewer cannot see. */
export type RowLoader<Node> = (ctx: Context) => DataLoader<string, Node | null>;

/**
 * Creates a loader of objects by UUID.
 * @param find finds the visible rows with the given IDs, in any order
 */
export function rowLoader<Row extends { readonly id: string }, Node>(
  name: string,
  find: (tx: Tx, viewer: Viewer, ids: readonly string[]) => Promise<readonly Row[]>,
  toNode: (row: Row) => Node,
): RowLoader<Node> {
  return (ctx) =>
    ctx.loader<string, Node>(name, async (tx, ids) => new Map((await find(tx, ctx.viewer, ids)).map((row) => [row.id, toNode(row)])));
}

/**
 * Loads the object with the ID given in a query.
 * @throws BadUserInput if the ID is malformed, NotFound
 */
export async function loadById<Node>(ctx: Context, loader: RowLoader<Node>, type: IdType, id: string): Promise<Node> {
  const node = await loader(ctx).load(decodeId(type, id));
  if (node === null) throw new NotFound(typeNameOf(type), id);
  return node;
}

const typeNameOf = (type: IdType): string => Object.entries(entityIdTypes).find(([, idType]) => idType === type)?.[0] ?? type;

/** Resolves a subgraph's references to an entity with the loader that its resolvers use. */
export const referencesThrough =
  (loader: RowLoader<object>): ReferenceLoader =>
  async (ctx, uuids) =>
    (await loader(ctx).loadMany([...uuids])).map((found) => {
      if (found instanceof Error) throw found;
      return found;
    });

/** Resolves a subgraph's references to an entity with a function that loads one object, batched per request. */
export const referencesEach =
  (load: (ctx: Context, uuid: string) => Promise<object | null>): ReferenceLoader =>
  (ctx, uuids) =>
    Promise.all(uuids.map((uuid) => load(ctx, uuid)));
