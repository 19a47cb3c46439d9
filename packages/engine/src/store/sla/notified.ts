/** Finds whom the warnings and breaches of clocks notify. */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import type { AnyNewEvent } from "@weft/platform/events";
import { and, inArray, or } from "drizzle-orm";
import { DEFAULT_NOTIFY } from "../../core/sla/read.js";
import { machinesOf } from "../definition/machines.js";
import type { InstanceHead } from "../model/instance-head.js";
import { peopleOf } from "../model/people.js";
import type { ClockRow } from "./clocks.store.js";

const { tasks } = workflows;

/** An event of a clock, and what it is about. */
export type ClockEvent = { readonly event: AnyNewEvent; readonly row: ClockRow; readonly head: InstanceHead };

const momentOf = ({ event: { type } }: ClockEvent): "warning" | "breach" | null =>
  type === "sla.warning" ? "warning" : type === "sla.breached" ? "breach" : null;

/** Whether the event is a warning or a breach, which notify users. */
export const isAnnounced = (one: ClockEvent): boolean => momentOf(one) !== null;

/** Returns the events in order. Those of warnings and breaches say whom they notify, as the instance and its tasks are at this moment. */
export async function withRecipients(tx: Tx, tenantId: string, events: readonly ClockEvent[]): Promise<AnyNewEvent[]> {
  const reached = events.filter(isAnnounced);
  if (reached.length === 0) return events.map(({ event }) => event);
  const found = await selectTasks(tx, reached);
  const machines = await machinesOf(tx, tenantId, [...new Set(reached.map(({ head }) => head.definitionId))]);
  return events.map((one) => {
    const { event, row, head } = one;
    const moment = momentOf(one);
    if (moment === null) return event;
    const notify = machines.get(head.definitionId)?.slas.get(row.rule)?.notify ?? DEFAULT_NOTIFY;
    const isAssigned = head.assigneeUserId !== null || head.assigneeTeamId !== null || head.assigneeVendorId !== null;
    // Without an assignee, an instance is a matter of the users who have its open tasks.
    const concerned = found.filter((task) => (row.taskId === null ? !isAssigned && isOpen(task, head) : task.id === row.taskId));
    return { ...event, payload: { ...event.payload, notified: peopleOf(notify[moment], head, concerned) } } as AnyNewEvent;
  });
}

const OPEN = ["OPEN", "CLAIMED"];

const isOpen = ({ instanceId, status }: { instanceId: string; status: string }, { id }: InstanceHead): boolean =>
  instanceId === id && OPEN.includes(status);

/** The tasks of these clocks, and the open tasks of the other clocks' instances. */
function selectTasks(tx: Tx, events: readonly ClockEvent[]) {
  const taskIds = events.flatMap(({ row }) => row.taskId ?? []);
  const instanceIds = events.flatMap(({ row, head }) => (row.taskId === null ? [head.id] : []));
  const { id, instanceId, status, rule, state, title, assigneeId, candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds } =
    tasks;
  const columns = {
    id,
    instanceId,
    status,
    rule,
    state,
    title,
    assigneeId,
    candidateRoles,
    candidateUserIds,
    candidateTeamIds,
    candidateVendorIds,
  };
  return named(
    "selectTasksOfSlaEvents",
    tx
      .select(columns)
      .from(tasks)
      .where(or(among(tasks.id, taskIds), and(among(tasks.instanceId, instanceIds), inArray(tasks.status, OPEN)))),
  );
}
