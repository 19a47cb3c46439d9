import { BadUserInput, Conflict, Forbidden, LimitExceeded, NotFound, type Problem, quote } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { fileQueue, type FileRow, findFile, lockFile } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { vendorImports } from "@weft/api/imports";
import type { VersionedIdInput } from "@weft/api/inputs";
import type { GraphQLSchema } from "graphql";
import { cancelImportRow, countActiveImports, findImport, insertImport, lockImport, startImportRow } from "./import.store.js";
import {
  type CreateImportInput,
  type StartImportInput,
  type ImportList,
  type ImportRow,
  toImport,
  type ImportPayload,
} from "./import.type.js";
import { importedLists } from "./imported-lists.js";
import { separators } from "./run/csv.js";
import { mappingProblems, newShape } from "./targets.js";

/** Imports of one user that are checked or run. */
const maxActive = 5;
const maxBytes = 20_000_000;
/** Time that the file is kept, from the creation and again from the start of an import. A database interval. */
const fileTime = "1 day";
/** Lines that are imported in one transaction. The numbers of requests are given one after the other, so others wait for them. */
const maxAtOnce: Readonly<Record<ImportList, number>> = { REQUESTS: 200, BUILDINGS: 1_000, ASSETS: 1_000, VENDORS: 1_000 };

/**
 * Creates an import, whose lines a worker then checks.
 * @throws BadUserInput, Forbidden, LimitExceeded (`activeImports`), Conflict (idempotency key)
 */
export async function createImport(ctx: Context, schema: GraphQLSchema, input: CreateImportInput): Promise<ImportPayload> {
  const { list, mapping, onExisting, separator } = input;
  assertCanImport(ctx, list);
  const fileId = decodeId("file", input.fileId, "input.fileId");
  assertValid(schema, input);
  const { tenantId, userId, sessionId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createImport", input }, async () => {
      const used = await countActiveImports(tx, userId);
      if (used >= maxActive) throw new LimitExceeded({ limit: "activeImports", used, allowed: maxActive });
      await lockFile(tx, fileId);
      assertFile(await findFile(tx, ctx.viewer, fileId), ctx, input.fileId);
      await fileQueue.postpone(tx, fileId, fileTime);
      const columns = mapping?.map(({ column, field }) => ({ column, field })) ?? null;
      const created = await insertImport(tx, {
        tenantId,
        id: newId(),
        list,
        onExisting,
        separator: separator ?? null,
        mapping: columns,
        fileId,
        createdBy: userId,
        sessionId,
      });
      await record(tx, ctx, "import.create", { before: null, after: created });
      return created;
    });
    return getImport(tx, ctx, id);
  });
  await wakeWorkers(ctx.services);
  return { import: toImport(row) };
}

/** Starts a checked import. @throws NotFound, Forbidden, Conflict (not ready, or another version), BadUserInput (mode), LimitExceeded */
export async function startImport(ctx: Context, input: StartImportInput): Promise<ImportPayload> {
  const id = decodeId("import", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const before = await lockedImport(tx, ctx, input, id);
    const list = before.list as ImportList;
    assertCanImport(ctx, list);
    // The lines are imported with the rights of the session that created the import.
    if (ctx.viewer.apiKey !== null && before.sessionId !== ctx.viewer.sessionId)
      throw new Forbidden("API keys can only start imports that they have created.");
    if (before.status !== "READY")
      throw new Conflict(
        before.status === "CHECKING"
          ? "The lines are still being checked. Start the import when its status is READY."
          : `The import is ${before.status} already.`,
        { currentVersion: before.version },
      );
    assertMode(before, list, input);
    const used = await countActiveImports(tx, ctx.viewer.userId);
    if (used >= maxActive) throw new LimitExceeded({ limit: "activeImports", used, allowed: maxActive });
    await fileQueue.postpone(tx, before.fileId, fileTime);
    const after = await startImportRow(tx, id, input.mode);
    if (after === null) throw changedMeanwhile("import", before.version);
    await record(tx, ctx, "import.start", { before, after });
    return after;
  });
  await wakeWorkers(ctx.services);
  return { import: toImport(row) };
}

/** Stops an import. What it has imported remains. Does nothing if it has ended. @throws NotFound, Conflict */
export async function cancelImport(ctx: Context, input: VersionedIdInput): Promise<ImportPayload> {
  const id = decodeId("import", input.id, "input.id");
  const row = await ctx.inTenant(async (tx) => {
    const before = await lockedImport(tx, ctx, input, id);
    const after = await cancelImportRow(tx, id);
    if (after === null) return before;
    await record(tx, ctx, "import.cancel", { before, after });
    return after;
  });
  return { import: toImport(row) };
}

/** @throws NotFound if the import does not exist or is another user's */
export async function getImport(tx: Tx, ctx: Context, id: string, given = id): Promise<ImportRow> {
  const row = await findImport(tx, ctx.viewer, id);
  if (row === null) throw new NotFound("Import", given);
  return row;
}

interface Wanted {
  readonly id: string;
  readonly expectedVersion?: number | null;
}

/** Locks an import, so that its worker waits. @throws NotFound, Conflict */
async function lockedImport(tx: Tx, ctx: Context, { id: given, expectedVersion }: Wanted, id: string): Promise<ImportRow> {
  const row = await lockImport(tx, ctx.viewer, id);
  if (row === null) throw new NotFound("Import", given);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("import", row.version);
  return row;
}

/** @throws Forbidden if the viewer cannot create objects of the list */
function assertCanImport({ viewer }: Context, list: ImportList): void {
  const { rule } = list === "VENDORS" ? vendorImports : importedLists[list];
  const decision = rule.decide(viewer);
  if (decision !== true) throw decision;
}

function assertValid(schema: GraphQLSchema, { list, mapping, separator }: CreateImportInput): void {
  const problems: Problem[] = mapping ? mappingProblems(newShape(schema, list), mapping) : [];
  if (typeof separator === "string" && !separators.some((each) => each === separator))
    problems.push({
      path: "input.separator",
      message: `${quote(separator)} is not a separator. Use a comma, a semicolon, a tab, or a vertical bar.`,
    });
  if (problems.length > 0) throw new BadUserInput(problems);
}

function assertFile(file: FileRow | null, { viewer }: Context, given: string): void {
  const refuse = (message: string): BadUserInput => new BadUserInput([{ path: "input.fileId", message }]);
  if (file === null) throw refuse(`No file with the ID ${quote(given)} exists. Files that are not attached are deleted after a day.`);
  if (file.createdBy !== viewer.userId) throw refuse("The file was uploaded by another user. Upload it yourself.");
  if (file.status !== "STORED")
    throw refuse(`The file is ${file.status}. Send its bytes to the URL from createUpload, and wait until it is STORED.`);
  if (file.size > maxBytes)
    throw refuse(`The file has ${file.size} bytes; at most ${maxBytes} can be imported. Split it into several files.`);
}

function assertMode({ failedCount, lineCount }: ImportRow, list: ImportList, { mode }: StartImportInput): void {
  if (mode !== "ALL_OR_NOTHING") return;
  const refuse = (message: string): BadUserInput => new BadUserInput([{ path: "input.mode", message }]);
  if (failedCount > 0) throw refuse(`${failedCount} lines have problems. Correct the file and import it again, or use LINE_BY_LINE.`);
  const max = maxAtOnce[list];
  if ((lineCount ?? 0) > max)
    throw refuse(`ALL_OR_NOTHING is for at most ${max} lines of ${list}, not ${lineCount}. Split the file, or use LINE_BY_LINE.`);
}

interface Recorded {
  readonly before: ImportRow | null;
  readonly after: ImportRow;
}

const record = (tx: Tx, ctx: Context, action: string, { before, after }: Recorded): Promise<void> =>
  writeAudit(tx, ctx.meta, [{ action, entityType: "import", entityId: after.id, before, after }]);
