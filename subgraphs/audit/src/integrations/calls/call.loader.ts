import type { Secret } from "@weft/platform/secrets";
import type { Context } from "@weft/api/context";

/** Decrypts a JSON text of a call. Those of one request are decrypted together. */
export async function openedText(ctx: Context, secret: Secret): Promise<unknown> {
  const loader = ctx.loader<string, string>("integrationCallText", async (tx, keys) => {
    const secrets = keys.map((key) => JSON.parse(key) as Secret);
    const opened = await ctx.services.secrets.open(tx, ctx.viewer.tenantId, secrets);
    return new Map(keys.map((key, at) => [key, opened[at] ?? "null"]));
  });
  return JSON.parse((await loader.load(JSON.stringify(secret))) ?? "null");
}
