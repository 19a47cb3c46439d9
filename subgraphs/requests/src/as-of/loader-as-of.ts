import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { RowLoader } from "@weft/api/context";
import type { InferSelectModel } from "drizzle-orm";
import { findPastRows, type KeptTable } from "./past-rows.store.js";

/** Loads objects as they were at a time (ISO 8601), or as they are now if it is null. Null for objects that the viewer cannot see now. */
export type LoaderAsOf<Node> = (asOf: string | null) => RowLoader<Node>;

interface Kept<T extends KeptTable, Node> {
  readonly name: string;
  readonly table: T;
  readonly find: (tx: Tx, viewer: Viewer, ids: readonly string[]) => Promise<readonly { readonly id: string }[]>;
  readonly toNode: (row: InferSelectModel<T>) => Node;
  readonly now: RowLoader<Node>;
}

/** `asOf` of a node makes what it refers to as it was then, too. */
export function loaderAsOf<T extends KeptTable, Node extends { readonly asOf: string | null }>(kept: Kept<T, Node>): LoaderAsOf<Node> {
  const { name, table, find, toNode, now } = kept;
  return (asOf) => (ctx) =>
    asOf === null
      ? now(ctx)
      : ctx.loader<string, Node>(`${name} as of ${asOf}`, async (tx, ids) => {
          const visible = (await find(tx, ctx.viewer, ids)).map(({ id }) => id);
          const rows = visible.length > 0 ? await findPastRows(tx, table, visible, asOf) : [];
          return new Map(rows.map((row) => [(row as { readonly id: string }).id, Object.assign(toNode(row), { asOf })]));
        });
}
