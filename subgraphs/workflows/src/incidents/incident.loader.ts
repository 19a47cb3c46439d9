import { hasPermission } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { selectIncidents, selectOpenIncidents } from "./incident.store.js";
import { toIncident, type Incident } from "./incident.type.js";

/** Loads incidents by UUID. Null for those that the viewer cannot see. */
export function loadIncident(ctx: Context, id: string): Promise<Incident | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Incident>(
      "incident",
      async (tx, ids) => new Map((await selectIncidents(tx, viewer, ids)).map((row) => [row.id, toIncident(row)])),
    )
    .load(id);
}

/** Loads the open incident of an instance, if the viewer can see it. One statement for all instances of the response, none for running ones. */
export async function loadOpenIncident(
  ctx: Context,
  { id, status }: { readonly id: string; readonly status: string },
): Promise<Incident | null> {
  const { viewer } = ctx;
  if (status !== "FAILED" || !hasPermission(viewer, "incident.read")) return null;
  return ctx
    .loader<string, Incident>(
      "openIncident",
      async (tx, ids) => new Map((await selectOpenIncidents(tx, viewer, ids)).map((row) => [row.instanceId, toIncident(row)])),
    )
    .load(id);
}
