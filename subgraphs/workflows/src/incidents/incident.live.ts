import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeIdOrNull } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { getInstance } from "../instances/instance.service.js";
import { findIncidentAt } from "./incident.store.js";
import { IncidentChange, IncidentChanged, IncidentChangedArgs, toIncident } from "./incident.type.js";

async function changed(ctx: Context, { instanceId }: IncidentChangedArgs, event: EventEnvelope | null): Promise<IncidentChanged | null> {
  if (event === null) {
    const id = decodeIdOrNull("instance", instanceId, "instanceId") ?? null;
    if (id !== null) await ctx.read((tx) => getInstance(tx, ctx, id, "incident.read"));
    return null;
  }
  const isExact = event.type === "workflow.incident_opened";
  const at = { instanceId: event.subjectId, version: event.subjectVersion, isExact };
  const row = await ctx.read((tx) => findIncidentAt(tx, ctx.viewer, at));
  if (!row) return null;
  const change = isExact ? IncidentChange.OPENED : IncidentChange.RESOLVED;
  return { cursor: cursorOf(ctx, event), change, incident: toIncident(row), occurredAt: event.occurredAt };
}

export const IncidentChangedLive = liveField({
  name: "incidentChanged",
  type: () => IncidentChanged,
  args: IncidentChangedArgs,
  rule: can("incident.read"),
  description:
    "Incidents of the instances that you can see, when they are created and when they are resolved. Errors: NOT_FOUND (the instance), BAD_USER_INPUT.",
  resolve: changed,
});

export const incidentChangedModule: SubgraphModule = { resolvers: { workflows: [IncidentChangedLive] } };
