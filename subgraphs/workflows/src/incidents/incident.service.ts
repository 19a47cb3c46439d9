import { actorOf, resolveIncident as resolveInEngine } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { loadInstance } from "../instances/instance.loader.js";
import type { ResolveIncidentInput, ResolveIncidentPayload } from "./incident.input.js";
import { findIncident } from "./incident.store.js";
import { toIncident, type Incident } from "./incident.type.js";

/** Returns one incident, if the viewer can see it. */
export async function readIncident(ctx: Context, id: string): Promise<Incident> {
  const row = await ctx.read((tx) => findIncident(tx, ctx.viewer, id));
  if (!row) throw new NotFound("Incident", encodeId("incident", id));
  return toIncident(row);
}

/** Resolves an incident. Of several concurrent calls one succeeds; the others fail with CONFLICT, or because it is already resolved. */
export async function resolveIncident(ctx: Context, { idempotencyKey, ...input }: ResolveIncidentInput): Promise<ResolveIncidentPayload> {
  const id = decodeId("incident", input.id, "input.id");
  const { action, transition, comment, expectedVersion } = input;
  const { row, instanceId } = await ctx.inTenant(async (tx) => {
    const call = { mutation: "resolveIncident", key: idempotencyKey ?? null, input };
    const { result } = await once(tx, ctx.meta, call, async () => {
      const request = { id, action, transition, input: input.input, comment, expectedVersion, actor: actorOf(ctx.viewer) };
      return { id: (await resolveInEngine(tx, ctx.meta, request)).id };
    });
    return { row: await findIncident(tx, ctx.viewer, id), instanceId: result["id"] ?? "" };
  });
  return { incident: row && toIncident(row), instance: await loadInstance(ctx, instanceId) };
}
