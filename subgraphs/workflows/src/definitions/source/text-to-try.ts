import { BadUserInput, DefinitionInvalid } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { checkDefinition, readDefinition } from "../definition.service.js";
import type { DefinitionFormat } from "../definition.type.js";
import { spendText } from "./text-budget.js";

type Which = { readonly definitionId?: string | null; readonly source?: string | null; readonly format?: DefinitionFormat | null };

/** Returns the source of a saved version, or the source that was passed after checking it. `format` is JSON, YAML or auto. */
export async function textToTry(ctx: Context, { definitionId, source, format }: Which): Promise<{ source: string; format: string }> {
  const hasId = typeof definitionId === "string";
  if (hasId === (typeof source === "string"))
    throw new BadUserInput([{ path: "definitionId", message: "Pass either definitionId or source." }]);
  if (hasId) {
    const definition = await readDefinition(ctx, decodeId("definition", definitionId, "definitionId"));
    spendText(ctx, definition.source);
    return definition;
  }
  const text = source ?? "";
  spendText(ctx, text);
  const { problems } = await checkDefinition(ctx, text, format);
  if (problems.length > 0) throw new DefinitionInvalid(problems);
  return { source: text, format: format ?? "auto" };
}
