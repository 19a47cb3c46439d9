import { planForValues, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { asksFor, type FilterValue } from "@weft/api/filters";
import type { OrderByValue } from "@weft/api/pages";
import { searchLanguages } from "@weft/api/search";
import { and, type SQL } from "drizzle-orm";
import type { GraphQLSchema } from "graphql";
import { useView } from "../saved-views/use-view.service.js";
import { RequestFilter } from "./request.list.js";

/** The arguments of a list of requests, and of a subscription to it. */
export interface RequestListArgs {
  readonly filter?: FilterValue | null;
  readonly viewId?: string | null;
}

/** What a list of requests selects. */
export interface RequestConditions {
  readonly where: SQL | undefined;
  /** Order of the view, if it has one. */
  readonly orderBy: OrderByValue | null;
  /** Whether the filter or the view has a condition on this field. */
  readonly asks: (field: string) => boolean;
  /** Runs statements with the condition, with plans for its values if these decide which plan is best. */
  readonly read: <T>(run: (tx: Tx) => Promise<T>) => Promise<T>;
}

/**
 * Reads the filter and the view of a list of requests. Both conditions must match.
 * @throws BadUserInput if there is no such view, or a condition is malformed; Forbidden for a field that the viewer must not filter by
 */
export async function requestConditions(
  ctx: Context,
  schema: GraphQLSchema,
  { filter = null, viewId = null }: RequestListArgs,
): Promise<RequestConditions> {
  const view = await useView(ctx, schema, { viewId, list: "REQUESTS" });
  const asks = (field: string, operator?: string): boolean => asksFor(field, [filter, view.filter], operator);
  const isSearch = asks("search");
  const isCollected = isSearch || asks("tags") || asks("watcher") || asks("number", "contains");
  const languages = isSearch ? await ctx.read((tx) => searchLanguages(tx)) : [];
  const where = and(
    RequestFilter.toSql(view.filter, "viewId.filter", ctx.viewer, languages),
    RequestFilter.toSql(filter, "filter", ctx.viewer, languages),
  );
  return {
    where,
    orderBy: view.orderBy,
    asks,
    // The best plan depends on how many requests contain a word or a part of a number, or have a tag: either collect them, or scan in list order.
    read: (run) =>
      ctx.read(async (tx) => {
        if (isCollected) await planForValues(tx);
        return run(tx);
      }),
  };
}
