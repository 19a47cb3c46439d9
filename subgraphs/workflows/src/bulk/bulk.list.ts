import { bulk } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { loadItemCount, loadItems } from "./bulk.loader.js";
import { countOperations, selectOperationPage, visibleOperations } from "./bulk.store.js";
import {
  BulkKind,
  BulkStatus,
  toBulkItem,
  toBulkOperation,
  type BulkItem,
  type BulkItemRow,
  type BulkItemStatus,
  type BulkOperation,
  type BulkOperationRow,
} from "./bulk.type.js";

const { bulkItems, bulkOperations } = bulk;

export const BulkOperationFilter = filterInput("BulkOperationFilter", {
  kind: enumField("BulkKind", BulkKind, bulkOperations.kind),
  status: enumField("BulkStatus", BulkStatus, bulkOperations.status),
  createdBy: idField("user", bulkOperations.createdBy),
  createdAt: timeField(bulkOperations.createdAt),
});

export const BulkOperationOrder = orderByInput("BulkOperationOrder", {
  CREATED_AT: { column: bulkOperations.createdAt, valueOf: (row: BulkOperationRow) => row.createdAt },
  UPDATED_AT: { column: bulkOperations.updatedAt, valueOf: (row: BulkOperationRow) => row.updatedAt },
});

type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the operations that the viewer can see, newest first by default. */
export function listOperations(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<BulkOperation>> {
  const where = and(visibleOperations(ctx.viewer, "workflow.read"), BulkOperationFilter.toSql(filter, "filter", ctx.viewer));
  return keysetPage<BulkOperationRow, BulkOperation>(ctx, {
    args: page,
    list: "bulkOperations",
    orderBy: BulkOperationOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: bulkOperations.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectOperationPage(tx, where, slice)),
    count: () => ctx.read((tx) => countOperations(tx, where)),
    toNode: toBulkOperation,
  });
}

/** Returns a page of an operation's items, in order. */
export function listItems(
  ctx: Context,
  { id, total }: BulkOperationRow,
  status: BulkItemStatus | null,
  page: ConnectionArgs,
): Promise<Page<BulkItem>> {
  const position = { column: bulkItems.position, valueOf: (row: BulkItemRow) => String(row.position) };
  return keysetPage<BulkItemRow, BulkItem>(ctx, {
    args: page,
    list: `bulkOperation.items ${id} ${status ?? ""}`,
    orderBy: { ...position, name: "POSITION", direction: "ASC" },
    id: position,
    fetch: (slice) => loadItems(ctx, id, { slice, status, pageKey: `${page.first ?? ""}:${page.last ?? ""}` }),
    count: () => (status === null ? Promise.resolve(total) : loadItemCount(ctx, id, status)),
    toNode: toBulkItem,
  });
}
