import { writeDefinition, type TextFormat } from "@weft/engine";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { DefinitionExport } from "./definition-export.type.js";
import { getDefinition } from "../definition.service.js";
import { DefinitionFormat } from "../definition.type.js";
import { spendText } from "./text-budget.js";

const formats: Readonly<Record<DefinitionFormat, TextFormat>> = { [DefinitionFormat.YAML]: "yaml", [DefinitionFormat.JSON]: "json" };

/** Exports a version as text that `createDefinition` accepts, in this or another tenant. */
export async function exportDefinition(ctx: Context, id: string, format: DefinitionFormat): Promise<DefinitionExport> {
  const uuid = decodeId("definition", id);
  const row = await ctx.read((tx) => getDefinition(tx, ctx, uuid, "definition.read"));
  spendText(ctx, row.source);
  const source = await ctx.computing.run(() => writeDefinition(row.source, formats[row.format as DefinitionFormat], formats[format]));
  return {
    source,
    format,
    fileName: `${row.key}-${row.number}.${formats[format]}`,
  };
}
