import type { Context } from "@weft/api/context";
import type { KeysetSlice } from "@weft/api/pages";
import { countItems, selectItems, selectOperations } from "./bulk.store.js";
import { toBulkOperation, type BulkItemRow, type BulkItemStatus, type BulkOperation } from "./bulk.type.js";

/** Loads operations by UUID. Null for those that the viewer cannot see. */
export function loadOperation(ctx: Context, id: string): Promise<BulkOperation | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, BulkOperation>(
      "bulkOperation",
      async (tx, ids) => new Map((await selectOperations(tx, viewer, ids)).map((row) => [row.id, toBulkOperation(row)])),
    )
    .load(id);
}

/** Loads a slice of an operation's items. First pages of many operations take one statement; a page after a cursor is read separately. */
export async function loadItems(
  ctx: Context,
  operationId: string,
  { slice, status, pageKey }: { readonly slice: KeysetSlice; readonly status: BulkItemStatus | null; readonly pageKey: string },
): Promise<readonly BulkItemRow[]> {
  if (slice.where !== undefined) return ctx.read((tx) => selectItems(tx, [operationId], { slice, status }));
  const loader = ctx.loader<string, BulkItemRow[]>(`bulkItems:${pageKey}:${status ?? ""}`, async (tx, ids) =>
    Map.groupBy(await selectItems(tx, ids, { slice, status }), (row) => row.operationId),
  );
  return (await loader.load(operationId)) ?? [];
}

export async function loadItemCount(ctx: Context, operationId: string, status: BulkItemStatus): Promise<number> {
  return (await ctx.loader<string, number>(`bulkItemCount:${status}`, (tx, ids) => countItems(tx, ids, status)).load(operationId)) ?? 0;
}
