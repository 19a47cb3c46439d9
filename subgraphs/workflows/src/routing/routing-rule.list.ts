import { workflows } from "@weft/drizzle";
import type { RoutingRuleRow } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { filterInput, type FilterValue, flagField, textField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { eq } from "drizzle-orm";
import { countRules, selectRulePage } from "./routing-rule.store.js";
import { toRoutingRule, type RoutingRule } from "./routing-rule.type.js";

const { routingRules } = workflows;

export const RoutingRuleFilter = filterInput("RoutingRuleFilter", {
  route: textField(routingRules.route),
  name: textField(routingRules.name),
  isActive: flagField(eq(routingRules.isActive, true)),
});

export const RoutingRuleOrder = orderByInput("RoutingRuleOrder", {
  POSITION: { column: routingRules.position, valueOf: (row: RoutingRuleRow) => String(row.position) },
  ROUTE: { column: routingRules.route, valueOf: (row: RoutingRuleRow) => row.route },
  CREATED_AT: { column: routingRules.createdAt, valueOf: (row: RoutingRuleRow) => row.createdAt },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the tenant's rules, in the order of evaluation by default. */
export function listRules(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<RoutingRule>> {
  const where = RoutingRuleFilter.toSql(filter);
  return keysetPage<RoutingRuleRow, RoutingRule>(ctx, {
    args: page,
    list: "routingRules",
    orderBy: RoutingRuleOrder.resolve(orderBy, ["POSITION", "ASC"]),
    id: { column: routingRules.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectRulePage(tx, where, slice)),
    count: () => ctx.read((tx) => countRules(tx, where)),
    toNode: toRoutingRule,
  });
}
