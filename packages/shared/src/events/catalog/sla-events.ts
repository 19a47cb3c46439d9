import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const id = z.uuid();
const clock = {
  version: 1,
  subject: "instance",
  related: ["request", "project", "vendor", "task"],
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
    notified: z
      .strictObject({
        userIds: z.array(id),
        roles: z.array(z.string()),
        teamIds: z.array(id),
        vendorIds: z.array(id),
        /** Teams whose leads are notified. */
        ledTeamIds: z.array(id),
      })
      .optional(),
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
  defineEvent({ ...policy, type: "slaPolicy.created" }),
  defineEvent({ ...policy, type: "slaPolicy.updated" }),
  defineEvent({ ...policy, type: "slaPolicy.deleted" }),
);
