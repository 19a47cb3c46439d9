import type { Secret } from "@weft/platform/secrets";
import type { Context } from "@weft/api/context";
import { errorField } from "./trigger-parts.js";
import { findTriggersOf, type TriggerRow } from "./trigger.store.js";
import { type IntegrationTrigger, toIntegrationTrigger } from "./trigger.type.js";

/** Loads the triggers of an integration, in the order of their creation. */
export async function loadTriggersOf(ctx: Context, integrationId: string): Promise<IntegrationTrigger[]> {
  const loader = ctx.loader<string, TriggerRow[]>("integrationTriggers", async (tx, ids) =>
    Map.groupBy(await findTriggersOf(tx, ids), (row) => row.integrationId),
  );
  return ((await loader.load(integrationId)) ?? []).map(toIntegrationTrigger);
}

/** Decrypts the last error of a trigger. Those of one request are decrypted together. */
export async function openedError(ctx: Context, { uuid, sealedError }: IntegrationTrigger): Promise<string | null> {
  if (sealedError === null) return null;
  const loader = ctx.loader<string, string>("integrationTriggerError", async (tx, keys) => {
    const opened = await ctx.services.secrets.open(
      tx,
      ctx.viewer.tenantId,
      keys.map((key) => JSON.parse(key) as Secret),
    );
    return new Map(keys.map((key, at) => [key, opened[at] ?? ""]));
  });
  const secret: Secret = { field: errorField(uuid), value: sealedError };
  return loader.load(JSON.stringify(secret));
}
