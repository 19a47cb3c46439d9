/** Returns the events of an outcome, in the order in which they are published: the outcome itself, `emit` actions, closed tasks, opened tasks. */
import type { AnyNewEvent } from "@weft/platform/events";
import type { Outcome } from "../../core/model/outcome.js";
import type { TaskClosing, TaskOpening } from "./instance-write.js";
import { peopleOf, unique } from "../model/people.js";
import { apiPrincipal, principalOf } from "../model/principal.js";
import type { OpenTask } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";

export type WriteFacts = {
  readonly before: InstanceHead | null;
  readonly after: InstanceHead;
  readonly outcome: Outcome;
  /** The open tasks before the outcome, including those that it closes. */
  readonly tasks: readonly OpenTask[];
  readonly closeTasks: readonly TaskClosing[];
  readonly openTasks: readonly TaskOpening[];
  /** Version of the instance after the last outcome of the chain. */
  readonly settledVersion: number;
};

export function eventsOf(facts: WriteFacts): AnyNewEvent[] {
  return [
    instanceEvent(facts),
    ...emittedEvents(facts),
    ...requestedCalls(facts),
    ...requestedStarts(facts),
    ...noticeEvents(facts),
    ...closedEvents(facts),
    ...facts.openTasks.map((task, index, all) =>
      openedEvent(facts.after, task, task.vote !== null && all.slice(0, index).some((earlier) => isAlikeFor(earlier, task))),
    ),
  ];
}

/** The business row of the instance, in the form in which events reference further objects: type → ID. */
export function businessOf({ subjectType, subjectId }: InstanceHead): Record<string, string> {
  return subjectType && subjectId ? { [subjectType]: subjectId } : {};
}

function instanceEvent({ before, after, outcome }: WriteFacts): AnyNewEvent {
  const about = { subjectId: after.id, subjectVersion: after.version, related: businessOf(after) };
  const common = { instanceId: after.id, definitionKey: after.definitionKey, version: after.version, status: after.status };
  const from = outcome.from ?? outcome.to;
  const closing = outcome.isClosed === undefined ? {} : { isClosed: outcome.isClosed };
  switch (outcome.kind) {
    case "start":
      return {
        type: "workflow.started",
        ...about,
        related: { ...about.related, definition: after.definitionId },
        payload: { ...common, to: outcome.to },
      };
    case "transition":
      return {
        type: "workflow.transitioned",
        ...about,
        payload: {
          ...common,
          from,
          to: outcome.to,
          transition: outcome.transition ?? "",
          ...(outcome.timer && { timer: outcome.timer.name }),
          ...closing,
        },
      };
    case "cancel":
      return { type: "workflow.cancelled", ...about, payload: { ...common, from, to: outcome.to } };
    case "comment":
      return { type: "workflow.commented", ...about, payload: { ...common, audience: "PUBLIC" } };
    case "suspend":
      return { type: "workflow.suspended", ...about, payload: { ...common, from, to: outcome.to } };
    case "resume":
      return { type: "workflow.resumed", ...about, payload: { ...common, from, to: outcome.to } };
    case "rollback":
      return { type: "workflow.rolled_back", ...about, payload: { ...common, from, to: outcome.to, ...closing } };
    case "vote":
      return { type: "workflow.voted", ...about, payload: { ...common, taskId: outcome.taskId ?? "" } };
    case "child":
      return { type: "workflow.child_ended", ...about, payload: common };
    case "incident":
      return {
        type: "workflow.incident_opened",
        ...about,
        payload: { ...common, from, to: outcome.to, kind: outcome.incident?.kind ?? "", message: outcome.incident?.message ?? "" },
      };
    case "resolution":
      return { type: "workflow.incident_resolved", ...about, payload: { ...common, from, to: outcome.to } };
    case "migration":
      return { type: "workflow.migrated", ...about, payload: { ...common, from, to: outcome.to, ...closing } };
    case "timer":
      return { type: "workflow.timer_fired", ...about, payload: { ...common, timer: outcome.timer?.name ?? "" } };
    case "data":
      return { type: "workflow.data_changed", ...about, payload: { ...common, changed: changedNames(outcome) } };
    case "assign": {
      const assignee = principalOf(after);
      const related = { ...(assignee && { [assignee.type]: assignee.id }), ...about.related };
      return {
        type: "workflow.assigned",
        ...about,
        related,
        payload: {
          ...common,
          previous: apiPrincipal(before && principalOf(before)),
          assignee: apiPrincipal(assignee),
          ...(outcome.isAutomatic && { isAutomatic: true as const }),
        },
      };
    }
    default:
      throw new Error(`unknown outcome ${String(outcome.kind satisfies never)}`);
  }
}

/** What every event of a run says. Its subject is the instance. */
export const aboutRun = (after: InstanceHead, { id, state }: { readonly id: string; readonly state: string }) => ({
  subjectId: after.id,
  subjectVersion: after.version,
  related: businessOf(after),
  facts: { runId: id, instanceId: after.id, definitionKey: after.definitionKey, state },
});

/** The steps of the state that is entered begin. */
export function runStarted(after: InstanceHead, id: string): AnyNewEvent {
  const { facts, ...about } = aboutRun(after, { id, state: after.state });
  return { type: "run.started", ...about, payload: { ...facts, status: "RUNNING" } };
}

/** The definition chooses the name; the registry has one type for all of them. */
function emittedEvents({ after, outcome }: WriteFacts): AnyNewEvent[] {
  return outcome.events.map(({ type, payload }) => ({
    type: "workflow.emitted",
    subjectId: after.id,
    subjectVersion: after.version,
    related: businessOf(after),
    payload: { instanceId: after.id, definitionKey: after.definitionKey, name: type, payload: { ...payload } as Record<string, never> },
  }));
}

/** A consumer turns each into a call, which is sent after the commit. */
function requestedCalls({ after, outcome, settledVersion }: WriteFacts): AnyNewEvent[] {
  return (outcome.calls ?? []).map(({ integration, action, input, followUp: { into, onSuccess, onFailure } }) => ({
    type: "workflow.call_requested",
    subjectId: after.id,
    subjectVersion: after.version,
    related: businessOf(after),
    payload: {
      instanceId: after.id,
      definitionKey: after.definitionKey,
      integration,
      action,
      input: { ...input } as Record<string, never>,
      into: into === null ? null : [...into],
      onSuccess,
      onFailure,
      settledVersion,
    },
  }));
}

/** A consumer starts each of them, after the commit. */
function requestedStarts({ after, outcome }: WriteFacts): AnyNewEvent[] {
  return (outcome.starts ?? []).map(({ definition, data }) => ({
    type: "workflow.start_requested",
    subjectId: after.id,
    subjectVersion: after.version,
    related: businessOf(after),
    payload: {
      instanceId: after.id,
      definitionKey: after.definitionKey,
      starts: definition,
      data: { ...data } as Record<string, never>,
    },
  }));
}

/** Whom the notices are for is decided at this moment: with the tasks that are open afterwards. */
function noticeEvents({ after, outcome, tasks, closeTasks, openTasks }: WriteFacts): AnyNewEvent[] {
  const { notices = [] } = outcome;
  if (notices.length === 0) return [];
  const open = [...tasks.filter(({ id }) => !closeTasks.some((closing) => closing.id === id)), ...openTasks];
  return notices.map(({ to, title }) => {
    const people = peopleOf(to.recipients, after, open);
    return {
      type: "workflow.notified",
      subjectId: after.id,
      subjectVersion: after.version,
      related: businessOf(after),
      payload: {
        instanceId: after.id,
        definitionKey: after.definitionKey,
        version: after.version,
        status: after.status,
        state: after.state,
        title,
        notified: {
          ...people,
          userIds: unique([...people.userIds, ...to.users]),
          roles: unique([...people.roles, ...to.roles]),
          teamIds: unique([...people.teamIds, ...to.teams]),
        },
      },
    };
  });
}

function closedEvents({ after, outcome, tasks, closeTasks }: WriteFacts): AnyNewEvent[] {
  return closeTasks.flatMap((closing): AnyNewEvent[] => {
    const task = tasks.find((one) => one.id === closing.id);
    if (!task) return [];
    const about = aboutTask(after, task.id, task.version + 1);
    const payload = taskPayload(after, { ...task, status: closing.status });
    return closing.status === "COMPLETED"
      ? [{ type: "task.completed", ...about, payload: { ...payload, transition: outcome.transition ?? "" } }]
      : [{ type: "task.closed", ...about, payload }];
  });
}

/** Whether both tasks ask the same users for the same vote. */
const isAlikeFor = (one: TaskOpening, other: TaskOpening): boolean =>
  one.rule === other.rule && one.assigneeId === null && other.assigneeId === null && candidatesText(one) === candidatesText(other);

const candidatesText = ({ candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds }: TaskOpening): string =>
  JSON.stringify([candidateRoles, candidateUserIds, candidateTeamIds, candidateVendorIds]);

function openedEvent(after: InstanceHead, task: TaskOpening, isAlike: boolean): AnyNewEvent {
  return {
    type: "task.opened",
    ...aboutTask(after, task.id, 1),
    payload: {
      ...taskPayload(after, { ...task, status: task.assigneeId === null ? "OPEN" : "CLAIMED" }),
      ...(isAlike && { isAlike }),
    },
  };
}

/** What every event of a task references in addition to its payload. */
export function aboutTask(instance: InstanceHead, taskId: string, version: number) {
  return { subjectId: taskId, subjectVersion: version, related: { instance: instance.id, ...businessOf(instance) } };
}

type TaskFacts = Pick<
  OpenTask,
  "id" | "title" | "assigneeId" | "candidateRoles" | "candidateUserIds" | "candidateTeamIds" | "candidateVendorIds"
> & {
  readonly status: "OPEN" | "CLAIMED" | "COMPLETED" | "CLOSED";
};

export function taskPayload(instance: InstanceHead, task: TaskFacts) {
  return {
    taskId: task.id,
    instanceId: instance.id,
    title: task.title,
    status: task.status,
    candidateRoles: [...task.candidateRoles],
    candidateUserIds: [...task.candidateUserIds],
    candidateTeamIds: [...task.candidateTeamIds],
    candidateVendorIds: [...task.candidateVendorIds],
    assigneeId: task.assigneeId,
  };
}

function changedNames({ dataChanges }: Outcome): string[] {
  return [...Object.keys(dataChanges.patch), ...dataChanges.removed];
}
