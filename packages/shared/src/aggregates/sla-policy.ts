import { z } from "zod";
import { people } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";
import { businessTypes } from "./business-types.js";

const clock = {
  subject: "instance",
  related: [...businessTypes, "task"],
  visibility: "subject",
  payload: z.strictObject({
    clockId: z.uuid(),
    instanceId: z.uuid(),
    /** Only of a task's clock. */
    taskId: z.uuid().nullable(),
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
  userId: z.uuid().nullable(),
  targetSeconds: z.int(),
  warnSeconds: z.array(z.int()),
  calendarKey: z.string(),
});

/** The clocks and their ledgers can be counted again from this event and the announcements, without what was counted at the time. */
const recorded = {
  subject: "instance",
  related: businessTypes,
  visibility: "internal",
  payload: z.strictObject({
    instanceId: z.uuid(),
    definitionKey: z.string(),
    /** The recomputation that changed the clocks. */
    recomputationId: z.uuid().nullable(),
    clocks: z.array(
      z.strictObject({
        clockId: z.uuid(),
        taskId: z.uuid().nullable(),
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

const policy = { visibility: "subject", payload: z.strictObject({ key: z.string(), definitionKey: z.string().nullable() }) } as const;

export const slaPolicy = {
  types: {
    slaPolicy: { prefix: "slp", typeName: "SlaPolicy", table: "workflows.sla_policies", role: "entity", changes: "CONFIGURATION" },
    slaClock: { prefix: "slc", typeName: "SlaClock", table: "workflows.sla_clocks", role: "record" },
    slaRecomputation: { prefix: "slr", table: "workflows.sla_recomputations", role: "record" },
  },
  permissions: {
    "sla.read": "View lists of SLA clocks, and their ledgers.",
    "sla.manage": "Pause and resume SLA clocks, and change SLA policies.",
  },
  events: {
    "sla.warning": clock,
    "sla.breached": clock,
    "sla.paused": clock,
    "sla.resumed": clock,
    /** Another target, calendar or policy applies. */
    "sla.changed": clock,
    "sla.met": clock,
    /** Stopped after the target. */
    "sla.missed": clock,
    /** Changes of clocks, as entries of their ledgers, in one transaction. */
    "sla.recorded": recorded,
    "slaPolicy.created": policy,
    "slaPolicy.updated": policy,
    "slaPolicy.deleted": policy,
  },
} as const satisfies Aggregate;
