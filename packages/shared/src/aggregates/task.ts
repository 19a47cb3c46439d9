import { z } from "zod";
import { people } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";
import { businessTypes } from "./business-types.js";

const taskFacts = {
  taskId: z.uuid(),
  instanceId: z.uuid(),
  title: z.string(),
  /** The task's status after the change. */
  status: z.enum(["OPEN", "CLAIMED", "COMPLETED", "CLOSED"]),
  candidateRoles: z.array(z.string()),
  candidateUserIds: z.array(z.uuid()),
  candidateTeamIds: z.array(z.uuid()),
  candidateVendorIds: z.array(z.uuid()),
  assigneeId: z.uuid().nullable(),
};

const ofTask = { related: ["instance", ...businessTypes], visibility: "subject" } as const;

export const task = {
  types: { task: { prefix: "tsk", typeName: "Task", table: "workflows.tasks", role: "entity" } },
  permissions: {
    "task.read": "View tasks.",
    "task.claim": "Claim tasks.",
    "task.complete": "Complete tasks by firing one of their transitions.",
    "task.assign": "Assign tasks, set their due dates and priorities, view unassigned tasks, and record absences.",
  },
  isChangedByOperators: true,
  events: {
    "task.opened": {
      ...ofTask,
      // `isAlike`: the task is a further one for a vote of the same users, who were already notified of the first.
      payload: z.strictObject({ ...taskFacts, isAlike: z.boolean().optional() }),
    },
    "task.claimed": { ...ofTask, payload: z.strictObject(taskFacts) },
    /** Its assignee or a manager released the task. It waits for its candidates again. */
    "task.released": { ...ofTask, payload: z.strictObject(taskFacts) },
    /** Its assignee delegated the task, or a manager assigned it to a user or returned it to its candidates. */
    "task.assigned": { ...ofTask, payload: z.strictObject(taskFacts) },
    /** The task's priority, deadline or checklist has changed. */
    "task.updated": { ...ofTask, payload: z.strictObject(taskFacts) },
    /** The task's deadline has passed. `notified`: who is told. */
    "task.overdue": {
      ...ofTask,
      payload: z.strictObject({
        ...taskFacts,
        dueAt: z.string(),
        notified: people,
      }),
    },
    /** A comment, a question or an answer was added, or a question was withdrawn. */
    "task.commented": {
      ...ofTask,
      payload: z.strictObject({
        ...taskFacts,
        kind: z.enum(["COMMENT", "QUESTION", "ANSWER", "WITHDRAWAL"]),
        /** For a question: ID of the user who is asked. */
        askedId: z.uuid().nullable(),
      }),
    },
    "task.completed": { ...ofTask, payload: z.strictObject({ ...taskFacts, transition: z.string() }) },
    "task.closed": { ...ofTask, payload: z.strictObject(taskFacts) },
  },
} as const satisfies Aggregate;
