import type { Context } from "@weft/api/context";
import { findModelProviders } from "./model-provider.store.js";
import { type ModelProvider, toModelProvider } from "./model-provider.type.js";

/** Loads the provider of an agent. One statement for all agents of the response. */
export async function loadModelProvider(ctx: Context, id: string): Promise<ModelProvider> {
  const loader = ctx.loader<string, ModelProvider>("modelProvider", async (tx, ids) => {
    const rows = await findModelProviders(tx, ids);
    return new Map(rows.map((row) => [row.id, toModelProvider(row)]));
  });
  const provider = await loader.load(id);
  if (provider === null) throw new Error(`The model provider ${id} of an agent does not exist.`);
  return provider;
}
