import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { principal } from "./payloads.js";

const id = z.uuid();

const instanceMove = {
  instanceId: id,
  definitionKey: z.string(),
  version: z.int().positive(),
  /** The instance's status after the move. */
  status: z.string(),
};

const taskMove = {
  taskId: id,
  instanceId: id,
  title: z.string(),
  /** The task's status after the move. */
  status: z.enum(["OPEN", "CLAIMED", "COMPLETED", "CLOSED"]),
  candidateRoles: z.array(z.string()),
  candidateUserIds: z.array(id),
  candidateTeamIds: z.array(id),
  candidateVendorIds: z.array(id),
  assigneeId: id.nullable(),
};

/** The business row that an instance moves. */
const businessOf = ["request", "project", "vendor"] as const;

const ofInstance = { version: 1, subject: "instance", related: businessOf, visibility: "subject" } as const;
const ofTask = { version: 1, subject: "task", related: ["instance", ...businessOf], visibility: "subject" } as const;

/** What the engine writes: moves of instances, and their tasks. */
export const workflowEvents = byType(
  defineEvent({
    type: "workflow.started",
    version: 1,
    subject: "instance",
    related: [...businessOf, "definition"],
    visibility: "subject",
    payload: z.strictObject({ ...instanceMove, to: z.string() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.transitioned",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string(), transition: z.string() }),
  }),
  defineEvent({
    type: "workflow.assigned",
    version: 1,
    subject: "instance",
    related: [...businessOf, "user", "team"],
    visibility: "subject",
    payload: z.strictObject({ ...instanceMove, previous: principal, assignee: principal }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.cancelled",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }),
  }),
  /** Somebody said something; the words are in the history. */
  defineEvent({
    ...ofInstance,
    type: "workflow.commented",
    payload: z.strictObject(instanceMove),
  }),
  /** It is held: nothing fires until it is resumed. */
  defineEvent({
    ...ofInstance,
    type: "workflow.suspended",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }),
  }),
  /** It goes on. */
  defineEvent({
    ...ofInstance,
    type: "workflow.resumed",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }),
  }),
  /** It stands in an earlier state again. */
  defineEvent({
    ...ofInstance,
    type: "workflow.rolled_back",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }),
  }),
  /** One of several tasks of its state was completed; it waits for the others. */
  defineEvent({
    ...ofInstance,
    type: "workflow.voted",
    payload: z.strictObject({ ...instanceMove, taskId: id }),
  }),
  /** One of several instances that it started has ended; it waits for the others. */
  defineEvent({
    ...ofInstance,
    type: "workflow.child_ended",
    payload: z.strictObject(instanceMove),
  }),
  /** It cannot go on by itself: somebody has to resolve it. */
  defineEvent({
    ...ofInstance,
    type: "workflow.incident_opened",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string(), kind: z.string(), message: z.string() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.incident_resolved",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }),
  }),
  /** It runs on another version of its definition. */
  defineEvent({
    ...ofInstance,
    type: "workflow.migrated",
    payload: z.strictObject({ ...instanceMove, from: z.string(), to: z.string() }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.data_changed",
    payload: z.strictObject({ ...instanceMove, changed: z.array(z.string()) }),
  }),
  defineEvent({
    ...ofInstance,
    type: "workflow.emitted",
    payload: z.strictObject({ instanceId: id, definitionKey: z.string(), name: z.string(), payload: z.record(z.string(), z.json()) }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.opened",
    // `isAlike`: a further one for the vote of the same people. Whoever was told of the first knows.
    payload: z.strictObject({ ...taskMove, isAlike: z.boolean().optional() }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.claimed",
    payload: z.strictObject(taskMove),
  }),
  /** Its claimer, or a manager, gave it back: it waits again for those to whom it was offered. */
  defineEvent({
    ...ofTask,
    type: "task.released",
    payload: z.strictObject(taskMove),
  }),
  /** Its holder gave it on, or a manager gave it to somebody, or back to those to whom it is offered. */
  defineEvent({
    ...ofTask,
    type: "task.assigned",
    payload: z.strictObject(taskMove),
  }),
  /** Its priority, deadline or checklist is another. */
  defineEvent({
    ...ofTask,
    type: "task.updated",
    payload: z.strictObject(taskMove),
  }),
  /** Somebody said, asked or answered something, or took a question back. */
  defineEvent({
    ...ofTask,
    type: "task.remarked",
    payload: z.strictObject({
      ...taskMove,
      kind: z.enum(["COMMENT", "QUESTION", "ANSWER", "WITHDRAWAL"]),
      /** Of a question: who is asked. */
      askedId: id.nullable(),
    }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.completed",
    payload: z.strictObject({ ...taskMove, transition: z.string() }),
  }),
  /** Somebody is away from then to then, and somebody stands in; or no longer. */
  defineEvent({
    type: "absence.changed",
    version: 1,
    subject: "absence",
    related: ["user"],
    visibility: "user",
    payload: z.strictObject({
      userId: id,
      standInId: id,
      /** Who stood in before this change, where that was somebody else. Events of before this was said have none. */
      formerStandInId: id.nullable().optional(),
      startsAt: z.string(),
      endsAt: z.string(),
    }),
  }),
  defineEvent({
    ...ofTask,
    type: "task.closed",
    payload: z.strictObject(taskMove),
  }),
);
