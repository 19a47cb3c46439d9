import { triggers as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import type { TriggerRunRow } from "../act/act.store.js";
import { countRuns, selectRunPage } from "./trigger-run.store.js";
import { TriggerOutcome, toTriggerRun, type TriggerRun } from "./trigger-run.type.js";

const { triggerRuns } = tables;

export const TriggerRunFilter = filterInput("TriggerRunFilter", {
  triggerId: idField("trigger", triggerRuns.triggerId),
  eventId: idField("event", triggerRuns.eventId),
  eventType: textField(triggerRuns.eventType),
  outcome: enumField("TriggerOutcome", TriggerOutcome, triggerRuns.outcome),
  createdAt: timeField(triggerRuns.createdAt),
});

export const TriggerRunOrder = orderByInput("TriggerRunOrder", {
  CREATED_AT: { column: triggerRuns.createdAt, valueOf: (row: TriggerRunRow) => row.createdAt },
});

type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of what the tenant's triggers did, newest first by default. */
export function listRuns(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<TriggerRun>> {
  const where = TriggerRunFilter.toSql(filter);
  return keysetPage<TriggerRunRow, TriggerRun>(ctx, {
    args: page,
    list: "triggerRuns",
    orderBy: TriggerRunOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: triggerRuns.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectRunPage(tx, where, slice)),
    count: () => ctx.read((tx) => countRuns(tx, where)),
    toNode: toTriggerRun,
  });
}
