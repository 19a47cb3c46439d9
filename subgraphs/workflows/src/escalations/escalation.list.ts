import { escalations as tables } from "@weft/drizzle";
import type { EscalationRow } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, numberField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and, sql } from "drizzle-orm";
import { countEscalations, selectEscalationPage, visible } from "./escalation.store.js";
import { EscalationAnchor, EscalationOutcome, toEscalation, type Escalation } from "./escalation.type.js";

const { escalations } = tables;

export const EscalationFilter = filterInput("EscalationFilter", {
  outcome: enumField("EscalationOutcome", EscalationOutcome, sql`${escalations.outcome}`),
  anchor: enumField("EscalationAnchor", EscalationAnchor, sql`${escalations.anchor}`),
  name: textField(escalations.chain),
  level: numberField(escalations.level),
  definitionKey: textField(escalations.definitionKey),
  instanceId: idField("instance", escalations.instanceId),
  taskId: idField("task", escalations.taskId),
  startedInstanceId: idField("instance", escalations.startedInstanceId),
  dueAt: timeField(escalations.dueAt),
  occurredAt: timeField(escalations.occurredAt),
});

export const EscalationOrder = orderByInput("EscalationOrder", {
  OCCURRED_AT: { column: escalations.occurredAt, valueOf: ({ occurredAt }: EscalationRow) => occurredAt },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the escalations of instances that the viewer can see. */
export function listEscalations(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Escalation>> {
  const where = and(visible(ctx.viewer, "sla.read"), EscalationFilter.toSql(filter));
  return keysetPage<EscalationRow, Escalation>(ctx, {
    args: page,
    list: "escalations",
    orderBy: EscalationOrder.resolve(orderBy, ["OCCURRED_AT", "DESC"]),
    id: { column: escalations.id, valueOf: ({ id }) => id },
    fetch: (slice) => ctx.read((tx) => selectEscalationPage(tx, where, slice)),
    count: () => ctx.read((tx) => countEscalations(tx, where)),
    toNode: toEscalation,
  });
}
