import { compiledTextSteps, diffDocuments, pathText } from "@weft/engine";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { DefinitionChangeKind, DefinitionDiff, DefinitionPart } from "./definition-diff.type.js";
import { getDefinition } from "../definition.service.js";
import { toDefinition, type DefinitionRow } from "../definition.type.js";
import { spendText } from "./text-budget.js";

const maxChanges = 1000;

/** Returns the differences between two versions, of the same key or of two keys. */
export async function diffDefinitions(ctx: Context, fromId: string, toId: string): Promise<DefinitionDiff> {
  const [fromUuid, toUuid] = [decodeId("definition", fromId, "from"), decodeId("definition", toId, "to")];
  const { from, to } = await ctx.read(async (tx) => ({
    from: await getDefinition(tx, ctx, fromUuid, "definition.read"),
    to: await getDefinition(tx, ctx, toUuid, "definition.read"),
  }));
  spendText(ctx, from.source, to.source);
  const before = await documentOf(ctx, from);
  const after = await documentOf(ctx, to);
  const changes = await ctx.computing.run(() => diffDocuments(before, after));
  return {
    from: toDefinition(from),
    to: toDefinition(to),
    changes: changes.slice(0, maxChanges).map(({ kind, part, path, before = null, after = null }) => ({
      kind: kind as DefinitionChangeKind,
      part: part as DefinitionPart,
      path: pathText(path),
      before,
      after,
    })),
    totalChanges: changes.length,
  };
}

/** Parsed from the source, because the column does not preserve the order of `set` assignments. */
const documentOf = async ({ computing }: Context, { source, format }: DefinitionRow): Promise<unknown> =>
  (await computing.runAll(compiledTextSteps(source, format))).document;
