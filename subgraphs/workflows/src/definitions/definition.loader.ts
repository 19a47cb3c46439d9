import type { Context } from "@weft/shared";
import { selectDefinitions } from "./definition.store.js";
import { toDefinition, type Definition } from "./definition.type.js";

/** Loads definitions by UUID. Null for those that the viewer cannot see. */
export function loadDefinition(ctx: Context, id: string): Promise<Definition | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Definition>(
      "definition",
      async (tx, ids) => new Map((await selectDefinitions(tx, viewer, ids)).map((row) => [row.id, toDefinition(row)])),
    )
    .load(id);
}
