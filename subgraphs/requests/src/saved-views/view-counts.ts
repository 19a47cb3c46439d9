import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { hasPermission } from "@weft/shared/viewer";
import type { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import { planForValues, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertFields } from "@weft/api/custom-fields";
import type { FilterValue } from "@weft/api/filters";
import { searchLanguages } from "@weft/api/search";
import type { SQL } from "drizzle-orm";
import type { GraphQLSchema } from "graphql";
import { readFilter } from "./list-shape.js";
import { type FilterBy, isSearch, viewedLists } from "./lists.js";
import { countEach, type SavedViewRow } from "./saved-view.store.js";
import type { SavedViewList } from "./saved-view.type.js";

/** A count beyond this is not shown on a badge, and would take long. */
const maxCount = 1_000;

/**
 * Counts the objects of views, up to a limit: all views of a response in one statement. Null for views that the viewer cannot use: the list is closed
 * to the viewer, or the filter no longer fits it.
 */
export const viewCounts = (ctx: Context, schema: GraphQLSchema): ReturnType<typeof ctx.loader<SavedViewRow, number>> =>
  ctx.loader<SavedViewRow, number>("savedViewCount", async (tx, rows) => {
    const hasSearch = rows.some(({ filter }) => isSearch(filter));
    const languages = hasSearch ? await searchLanguages(tx) : [];
    const usable = await withKnownFields(
      ctx,
      rows.flatMap((row) => usableBy(ctx, schema, row) ?? []),
    );
    const counted = usable.flatMap(({ row, filter }) => {
      const statement = statementOf(tx, { row, filter }, { viewer: ctx.viewer, languages });
      return statement ? [{ row, statement }] : [];
    });
    if (counted.length === 0) return new Map();
    if (hasSearch) await planForValues(tx);
    const counts = await countEach(
      tx,
      counted.map(({ statement }) => statement),
    );
    return new Map(counted.map(({ row }, index) => [row, counts[index] ?? 0]));
  });

/** A view whose filter fits its list. */
interface UsableView {
  readonly row: SavedViewRow;
  readonly filter: FilterValue;
}

const listOf = ({ list }: SavedViewRow) => viewedLists[list as SavedViewList];

function usableBy(ctx: Context, schema: GraphQLSchema, row: SavedViewRow): UsableView | null {
  if (!hasPermission(ctx.viewer, listOf(row).permission)) return null;
  return unlessRefused(() => ({ row, filter: readFilter(schema, row.list as SavedViewList, row.filter, "filter") }));
}

function statementOf(tx: Tx, { row, filter }: UsableView, by: FilterBy): SQL | null {
  const { toSql, matching } = listOf(row);
  return unlessRefused(() => matching(tx, by.viewer, toSql(filter, "filter", by), maxCount));
}

/**
 * Returns the views whose custom fields all exist. The views of a list are checked together, with one statement. Each is checked by itself only if one of
 * them fails.
 */
async function withKnownFields(ctx: Context, views: readonly UsableView[]): Promise<readonly UsableView[]> {
  const known: UsableView[] = [];
  for (const { fields } of new Set(views.map(({ row }) => listOf(row)))) {
    const ofList = views.filter(({ row }) => listOf(row).fields === fields);
    if (fields === null || (await haveKnownFields(ctx, fields, ofList))) known.push(...ofList);
    else for (const view of ofList) if (await haveKnownFields(ctx, fields, [view])) known.push(view);
  }
  return known;
}

async function haveKnownFields(ctx: Context, kind: CustomFieldKind, views: readonly UsableView[]): Promise<boolean> {
  try {
    await assertFields(ctx, { kind, filter: { and: views.map(({ filter }) => filter) }, orderBy: null, isStored: true });
    return true;
  } catch (error) {
    if (error instanceof BadUserInput) return false;
    throw error;
  }
}

function unlessRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadUserInput || error instanceof Forbidden) return null;
    throw error;
  }
}
