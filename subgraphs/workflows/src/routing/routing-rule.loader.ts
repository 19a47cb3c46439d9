import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { selectRules } from "./routing-rule.store.js";
import { toRoutingRule, type RoutingRule } from "./routing-rule.type.js";

/** Loads rules by UUID for users who can see all of them. Null for other users. */
export async function loadRoutingRule(ctx: Context, id: string): Promise<RoutingRule | null> {
  if (!reachesAll(ctx.viewer, "routing.read")) return null;
  return ctx
    .loader<string, RoutingRule>(
      "routingRule",
      async (tx, ids) => new Map((await selectRules(tx, ids)).map((row) => [row.id, toRoutingRule(row)])),
    )
    .load(id);
}
