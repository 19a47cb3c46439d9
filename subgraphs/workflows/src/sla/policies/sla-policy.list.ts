import { sla } from "@weft/drizzle";
import type { SlaPolicyRow } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { filterInput, type FilterValue, textField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { countPolicies, selectPolicyPage } from "./sla-policy.store.js";
import { toSlaPolicy, type SlaPolicy } from "./sla-policy.type.js";

const { slaPolicies } = sla;

export const SlaPolicyFilter = filterInput("SlaPolicyFilter", {
  key: textField(slaPolicies.key),
  name: textField(slaPolicies.name),
  definitionKey: textField(slaPolicies.definitionKey),
  requestType: textField(slaPolicies.requestType),
});

export const SlaPolicyOrder = orderByInput("SlaPolicyOrder", {
  POSITION: { column: slaPolicies.position, valueOf: (row: SlaPolicyRow) => String(row.position) },
  KEY: { column: slaPolicies.key, valueOf: (row: SlaPolicyRow) => row.key },
  CREATED_AT: { column: slaPolicies.createdAt, valueOf: (row: SlaPolicyRow) => row.createdAt },
});

type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the policies that are not deleted, in the order in which they are tried by default. */
export function listPolicies(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<SlaPolicy>> {
  const where = SlaPolicyFilter.toSql(filter);
  return keysetPage<SlaPolicyRow, SlaPolicy>(ctx, {
    args: page,
    list: "slaPolicies",
    orderBy: SlaPolicyOrder.resolve(orderBy, ["POSITION", "ASC"]),
    id: { column: slaPolicies.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectPolicyPage(tx, where, slice)),
    count: () => ctx.read((tx) => countPolicies(tx, where)),
    toNode: toSlaPolicy,
  });
}
