import { workflows } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { countIncidents, selectIncidentPage, visible } from "./incident.store.js";
import { IncidentKind, IncidentStatus, toIncident, type Incident, type IncidentRow } from "./incident.type.js";

const { incidents, instances } = workflows;

export const IncidentFilter = filterInput("IncidentFilter", {
  status: enumField("IncidentStatus", IncidentStatus, incidents.status),
  kind: enumField("IncidentKind", IncidentKind, incidents.kind),
  instanceId: idField("instance", incidents.instanceId),
  definitionKey: textField(instances.definitionKey),
  state: textField(incidents.state),
  createdAt: timeField(incidents.createdAt),
});

export const IncidentOrder = orderByInput("IncidentOrder", {
  CREATED_AT: { column: incidents.createdAt, valueOf: (row: IncidentRow) => row.createdAt },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the incidents that the viewer can see, newest first by default. */
export function listIncidents(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Incident>> {
  const where = and(visible(ctx.viewer, "incident.read"), IncidentFilter.toSql(filter));
  return keysetPage<IncidentRow, Incident>(ctx, {
    args: page,
    list: "incidents",
    orderBy: IncidentOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: incidents.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectIncidentPage(tx, where, slice)),
    count: () => ctx.read((tx) => countIncidents(tx, where)),
    toNode: toIncident,
  });
}
