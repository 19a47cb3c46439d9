import {
  BadUserInput,
  Conflict,
  DefinitionInvalid,
  NotFound,
  appendEvents,
  decodeId,
  encodeId,
  meterUsage,
  newId,
  once,
  writeAudit,
  type Context,
  type Tx,
} from "@weft/shared";
import { checkSource, type CheckedDefinition } from "./check-source.js";
import type { CreateDefinitionInput, PublishDefinitionInput } from "./definition.input.js";
import { findDefinition, insertDraft, markPublished } from "./definition.store.js";
import { DefinitionFormat, toDefinition, type Definition, type DefinitionRow } from "./definition.type.js";

/** Every problem of a text, with lines. */
export function checkDefinition(ctx: Context, source: string, format: DefinitionFormat | null | undefined): Promise<CheckedDefinition> {
  return ctx.read((tx) => checkSource(tx, source, format));
}

/** Saves a text as the next draft of its key. DEFINITION_INVALID with every problem: a draft is whole, it only does not run yet. */
export function createDefinition(ctx: Context, input: CreateDefinitionInput): Promise<Definition> {
  return ctx.inTenant(async (tx) => {
    const { idempotencyKey, ...rest } = input;
    const call = { mutation: "createDefinition", key: idempotencyKey ?? null, input: rest };
    let created: DefinitionRow | undefined;
    const { result } = await once(tx, ctx.meta, call, async () => {
      created = await createDraft(tx, ctx, input);
      return { id: created.id };
    });
    return toDefinition(created ?? (await getDefinition(tx, ctx, result["id"] ?? "", "definition.create")));
  });
}

async function createDraft(tx: Tx, ctx: Context, { source, format }: CreateDefinitionInput): Promise<DefinitionRow> {
  const { problems, document } = await checkSource(tx, source, format);
  if (problems.length > 0) throw new DefinitionInvalid(problems);
  const { key, name, description } = headOf(document);
  const isJson = format === DefinitionFormat.JSON || (!format && source.trimStart().startsWith("{"));
  const row = await insertDraft(tx, {
    tenantId: ctx.viewer.tenantId,
    id: newId(),
    key,
    name,
    description,
    source,
    format: isJson ? "JSON" : "YAML",
    document: document as Record<string, unknown>,
    createdBy: ctx.viewer.userId,
  });
  // Definitions are counted, not their versions.
  if (row.number === 1) await meterUsage(tx, ctx.meta, [{ limit: "definitions", amount: 1 }]);
  await appendEvents(tx, ctx.meta, [
    { type: "definition.created", subjectId: row.id, subjectVersion: row.version, payload: { key, number: row.number } },
  ]);
  await writeAudit(tx, ctx.meta, [{ action: "definition.create", entityType: "definition", entityId: row.id, before: null, after: row }]);
  return row;
}

/** The head of a document that has compiled. */
function headOf(document: unknown): { key: string; name: string; description: string } {
  const { key, name, description } = document as { key: string; name: string; description?: string };
  return { key, name, description: description ?? "" };
}

/** Freezes a draft: from now on new instances of its key run on it. The roles may have changed since it was written, so it is checked again. */
export function publishDefinition(ctx: Context, input: PublishDefinitionInput): Promise<Definition> {
  const { expectedVersion } = input;
  const id = decodeId("definition", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const draft = await getDefinition(tx, ctx, id, "definition.publish");
    if (typeof expectedVersion === "number" && expectedVersion !== draft.version) throw changedMeanwhile(draft);
    if (draft.status !== "DRAFT") {
      throw new BadUserInput([
        { path: "input.id", message: `Version ${draft.number} of ${draft.key} is ${draft.status}; only a draft can be published.` },
      ]);
    }
    const { problems } = await checkSource(tx, draft.source, draft.format as DefinitionFormat);
    if (problems.length > 0) throw new DefinitionInvalid(problems);
    const published = await markPublished(tx, draft, ctx.viewer.userId);
    if (!published) throw changedMeanwhile(draft);
    const { key, number, version } = published;
    await appendEvents(tx, ctx.meta, [{ type: "definition.published", subjectId: id, subjectVersion: version, payload: { key, number } }]);
    await writeAudit(tx, ctx.meta, [
      { action: "definition.publish", entityType: "definition", entityId: id, before: draft, after: published },
    ]);
    return toDefinition(published);
  });
}

/** One version, as the viewer may see it. */
export function readDefinition(ctx: Context, id: string): Promise<Definition> {
  return ctx.read(async (tx) => toDefinition(await getDefinition(tx, ctx, id, "definition.read")));
}

async function getDefinition(
  tx: Tx,
  ctx: Context,
  id: string,
  permission: "definition.read" | "definition.create" | "definition.publish",
): Promise<DefinitionRow> {
  const row = await findDefinition(tx, ctx.viewer, id, permission);
  if (!row) throw new NotFound("Definition", encodeId("definition", id));
  return row;
}

function changedMeanwhile({ key, version }: DefinitionRow): Conflict {
  return new Conflict(`The draft of ${key} was changed meanwhile. Read it again and decide anew.`, { currentVersion: version });
}
