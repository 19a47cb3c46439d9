import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { people } from "./payloads.js";

const id = z.uuid();
const clock = {
  version: 1,
  subject: "instance",
  related: ["request", "project", "vendor", "asset", "building", "contract", "scopeChange", "milestone", "task"],
  visibility: "subject",
  payload: z.strictObject({
    clockId: id,
    instanceId: id,
    /** Only of a task's clock. */
    taskId: id.nullable(),
    definitionKey: z.string(),
    /** Title of the SLA. */
    sla: z.string(),
    /** Cause of the ledger's entry; null for warnings and breaches. */
    cause: z.string().nullable(),
    dueAt: z.string().nullable(),
    targetSeconds: z.int(),
    /** Negative after the target. */
    remainingSeconds: z.int(),
    /** Whom a warning or a breach notifies. */
    notified: people.optional(),
  }),
} as const;

const change = z.strictObject({
  to: z.enum(["RUN", "PAUSE", "STOP", "CANCEL"]),
  cause: z.string(),
  /** Whole seconds. */
  at: z.string(),
  /** Null: the system. */
  userId: id.nullable(),
  targetSeconds: z.int(),
  warnSeconds: z.array(z.int()),
  calendarKey: z.string(),
});

/** The clocks and their ledgers can be counted again from this event and the announcements, without what was counted at the time. */
const recorded = {
  version: 1,
  subject: "instance",
  related: ["request", "project", "vendor", "asset", "building", "contract", "scopeChange", "milestone"],
  visibility: "internal",
  payload: z.strictObject({
    instanceId: id,
    definitionKey: z.string(),
    /** The recomputation that changed the clocks. */
    recomputationId: id.nullable(),
    clocks: z.array(
      z.strictObject({
        clockId: id,
        taskId: id.nullable(),
        /** Key of the rule in the definition. */
        rule: z.string(),
        /** Title of the SLA. */
        sla: z.string(),
        basis: z.string(),
        pausedFor: z.string().nullable(),
        isPausedByHand: z.boolean(),
        /** Position of the first change in the ledger. */
        position: z.int(),
        changes: z.array(change),
      }),
    ),
  }),
} as const;

const policy = {
  version: 1,
  subject: "slaPolicy",
  related: [],
  visibility: "subject",
  payload: z.strictObject({ key: z.string(), definitionKey: z.string().nullable() }),
} as const;

/** Events of SLA clocks, and of the policies that set their targets. */
export const slaEvents = byType(
  defineEvent({ ...clock, type: "sla.warning" }),
  defineEvent({ ...clock, type: "sla.breached" }),
  defineEvent({ ...clock, type: "sla.paused" }),
  defineEvent({ ...clock, type: "sla.resumed" }),
  /** Another target, calendar or policy applies. */
  defineEvent({ ...clock, type: "sla.changed" }),
  defineEvent({ ...clock, type: "sla.met" }),
  /** Stopped after the target. */
  defineEvent({ ...clock, type: "sla.missed" }),
  /** Changes of clocks, as entries of their ledgers, in one transaction. */
  defineEvent({ ...recorded, type: "sla.recorded" }),
  defineEvent({ ...policy, type: "slaPolicy.created" }),
  defineEvent({ ...policy, type: "slaPolicy.updated" }),
  defineEvent({ ...policy, type: "slaPolicy.deleted" }),
);
