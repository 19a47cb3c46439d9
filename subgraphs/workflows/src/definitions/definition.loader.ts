import { NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { selectDefinitions, selectDefinitionTexts } from "./definition.store.js";
import { toDefinitionHead, type Definition, type DefinitionText } from "./definition.type.js";

/** Loads definitions by UUID, without their text. Null for those that the viewer cannot see. */
export function loadDefinition(ctx: Context, id: string): Promise<Definition | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Definition>(
      "definition",
      async (tx, ids) => new Map((await selectDefinitions(tx, viewer, ids)).map((row) => [row.id, toDefinitionHead(row)])),
    )
    .load(id);
}

/**
 * Returns a definition's text, and reads it if the definition was read without. Most operations show only names and states of definitions, and a text
 * can be large.
 * @throws NotFound if the definition was deleted meanwhile
 */
export async function loadDefinitionText(ctx: Context, { id, source, original, document }: Definition): Promise<DefinitionText> {
  if (source !== undefined && original !== undefined && document !== undefined) return { source, original, document };
  const { viewer } = ctx;
  const text = await ctx
    .loader<string, DefinitionText>(
      "definitionText",
      async (tx, ids) => new Map((await selectDefinitionTexts(tx, viewer, ids)).map((row) => [row.id, row])),
    )
    .load(decodeId("definition", id));
  if (text === null) throw new NotFound("Definition", id);
  return text;
}
