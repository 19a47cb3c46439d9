import { sharing } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { countShares, presentStatus, selectSharePage } from "./share.store.js";
import {
  DefinitionShareMode,
  DefinitionShareSide,
  DefinitionShareStatus,
  toDefinitionShare,
  type DefinitionShare,
  type ShareRow,
} from "./share.type.js";

const { definitionShares } = sharing;

export const DefinitionShareFilter = filterInput("DefinitionShareFilter", {
  side: enumField("DefinitionShareSide", DefinitionShareSide, definitionShares.side, "Given by your tenant, or received."),
  mode: enumField("DefinitionShareMode", DefinitionShareMode, definitionShares.mode),
  status: enumField("DefinitionShareStatus", DefinitionShareStatus, presentStatus),
  definitionKey: textField(definitionShares.definitionKey),
  partnerSlug: textField(definitionShares.partnerSlug),
  expiresAt: timeField(definitionShares.expiresAt),
});

export const DefinitionShareOrder = orderByInput("DefinitionShareOrder", {
  CREATED_AT: { column: definitionShares.createdAt, valueOf: (row: ShareRow) => row.createdAt },
  EXPIRES_AT: { column: definitionShares.expiresAt, valueOf: (row: ShareRow) => row.expiresAt },
});

interface ListOptions {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
}

/** Returns a page of the shares that the tenant has given and received, newest first by default. */
export function listShares(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<DefinitionShare>> {
  const where = DefinitionShareFilter.toSql(filter);
  return keysetPage<ShareRow, DefinitionShare>(ctx, {
    args: page,
    list: "definitionShares",
    orderBy: DefinitionShareOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: definitionShares.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectSharePage(tx, where, slice)),
    count: () => ctx.read((tx) => countShares(tx, where)),
    toNode: toDefinitionShare,
  });
}
