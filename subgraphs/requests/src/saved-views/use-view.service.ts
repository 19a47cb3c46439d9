import { BadUserInput, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { assertFields } from "@weft/api/custom-fields";
import type { FilterValue } from "@weft/api/filters";
import type { OrderByValue } from "@weft/api/pages";
import type { GraphQLSchema } from "graphql";
import { fieldsOfList } from "./list-fields.js";
import { readFilter, readOrder } from "./list-shape.js";
import { findView } from "./saved-view.store.js";
import type { SavedViewList } from "./saved-view.type.js";

/** Filter, order and columns of a list that a view contributes. */
export interface UsedView {
  readonly filter: FilterValue | null;
  readonly orderBy: OrderByValue | null;
  readonly columns: readonly string[];
}

const nothing: UsedView = { filter: null, orderBy: null, columns: [] };

/**
 * Returns the filter and order of the view that a list was asked for. The filter is checked again, because the list's filter can have changed since:
 * a condition that is no longer known must not be ignored, which would show more than the view says.
 * @param viewId the argument. Without it, the view is empty.
 * @param path of the argument, for errors
 * @throws BadUserInput if there is no such view of this list, or its filter or order does not fit the list
 */
export async function useView(
  ctx: Context,
  schema: GraphQLSchema,
  { viewId, list, path = "viewId" }: { readonly viewId: string | null | undefined; readonly list: SavedViewList; readonly path?: string },
): Promise<UsedView> {
  if (viewId === null || viewId === undefined) return nothing;
  const id = decodeId("savedView", viewId, path);
  const row = await ctx.read((tx) => findView(tx, ctx.viewer, id));
  if (row === null) throw new BadUserInput([{ path, message: "No saved view with this ID exists, or it is not shared with you." }]);
  if (row.list !== list)
    throw new BadUserInput([{ path, message: `The view ${quote(row.name)} is for the list ${row.list}, not ${list}.` }]);
  const filter = readFilter(schema, list, row.filter, `${path}.filter`);
  const fields = fieldsOfList[list];
  // Fields of its conditions can have been encrypted since.
  if (fields !== null) await assertFields(ctx, { kind: fields, filter, orderBy: null, isStored: true });
  return {
    filter,
    orderBy: row.orderBy && readOrder(schema, list, row.orderBy, `${path}.orderBy`),
    columns: row.columns,
  };
}
