import { BadUserInput, Forbidden, LimitExceeded, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { reachesAll, scopesOf, type Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertFields, assertStorable } from "@weft/api/custom-fields";
import type { FilterValue } from "@weft/api/filters";
import { allChecked, allCheckedInTurn, type DeletePayload, type VersionedIdInput } from "@weft/api/inputs";
import type { GraphQLSchema } from "graphql";
import { columnProblems, readFilter, readOrder } from "./list-shape.js";
import { viewedLists } from "./lists.js";
import { countOwnViews, deleteViewRow, findView, insertView, type SavedViewRow, teamExists, updateViewRow } from "./saved-view.store.js";
import {
  savedViewColumns,
  type SavedViewList,
  type SavedViewSortInput,
  type SavedViewVisibility,
  type SaveViewInput,
  toSavedView,
  type SavedViewPayload,
  type UpdateViewInput,
} from "./saved-view.type.js";

const maxOwned = 200;
const maxFilterCharacters = 20_000;

/** Users who see a view. `teamId` is set for TEAM alone. */
type Audience = Pick<SavedViewRow, "visibility" | "teamId">;

/** Saves a view. @throws BadUserInput, Forbidden (sharing), LimitExceeded (`savedViews`), Conflict (idempotency key) */
export async function saveView(ctx: Context, schema: GraphQLSchema, input: SaveViewInput): Promise<SavedViewPayload> {
  const [, { conditions, content }, wanted] = await allCheckedInTurn(
    () => savedViewColumns.assertText(input),
    () => readContent(ctx, schema, input.list, input),
    () => existingAudience(ctx, input),
  );
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    await assertStillStorable(tx, ctx, input.list, conditions);
    const id = await createOnce(tx, ctx.meta, { mutation: "saveView", input }, async () => {
      const audience = await readAudience(tx, ctx.viewer, wanted);
      const used = await countOwnViews(tx, userId);
      if (used >= maxOwned) throw new LimitExceeded({ limit: "savedViews", used, allowed: maxOwned });
      const { list, name } = input;
      const values = { tenantId, id: newId(), ownerId: userId, list, name, filter: {}, columns: [], ...content, ...audience };
      const row = await insertView(tx, values);
      await record(tx, ctx, "savedView.create", { before: null, after: row });
      return row;
    });
    const row = await findView(tx, ctx.viewer, id);
    if (row === null)
      throw new BadUserInput([{ path: "input.idempotencyKey", message: "The view of this key was deleted. Use a new key." }]);
    return { view: toSavedView(row) };
  });
}

/** Changes a view. Of concurrent changes to the same version, one succeeds. @throws NotFound, Forbidden, Conflict, BadUserInput */
export async function updateView(ctx: Context, schema: GraphQLSchema, input: UpdateViewInput): Promise<SavedViewPayload> {
  const id = decodeId("savedView", input.id, "input.id");
  const given = savedViewColumns.changes(input);
  // The list never changes, so it can be read before the transaction.
  const { list } = await ctx.read((tx) => getChangeableView(tx, ctx, id));
  const [, { conditions, content }] = await allCheckedInTurn(
    () => savedViewColumns.assertText(given),
    () => readContent(ctx, schema, list as SavedViewList, given),
  );
  return ctx.inTenant(async (tx) => {
    await assertStillStorable(tx, ctx, list as SavedViewList, conditions);
    const before = await getChangeableView(tx, ctx, id);
    const nextVisibility = given.visibility ?? (before.visibility as SavedViewVisibility);
    const teamId = decodeTeam(given.teamId) ?? (nextVisibility === "TEAM" ? before.teamId : null);
    const audience = await readAudience(tx, ctx.viewer, { visibility: nextVisibility, teamId, formerTeamId: before.teamId });
    const changes = { ...("name" in given && { name: given.name }), ...content, ...audience };
    const after = await updateViewRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("savedView", before.version);
    await record(tx, ctx, "savedView.update", { before, after });
    return { view: toSavedView(after) };
  });
}

/** Deletes a view. The objects that it shows stay as they are. @throws NotFound, Forbidden, Conflict */
export async function deleteView(ctx: Context, input: VersionedIdInput): Promise<DeletePayload> {
  const id = decodeId("savedView", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await getChangeableView(tx, ctx, id);
    if (!(await deleteViewRow(tx, id, input.expectedVersion ?? before.version))) throw changedMeanwhile("savedView", before.version);
    await record(tx, ctx, "savedView.delete", { before, after: null });
  });
  return { id: input.id };
}

/** Returns whether the viewer can change and delete the view: its owner, and those who could have shared it. */
export const canChange = (viewer: Viewer, row: SavedViewRow): boolean =>
  row.ownerId === viewer.userId || (row.visibility !== "PRIVATE" && canShare(viewer, row));

function canShare(viewer: Viewer, { visibility, teamId }: Audience): boolean {
  if (visibility === "PRIVATE" || reachesAll(viewer, "view.share")) return true;
  return teamId !== null && scopesOf(viewer, "view.share").includes("TEAM") && viewer.teamIds.includes(teamId);
}

async function getChangeableView(tx: Tx, ctx: Context, id: string): Promise<SavedViewRow> {
  const row = await findView(tx, ctx.viewer, id);
  if (row === null) throw new NotFound("SavedView", encodeId("savedView", id));
  if (!canChange(ctx.viewer, row)) throw new Forbidden("You can change only your own views. Others' shared views require view.share.");
  return row;
}

const decodeTeam = (teamId: string | null | undefined): string | null =>
  typeof teamId === "string" ? decodeId("team", teamId, "input.teamId") : null;

interface WantedAudience {
  readonly visibility: SavedViewVisibility;
  readonly teamId: string | null;
  /** The team of the view so far. It can have been deleted since: those who can share the view can still change it. */
  readonly formerTeamId?: string | null;
}

/** The audience of a new view. It is read again when the view is saved: a team can have been deleted by then. */
async function existingAudience(
  ctx: Context,
  { visibility, teamId: given }: Pick<SaveViewInput, "visibility" | "teamId">,
): Promise<WantedAudience> {
  const audience = { visibility, teamId: decodeTeam(given) };
  if (audience.teamId === null) assertFitting(audience);
  else await ctx.read((tx) => readAudience(tx, ctx.viewer, audience));
  return audience;
}

const refusedTeam = (message: string): BadUserInput => new BadUserInput([{ path: "input.teamId", message }]);

/** @throws BadUserInput if a visibility has a team that it does not take, or lacks one */
function assertFitting({ visibility, teamId }: Audience): void {
  if (visibility === "TEAM" && teamId === null) throw refusedTeam("The visibility TEAM requires a team.");
  if (visibility !== "TEAM" && teamId !== null) throw refusedTeam(`The visibility ${visibility} does not take a team.`);
}

async function readAudience(tx: Tx, viewer: Viewer, { visibility, teamId, formerTeamId = null }: WantedAudience): Promise<Audience> {
  assertFitting({ visibility, teamId });
  if (teamId !== null && teamId !== formerTeamId && !(await teamExists(tx, teamId)))
    throw refusedTeam(`No team with the ID ${encodeId("team", teamId)} exists.`);
  const audience = { visibility, teamId };
  if (!canShare(viewer, audience))
    throw new Forbidden(
      visibility === "TEAM"
        ? "Sharing a view with a team requires the permission view.share in scope TEAM for your own teams, or in scope TENANT."
        : "Sharing a view with the tenant requires the permission view.share in scope TENANT.",
    );
  return audience;
}

interface Content {
  readonly filter?: unknown;
  readonly orderBy?: SavedViewSortInput | null;
  readonly columns?: readonly string[] | null;
}

/**
 * Returns the given filter, order and columns as they are stored, checked as arguments of the list are, and the filter's conditions.
 * @throws BadUserInput, or Forbidden for a filter that the viewer cannot use
 */
async function readContent(ctx: Context, schema: GraphQLSchema, list: SavedViewList, { filter, orderBy, columns }: Content) {
  const { fields, toSql } = viewedLists[list];
  const order = orderBy && orderInput(orderBy);
  const [, conditions, sort] = allChecked(
    () => {
      const problems: Problem[] = columns ? columnProblems(schema, list, columns) : [];
      if (problems.length > 0) throw new BadUserInput(problems);
    },
    () => {
      if (filter === undefined || filter === null) return null;
      if (JSON.stringify(filter).length > maxFilterCharacters)
        throw new BadUserInput([{ path: "input.filter", message: `The filter is longer than ${maxFilterCharacters} characters.` }]);
      const read = readFilter(schema, list, filter, "input.filter");
      toSql(read, "input.filter", { viewer: ctx.viewer, languages: [] });
      return read;
    },
    () => (order ? readOrder(schema, list, order, "input.orderBy") : null),
  );
  if (fields !== null) await assertFields(ctx, { kind: fields, filter: conditions, orderBy: sort, isStored: true });
  return {
    conditions,
    content: {
      ...(filter !== undefined && { filter: (filter ?? {}) as Record<string, unknown> }),
      ...(order !== undefined && { orderBy: order }),
      ...(columns && { columns: [...columns] }),
    },
  };
}

/** Fields can have been encrypted since the filter was read. */
async function assertStillStorable(tx: Tx, ctx: Context, list: SavedViewList, conditions: FilterValue | null): Promise<void> {
  const { fields } = viewedLists[list];
  if (fields !== null && conditions !== null) await assertStorable(tx, ctx, fields, conditions);
}

/** Most lists have no custom fields, and their order no `name`. */
const orderInput = ({ field, direction, name }: SavedViewSortInput) => ({ field, direction, ...(typeof name === "string" && { name }) });

type Recorded = { readonly before: SavedViewRow | null; readonly after: SavedViewRow | null };

async function record(tx: Tx, ctx: Context, action: string, { before, after }: Recorded): Promise<void> {
  const entityId = (after ?? before)?.id ?? "";
  await writeAudit(tx, ctx.meta, [{ action, entityType: "savedView", entityId, before, after }]);
}
