import { BadUserInput, type Problem } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { meterUsage } from "@weft/platform/usage";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { contentOf } from "../source/definition-drafts.js";
import type { UpdateDefinitionInput } from "../definition.input.js";
import { changedMeanwhile, changeOnce, getDefinition } from "../definition.service.js";
import type { Definition, DefinitionRow } from "../definition.type.js";
import { countVersions, lockKey, removeDraft, replaceDraft, updateVersion } from "../definition.writes.store.js";
import { readLabels } from "../labels.js";

/** Updates a draft, or only the tags of a published version. A call that changes nothing writes nothing. */
export function updateDefinition(ctx: Context, { idempotencyKey, ...input }: UpdateDefinitionInput): Promise<Definition> {
  const id = decodeId("definition", input.id, "input.id");
  const labels = readLabels(input);
  const call = { mutation: "updateDefinition", key: idempotencyKey, input };
  return changeOnce(ctx, { id, permission: "definition.create", call }, async (tx) => {
    const before = await getDefinition(tx, ctx, id, "definition.create", input.expectedVersion);
    const problems = problemsOf(input, before);
    if (problems.length > 0) throw new BadUserInput(problems);
    const { source, format } = input;
    const content = typeof source === "string" ? await contentOf(tx, ctx.computing, { source, format }) : null;
    if (content && content.key !== before.key) {
      const message = `The source has the key ${content.key}, but the draft has the key ${before.key}. To create a definition with another key, use createDefinition or cloneDefinition.`;
      throw new BadUserInput([{ path: "input.source", message }]);
    }
    const authorIds = [...new Set([...before.authorIds, ctx.viewer.userId])];
    const wanted = { ...before, ...content, ...labels, authorIds };
    const changed = changes.filter((name) => JSON.stringify(wanted[name]) !== JSON.stringify(before[name]));
    if (changed.length === 0) return before;
    const after =
      before.status === "DRAFT" ? await replaceDraft(tx, before, wanted) : await updateVersion(tx, before, { tags: wanted.tags });
    if (!after) throw changedMeanwhile(before);
    const { key, number, version } = after;
    await appendEvents(tx, ctx.meta, [
      { type: "definition.updated", subjectId: id, subjectVersion: version, payload: { key, number, changed } },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "definition.update", entityType: "definition", entityId: id, before, after }]);
    return after;
  });
}

/** Columns that can change. Name, description and document follow from the source. */
const changes = ["source", "original", "format", "message", "tags"] as const satisfies readonly (keyof DefinitionRow)[];

function problemsOf(input: UpdateDefinitionInput, { key, number, status }: DefinitionRow): Problem[] {
  if (input.format && typeof input.source !== "string")
    return [{ path: "input.format", message: "The format applies to the source. Pass the source too." }];
  const frozen = (["source", "message"] as const).filter((name) => typeof input[name] === "string");
  if (status === "DRAFT") return [];
  const message = `Version ${number} of ${key} is ${status}. Only the tags of a published version can be changed. To create the next draft from it, use cloneDefinition.`;
  return frozen.map((name) => ({ path: `input.${name}`, message }));
}

/** Deletes a draft. If it was the last version of a key, the key becomes available again and no longer counts towards the limit. */
export function deleteDefinition(ctx: Context, { idempotencyKey, ...input }: KeyedVersionedIdInput): Promise<string> {
  const id = decodeId("definition", input.id, "input.id");
  const call = { mutation: "deleteDefinition", key: idempotencyKey, input };
  const remove = async (tx: Tx): Promise<void> => {
    const draft = await getDefinition(tx, ctx, id, "definition.create", input.expectedVersion);
    const { key, number, status, version } = draft;
    if (status !== "DRAFT") {
      const message = `Version ${number} of ${key} is ${status}; only drafts can be deleted. To retire a published version, use retireDefinition.`;
      throw new BadUserInput([{ path: "input.id", message }]);
    }
    await lockKey(tx, key);
    if (!(await removeDraft(tx, draft))) throw changedMeanwhile(draft);
    await appendEvents(tx, ctx.meta, [
      { type: "definition.deleted", subjectId: id, subjectVersion: version + 1, payload: { key, number } },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "definition.delete", entityType: "definition", entityId: id, before: draft, after: null }]);
    if ((await countVersions(tx, key)) === 0) await meterUsage(tx, ctx.meta, [{ limit: "definitions", amount: -1 }]);
  };
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, call, () => remove(tx).then(() => ({ id })));
    return input.id;
  });
}
