import { sharing } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { filterInput, type FilterValue, idField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { countStarts, ownStarts, selectStartPage, type UseRow } from "./use.store.js";
import { toSharedStart, type SharedStart } from "./use.type.js";

const { definitionShareUses: uses } = sharing;

export const SharedStartFilter = filterInput("SharedStartFilter", {
  shareId: idField("definitionShare", uses.shareId),
  startedById: idField("user", uses.usedBy),
  startedAt: timeField(uses.createdAt),
});

export const SharedStartOrder = orderByInput("SharedStartOrder", {
  STARTED_AT: { column: uses.createdAt, valueOf: (row: UseRow) => row.createdAt },
});

interface ListOptions {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
}

/** Returns a page of what the tenant has started in other tenants, newest first by default. */
export function listStarts(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<SharedStart>> {
  const where = and(ownStarts, SharedStartFilter.toSql(filter));
  return keysetPage<UseRow, SharedStart>(ctx, {
    args: page,
    list: "sharedStarts",
    orderBy: SharedStartOrder.resolve(orderBy, ["STARTED_AT", "DESC"]),
    id: { column: uses.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectStartPage(tx, where, slice)),
    count: () => ctx.read((tx) => countStarts(tx, where)),
    toNode: toSharedStart,
  });
}
