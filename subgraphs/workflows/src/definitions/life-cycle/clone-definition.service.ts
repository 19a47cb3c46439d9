import { withHead } from "@weft/engine";
import { BadUserInput, DefinitionInvalid, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { addDraft, contentOf, isTakenKey, type Content } from "../source/definition-drafts.js";
import type { CloneDefinitionInput } from "../definition.input.js";
import { getDefinition } from "../definition.service.js";
import { DefinitionFormat, toDefinition, type Definition, type DefinitionRow } from "../definition.type.js";
import { readLabels } from "../labels.js";

/** Creates a draft with the source of a version: the next of its key, or the first of another key. Comments are kept. */
export function cloneDefinition(ctx: Context, input: CloneDefinitionInput): Promise<Definition> {
  const id = decodeId("definition", input.id, "input.id");
  const { message } = readLabels(input);
  const problems = [...textProblems("input.key", input.key, { max: 64 }), ...textProblems("input.name", input.name, { max: 200 })];
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const { idempotencyKey, ...rest } = input;
    let made: DefinitionRow | undefined;
    const { result } = await once(tx, ctx.meta, { mutation: "cloneDefinition", key: idempotencyKey ?? null, input: rest }, async () => {
      // Users who can read the copy must be able to read the original.
      const original = await getDefinition(tx, ctx, id, "definition.read");
      made = await copy(tx, ctx, original, { key: input.key ?? null, name: input.name ?? null, message });
      return { id: made.id };
    });
    return toDefinition(made ?? (await getDefinition(tx, ctx, result["id"] ?? "", "definition.create")));
  });
}

/** Null or undefined: those of the original. */
type Labels = Pick<CloneDefinitionInput, "key" | "name"> & { readonly message: string | undefined };

type Original = Pick<DefinitionRow, "key" | "name" | "source"> & { readonly format: string };

/**
 * Returns the content of a copy of a definition under another key and name, if they are given. Comments are kept.
 * @throws BadUserInput for the key and the name, DefinitionInvalid
 */
export function copiedContent(tx: Tx, ctx: Context, original: Original, { key, name }: Pick<Labels, "key" | "name">): Promise<Content> {
  const format = original.format as DefinitionFormat;
  const source = withHead(original.source, format === DefinitionFormat.JSON ? "json" : "yaml", {
    key: key ?? original.key,
    name: name ?? original.name,
  });
  return contentOf(tx, ctx.computing, { source, format }).catch((error: unknown) => {
    throw (error instanceof DefinitionInvalid && problemsOfHead(error)) || error;
  });
}

async function copy(tx: Tx, ctx: Context, original: DefinitionRow, { key, name, message }: Labels): Promise<DefinitionRow> {
  const content = await copiedContent(tx, ctx, original, { key: key ?? null, name: name ?? null });
  if (content.key !== original.key && (await isTakenKey(tx, content.key)))
    throw new BadUserInput([{ path: "input.key", message: `The definition ${quote(content.key)} already exists.` }]);
  // A published version was published by somebody other than its authors, or that was not required. A draft has yet to be, so its authors are kept.
  const authors = original.status === "DRAFT" ? { authorIds: original.authorIds } : {};
  return addDraft(tx, ctx, {
    ...content,
    ...(message !== undefined && { message }),
    tags: original.tags,
    parentId: original.id,
    ...authors,
  });
}

/** Key and name come from the input, so the problems belong to the input. */
function problemsOfHead({ problems }: DefinitionInvalid): BadUserInput | null {
  const ofHead = problems.filter(({ path }) => path === "key" || path === "name");
  return ofHead.length === 0 ? null : new BadUserInput(ofHead.map(({ path, message }) => ({ path: `input.${path}`, message })));
}
