import { reachesAll, type Context } from "@weft/shared";
import { selectRules } from "./routing-rule.store.js";
import { toRoutingRule, type RoutingRule } from "./routing-rule.type.js";

/** Rules by UUID for who may see all of them; null for everybody else. */
export async function loadRoutingRule(ctx: Context, id: string): Promise<RoutingRule | null> {
  if (!reachesAll(ctx.viewer, "routing.read")) return null;
  return ctx
    .loader<string, RoutingRule>(
      "routingRule",
      async (tx, ids) => new Map((await selectRules(tx, ids)).map((row) => [row.id, toRoutingRule(row)])),
    )
    .load(id);
}
