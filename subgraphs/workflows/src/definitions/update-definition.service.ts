import { BadUserInput, appendEvents, decodeId, meterUsage, once, writeAudit, type Context, type Problem, type Tx } from "@weft/shared";
import { contentOf } from "./definition-drafts.js";
import type { DeleteDefinitionInput, UpdateDefinitionInput } from "./definition.input.js";
import { changedMeanwhile, changeOnce, getDefinition } from "./definition.service.js";
import type { Definition, DefinitionRow } from "./definition.type.js";
import { countVersions, lockKey, removeDraft, replaceDraft, updateVersion } from "./definition.writes.store.js";
import { readLabels } from "./labels.js";

/** Rewrites a draft; of what is published only the tags change. A call that changes nothing writes nothing. */
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
      const message = `This is the draft of ${before.key}, and the text has the key ${content.key}. A definition of another key is made with createDefinition or cloneDefinition.`;
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

/** What may differ; name, description and document follow the source. */
const changes = ["source", "format", "message", "tags"] as const satisfies readonly (keyof DefinitionRow)[];

function problemsOf(input: UpdateDefinitionInput, { key, number, status }: DefinitionRow): Problem[] {
  if (input.format && typeof input.source !== "string")
    return [{ path: "input.format", message: "It says how the source is written: give the source with it." }];
  const frozen = (["source", "message"] as const).filter((name) => typeof input[name] === "string");
  if (status === "DRAFT") return [];
  const message = `Version ${number} of ${key} is ${status}, and what was published does not change, but for its tags. cloneDefinition makes the next draft of it.`;
  return frozen.map((name) => ({ path: `input.${name}`, message }));
}

/** Throws a draft away; with the last version of a key the key is free again, and counts no more. */
export function deleteDefinition(ctx: Context, { idempotencyKey, ...input }: DeleteDefinitionInput): Promise<string> {
  const id = decodeId("definition", input.id, "input.id");
  const call = { mutation: "deleteDefinition", key: idempotencyKey, input };
  const remove = async (tx: Tx): Promise<void> => {
    const draft = await getDefinition(tx, ctx, id, "definition.create", input.expectedVersion);
    const { key, number, status, version } = draft;
    if (status !== "DRAFT") {
      const message = `Version ${number} of ${key} is ${status}; only drafts are deleted. retireDefinition takes a published version out of use.`;
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
