import { workflows } from "@weft/drizzle";
import type { TimerRow } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { countTimers, selectTimerPage, visible } from "./timer.store.js";
import { TimerKind, TimerStatus, toTimer, type WorkflowTimer } from "./timer.type.js";

const { instances, timers } = workflows;

export const WorkflowTimerFilter = filterInput("WorkflowTimerFilter", {
  status: enumField("WorkflowTimerStatus", TimerStatus, timers.status),
  kind: enumField("WorkflowTimerKind", TimerKind, timers.kind),
  instanceId: idField("instance", timers.instanceId),
  taskId: idField("task", timers.taskId),
  definitionKey: textField(instances.definitionKey),
  name: textField(timers.name),
  state: textField(timers.state),
  dueAt: timeField(timers.dueAt),
});

export const WorkflowTimerOrder = orderByInput("WorkflowTimerOrder", {
  DUE_AT: { column: timers.dueAt, valueOf: (row: TimerRow) => row.dueAt },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the timers of the instances that the viewer can see, next first by default. */
export function listTimers(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<WorkflowTimer>> {
  const where = and(visible(ctx.viewer, "workflow.read"), WorkflowTimerFilter.toSql(filter));
  return keysetPage<TimerRow, WorkflowTimer>(ctx, {
    args: page,
    list: "workflowTimers",
    orderBy: WorkflowTimerOrder.resolve(orderBy, ["DUE_AT", "ASC"]),
    id: { column: timers.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectTimerPage(tx, where, slice)),
    count: () => ctx.read((tx) => countTimers(tx, where)),
    toNode: toTimer,
  });
}
