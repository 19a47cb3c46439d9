import { DefinitionInvalid } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Computing } from "@weft/platform/computing";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { meterUsage } from "@weft/platform/usage";
import type { Context } from "@weft/api/context";
import { checkSource } from "./check-source.js";
import { DefinitionFormat, type DefinitionRow } from "../definition.type.js";
import { countVersions, findNewestVersion, insertDraft, lockKey } from "../definition.writes.store.js";

/** Content of a source, as stored in a row. */
export type Content = Pick<DefinitionRow, "key" | "name" | "description" | "source" | "original" | "format" | "document">;

type Text = { readonly source: string; readonly format?: DefinitionFormat | null | undefined };

/**
 * Parses a source that is about to be written.
 * @throws DefinitionInvalid with all problems
 */
export async function contentOf(tx: Tx, computing: Computing, { source, format }: Text): Promise<Content> {
  const { problems, document, translation } = await checkSource(tx, computing, { source, format }, { isKept: true });
  if (problems.length > 0) throw new DefinitionInvalid(problems);
  // The document has compiled, so these properties exist.
  const { key, name, description } = document as { key: string; name: string; description?: string };
  const isJson = format === DefinitionFormat.JSON || (!format && source.trimStart().startsWith("{"));
  return {
    key,
    name,
    description: description ?? "",
    // Weft's own format is what runs: what a published version means must not depend on how a later release translates.
    source: translation?.source ?? source,
    original: translation && source,
    format: isJson ? DefinitionFormat.JSON : DefinitionFormat.YAML,
    document: document as Record<string, unknown>,
  };
}

/** Locks a key until the transaction ends. Returns whether there is a definition with it. */
export async function isTakenKey(tx: Tx, key: string): Promise<boolean> {
  await lockKey(tx, key);
  return (await countVersions(tx, key)) > 0;
}

/** Returns what has a key: its newest version. Null if the key is free. Does not check visibility. */
export const newestOfKey = (tx: Tx, key: string): ReturnType<typeof findNewestVersion> => findNewestVersion(tx, key);

type NewDraft = Content & {
  readonly message?: string;
  readonly tags?: string[];
  readonly parentId?: string;
  /** Authors of the draft from which this one is copied. */
  readonly authorIds?: readonly string[];
};

/** Adds the next draft of a key. Counts a new key towards the limit, emits an event and writes an audit entry. */
export async function addDraft(tx: Tx, ctx: Context, draft: NewDraft): Promise<DefinitionRow> {
  await lockKey(tx, draft.key);
  const { tenantId, userId } = ctx.viewer;
  const authorIds = [...new Set([...(draft.authorIds ?? []), userId])];
  const row = await insertDraft(tx, { ...draft, tenantId, id: newId(), createdBy: userId, authorIds });
  const { id, key, number, version } = row;
  // The limit counts definitions, not versions.
  if (number === 1) await meterUsage(tx, ctx.meta, [{ limit: "definitions", amount: 1 }]);
  await appendEvents(tx, ctx.meta, [{ type: "definition.created", subjectId: id, subjectVersion: version, payload: { key, number } }]);
  await writeAudit(tx, ctx.meta, [{ action: "definition.create", entityType: "definition", entityId: id, before: null, after: row }]);
  return row;
}
