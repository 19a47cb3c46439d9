import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { people, principal } from "./payloads.js";

const id = z.uuid();

const instanceFacts = {
  instanceId: id,
  definitionKey: z.string(),
  version: z.int().positive(),
  /** The instance's status after the change. */
  status: z.string(),
};

/**
 * Whether the work of the instance counts as ended: true if the change closes it, false if the change reopens it. Omitted if it does neither. An end
 * that is final is in `status`.
 */
const closing = { isClosed: z.boolean().optional() };

const taskFacts = {
  taskId: id,
  instanceId: id,
  title: z.string(),
  /** The task's status after the change. */
  status: z.enum(["OPEN", "CLAIMED", "COMPLETED", "CLOSED"]),
  candidateRoles: z.array(z.string()),
  candidateUserIds: z.array(id),
  candidateTeamIds: z.array(id),
  candidateVendorIds: z.array(id),
  assigneeId: id.nullable(),
};

/** Types of business objects whose workflow an instance can be. */
const businessOf = ["request", "project", "vendor", "asset", "building", "contract", "scopeChange", "milestone"] as const;

const ofInstance = { version: 1, subject: "instance", related: businessOf, visibility: "subject" } as const;
const ofTask = { version: 1, subject: "task", related: ["instance", ...businessOf], visibility: "subject" } as const;

/** Events that the engine writes about instances and their tasks. */
export const workflowEvents = byType(
  defineEvent({
    type: "workflow.started",
    version: 1,
    subject: "instance",
    related: [...businessOf, "definition"],
    visibility: "subject",
    payload: z.strictObject({ ...instanceFacts, to: z.string() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.transitioned",
    // `timer`: the timer that fired the transition.
    payload: z.strictObject({
      ...instanceFacts,
      from: z.string(),
      to: z.string(),
      transition: z.string(),
      timer: z.string().optional(),
      ...closing,
    }),
  }),
  defineEvent({
    type: "workflow.assigned",
    version: 1,
    subject: "instance",
    related: [...businessOf, "user", "team"],
    visibility: "subject",
    // `isAutomatic`: an action of the definition has assigned it. Absent: a user has.
    payload: z.strictObject({ ...instanceFacts, previous: principal, assignee: principal, isAutomatic: z.literal(true).optional() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.cancelled",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }),
  }),
  /** A comment was added. Its text is in the history. The policy of the log hides those of the audience INTERNAL from users of a vendor. */
  defineEvent({
    ...ofInstance,
    type: "workflow.commented",
    // Omitted in events from before audiences existed.
    payload: z.strictObject({ ...instanceFacts, audience: z.enum(["INTERNAL", "PUBLIC"]).optional() }),
  }),
  /** The instance was suspended: nothing fires until it is resumed. */
  defineEvent({
    ...ofInstance,
    type: "workflow.suspended",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }),
  }),
  /** The instance was resumed. */
  defineEvent({
    ...ofInstance,
    type: "workflow.resumed",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }),
  }),
  /** The instance was rolled back to an earlier state. */
  defineEvent({
    ...ofInstance,
    type: "workflow.rolled_back",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string(), ...closing }),
  }),
  /** One of several tasks of the instance's state was completed. The instance waits for the others. */
  defineEvent({
    ...ofInstance,
    type: "workflow.voted",
    payload: z.strictObject({ ...instanceFacts, taskId: id }),
  }),
  /** One of several child instances has ended. The instance waits for the others. */
  defineEvent({
    ...ofInstance,
    type: "workflow.child_ended",
    payload: z.strictObject(instanceFacts),
  }),
  /** The instance cannot continue by itself. A user must resolve the incident. */
  defineEvent({
    ...ofInstance,
    type: "workflow.incident_opened",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string(), kind: z.string(), message: z.string() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.incident_resolved",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }),
  }),
  /** The instance was migrated to another version of its definition. */
  defineEvent({
    ...ofInstance,
    type: "workflow.migrated",
    payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string(), ...closing }),
  }),
  /** The actions of a timer were run. */
  defineEvent({
    ...ofInstance,
    type: "workflow.timer_fired",
    payload: z.strictObject({ ...instanceFacts, timer: z.string() }),
  }),
  /** A user has canceled or rescheduled a timer. */
  defineEvent({
    ...ofInstance,
    type: "workflow.timer_changed",
    payload: z.strictObject({
      instanceId: id,
      timerId: id,
      timer: z.string(),
      change: z.enum(["CANCELLED", "RESCHEDULED"]),
      dueAt: z.string(),
    }),
  }),
  /** A timer of the definition reminds users of the instance, or of one of its tasks. */
  defineEvent({
    ...ofInstance,
    type: "workflow.reminded",
    related: ["task", ...businessOf],
    payload: z.strictObject({
      ...instanceFacts,
      timer: z.string(),
      state: z.string(),
      /** The task of the timer. Null for a timer of a state. */
      taskId: id.nullable(),
      title: z.string(),
      ...people.shape,
    }),
  }),
  /** The action `notify` of the definition notifies users. */
  defineEvent({
    ...ofInstance,
    type: "workflow.notified",
    visibility: "internal",
    payload: z.strictObject({ ...instanceFacts, state: z.string(), title: z.string(), notified: people }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.data_changed",
    payload: z.strictObject({ ...instanceFacts, changed: z.array(z.string()) }),
  }),
  /** The first step of the organization waits for an event, so that from now on events are matched with waiting steps. */
  defineEvent({
    ...ofInstance,
    type: "workflow.event_awaited",
    visibility: "internal",
    payload: z.strictObject({ instanceId: id, runId: id, step: z.string() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.emitted",
    payload: z.strictObject({ instanceId: id, definitionKey: z.string(), name: z.string(), payload: z.record(z.string(), z.json()) }),
  }),
  /**
   * The definition calls an action of an integration. `into`: path in the data; `onSuccess`, `onFailure`: transitions. `settledVersion`: version of the
   * instance after the automatic transitions that followed; absent in events of older releases.
   */
  defineEvent({
    ...ofInstance,
    visibility: "internal",
    type: "workflow.call_requested",
    payload: z.strictObject({
      instanceId: id,
      definitionKey: z.string(),
      integration: z.string(),
      action: z.string(),
      input: z.record(z.string(), z.json()),
      into: z.array(z.string()).nullable(),
      onSuccess: z.string().nullable(),
      onFailure: z.string().nullable(),
      settledVersion: z.int().optional(),
    }),
  }),
  /** The definition starts an instance of another one, with the key `starts`. */
  defineEvent({
    ...ofInstance,
    visibility: "internal",
    type: "workflow.start_requested",
    payload: z.strictObject({
      instanceId: id,
      definitionKey: z.string(),
      starts: z.string(),
      data: z.record(z.string(), z.json()),
    }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.opened",
    // `isAlike`: the task is a further one for a vote of the same users, who were already notified of the first.
    payload: z.strictObject({ ...taskFacts, isAlike: z.boolean().optional() }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.claimed",
    payload: z.strictObject(taskFacts),
  }),
  /** Its assignee or a manager released the task. It waits for its candidates again. */
  defineEvent({
    ...ofTask,
    type: "task.released",
    payload: z.strictObject(taskFacts),
  }),
  /** Its assignee delegated the task, or a manager assigned it to a user or returned it to its candidates. */
  defineEvent({
    ...ofTask,
    type: "task.assigned",
    payload: z.strictObject(taskFacts),
  }),
  /** The task's priority, deadline or checklist has changed. */
  defineEvent({
    ...ofTask,
    type: "task.updated",
    payload: z.strictObject(taskFacts),
  }),
  /** The task's deadline has passed. `notified`: who is told. */
  defineEvent({
    ...ofTask,
    type: "task.overdue",
    payload: z.strictObject({
      ...taskFacts,
      dueAt: z.string(),
      notified: people,
    }),
  }),
  /** A comment, a question or an answer was added, or a question was withdrawn. */
  defineEvent({
    ...ofTask,
    type: "task.commented",
    payload: z.strictObject({
      ...taskFacts,
      kind: z.enum(["COMMENT", "QUESTION", "ANSWER", "WITHDRAWAL"]),
      /** For a question: ID of the user who is asked. */
      askedId: id.nullable(),
    }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.completed",
    payload: z.strictObject({ ...taskFacts, transition: z.string() }),
  }),
  /** An absence with its period and substitute was created, changed or ended. */
  defineEvent({
    type: "absence.changed",
    version: 1,
    subject: "absence",
    related: ["user"],
    visibility: "user",
    payload: z.strictObject({
      userId: id,
      substituteId: id,
      /** The substitute before this change, if it was another user. Omitted in events from before this field existed. */
      formerSubstituteId: id.nullable().optional(),
      startsAt: z.string(),
      endsAt: z.string(),
    }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.closed",
    payload: z.strictObject(taskFacts),
  }),
);
