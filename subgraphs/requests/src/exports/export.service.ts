import { LimitExceeded, NotFound } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { deleteFile, insertFile } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertFields, assertStorable } from "@weft/api/custom-fields";
import type { FilterValue } from "@weft/api/filters";
import type { VersionedIdInput } from "@weft/api/inputs";
import type { GraphQLSchema } from "graphql";
import { listTypes, readFilter, readOrder, writtenFilter } from "../saved-views/list-shape.js";
import { viewedLists } from "../saved-views/lists.js";
import type { SavedViewList } from "../saved-views/saved-view.type.js";
import { useView } from "../saved-views/use-view.service.js";
import { selectionOf } from "./columns.js";
import type { ExportInput } from "./export.input.js";
import { cancelExportRow, countRunningExports, findExport, insertExport, lockExport } from "./export.store.js";
import { type ExportRow, toExport } from "./export.type.js";
import { exportedLists } from "./exported-lists.js";
import { formats } from "./format.js";
import type { ExportPayload } from "./export-payload.type.js";

/** Exports of one user that wait or run. Each reserves no more storage than it has written. */
const maxRunning = 20;

/** What is exported, as clients would write it. */
type Selection = Pick<ExportRow, "filter" | "orderBy" | "columns">;

/**
 * Starts an export of a list. A worker runs it with the rights that the viewer has then.
 * @throws BadUserInput, Forbidden (a filter that the viewer cannot use), LimitExceeded (`runningExports`), Conflict (idempotency key)
 */
export async function exportList(
  ctx: Context,
  schema: GraphQLSchema,
  { mutation, list, input }: { readonly mutation: string; readonly list: SavedViewList; readonly input: ExportInput },
): Promise<ExportPayload> {
  const selection = await readSelection(ctx, schema, list, input);
  const { tenantId, userId, sessionId } = ctx.viewer;
  const { extension, mediaType } = formats[input.format];
  const row = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation, input }, async () => {
      const used = await countRunningExports(tx, userId);
      if (used >= maxRunning) throw new LimitExceeded({ limit: "runningExports", used, allowed: maxRunning });
      const { fields } = viewedLists[list];
      if (fields !== null && selection.filter !== null) await assertStorable(tx, ctx, fields, selection.filter);
      const name = `${exportedLists[list].field}.${extension}`;
      const file = await insertFile(tx, { tenantId, id: newId(), name, size: 0, declaredType: mediaType, createdBy: userId });
      const created = await insertExport(tx, {
        tenantId,
        id: newId(),
        list,
        format: input.format,
        ...selection,
        fileId: file.id,
        createdBy: userId,
        sessionId,
      });
      await record(tx, ctx, "export.create", { before: null, after: created });
      return created;
    });
    return getExport(tx, ctx, id);
  });
  await wakeWorkers(ctx.services);
  return { export: toExport(row) };
}

/** Stops an export, and deletes what it has written. Does nothing if it has ended. @throws NotFound, Conflict */
export async function cancelExport(ctx: Context, input: VersionedIdInput): Promise<ExportPayload> {
  const id = decodeId("export", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const before = await lockExport(tx, ctx.viewer, id);
    if (before === null) throw new NotFound("Export", input.id);
    if (before.status !== "RUNNING") return before;
    const after = await cancelExportRow(tx, id, input.expectedVersion ?? before.version);
    if (after === null) throw changedMeanwhile("export", before.version);
    await record(tx, ctx, "export.cancel", { before, after });
    await deleteFile(tx, ctx.meta, after.fileId);
    return after;
  });
  return { export: toExport(row) };
}

async function getExport(tx: Tx, ctx: Context, id: string): Promise<ExportRow> {
  const row = await findExport(tx, ctx.viewer, id);
  if (row === null) throw new NotFound("Export", encodeId("export", id));
  return row;
}

/** @throws BadUserInput, Forbidden */
async function readSelection(ctx: Context, schema: GraphQLSchema, list: SavedViewList, input: ExportInput): Promise<Selection> {
  const view = await useView(ctx, schema, { viewId: input.viewId, list, path: "input.viewId" });
  const filters = [view.filter, input.filter].filter((filter) => filter !== null && filter !== undefined);
  const [first = null] = filters;
  const filter: FilterValue | null = filters.length > 1 ? { and: filters } : first;
  const orderBy = input.orderBy ?? view.orderBy;
  const columns = input.columns ?? (view.columns.length > 0 ? view.columns : exportedLists[list].columns);
  selectionOf(schema, { typeName: listTypes[list].node, columns, path: "input.columns" });
  const stored = { filter: filter && writtenFilter(schema, list, filter), orderBy };
  const written = JSON.parse(JSON.stringify(stored)) as Pick<Selection, "filter" | "orderBy">;
  await assertUsable(ctx, schema, list, written);
  return { ...written, columns: [...columns] };
}

/** Checks what is stored as the worker will read it: as arguments of the list. @throws BadUserInput, Forbidden */
async function assertUsable(
  ctx: Context,
  schema: GraphQLSchema,
  list: SavedViewList,
  { filter, orderBy }: Pick<Selection, "filter" | "orderBy">,
): Promise<void> {
  const conditions = filter && readFilter(schema, list, filter, "input.filter");
  const order = orderBy && readOrder(schema, list, orderBy, "input.orderBy");
  const { fields, toSql } = viewedLists[list];
  if (conditions) toSql(conditions, "input.filter", { viewer: ctx.viewer, languages: [] });
  if (fields !== null) await assertFields(ctx, { kind: fields, filter: conditions, orderBy: order, isStored: true });
}

interface Recorded {
  readonly before: ExportRow | null;
  readonly after: ExportRow;
}

const record = (tx: Tx, ctx: Context, action: string, { before, after }: Recorded): Promise<void> =>
  writeAudit(tx, ctx.meta, [{ action, entityType: "export", entityId: after.id, before, after }]);
