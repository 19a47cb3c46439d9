import { z } from "zod";
import { principal, people } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";
import { businessTypes } from "./business-types.js";

const instanceFacts = {
  instanceId: z.uuid(),
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

const ofInstance = { related: businessTypes, visibility: "subject" } as const;

export const instance = {
  types: {
    instance: { prefix: "wfi", typeName: "WorkflowInstance", table: "workflows.instances", role: "entity" },
    history: { prefix: "wfh", typeName: "HistoryEntry", table: "workflows.history", role: "record" },
    timer: { prefix: "tmr", typeName: "WorkflowTimer", table: "workflows.timers", role: "record" },
    escalation: { prefix: "esc", typeName: "Escalation", table: "workflows.escalations", role: "record" },
  },
  permissions: {
    "workflow.read": "View workflow instances and their history.",
    "workflow.start": "Start workflow instances.",
    "workflow.fire": "Fire transitions, as far as the definition allows.",
    "workflow.cancel": "Cancel, suspend, and resume workflow instances, and roll them back to an earlier state.",
    "workflow.bulk": "Change many workflow instances at once. Each change also requires the permission for a single instance.",
    "workflow.migrate": "Migrate running workflow instances to another version of their definition.",
  },
  isChangedByOperators: true,
  events: {
    /** A level of an escalation was due: it was done, was skipped, or failed. */
    "escalation.occurred": {
      related: [...businessTypes, "task"],
      visibility: "subject",
      payload: z.strictObject({
        escalationId: z.uuid(),
        instanceId: z.uuid(),
        definitionKey: z.string(),
        /** Name of the escalation in the definition. */
        chain: z.string(),
        title: z.string(),
        /** Number of the level, starting at 1. */
        level: z.int().positive(),
        outcome: z.enum(["DONE", "SKIPPED", "FAILED"]),
        dueAt: z.string(),
        /** Title of the task, or of the definition and its state. */
        about: z.string(),
        taskId: z.uuid().nullable(),
        /** Who is notified. */
        notified: people,
      }),
    },
    "workflow.started": {
      related: [...businessTypes, "definition"],
      visibility: "subject",
      payload: z.strictObject({ ...instanceFacts, to: z.string() }),
    },
    "workflow.transitioned": {
      ...ofInstance,
      // `timer`: the timer that fired the transition.
      payload: z.strictObject({
        ...instanceFacts,
        from: z.string(),
        to: z.string(),
        transition: z.string(),
        timer: z.string().optional(),
        ...closing,
      }),
    },
    "workflow.assigned": {
      related: [...businessTypes, "user", "team"],
      visibility: "subject",
      // `isAutomatic`: an action of the definition has assigned it. Absent: a user has.
      payload: z.strictObject({ ...instanceFacts, previous: principal, assignee: principal, isAutomatic: z.literal(true).optional() }),
    },
    "workflow.cancelled": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }) },
    /** A comment was added. Its text is in the history. The policy of the log hides those of the audience INTERNAL from users of a vendor. */
    "workflow.commented": {
      ...ofInstance,
      // Omitted in events from before audiences existed.
      payload: z.strictObject({ ...instanceFacts, audience: z.enum(["INTERNAL", "PUBLIC"]).optional() }),
    },
    /** The instance was suspended: nothing fires until it is resumed. */
    "workflow.suspended": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }) },
    /** The instance was resumed. */
    "workflow.resumed": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }) },
    /** The instance was rolled back to an earlier state. */
    "workflow.rolled_back": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string(), ...closing }) },
    /** One of several tasks of the instance's state was completed. The instance waits for the others. */
    "workflow.voted": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, taskId: z.uuid() }) },
    /** One of several child instances has ended. The instance waits for the others. */
    "workflow.child_ended": { ...ofInstance, payload: z.strictObject(instanceFacts) },
    /** The instance cannot continue by itself. A user must resolve the incident. */
    "workflow.incident_opened": {
      ...ofInstance,
      payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string(), kind: z.string(), message: z.string() }),
    },
    "workflow.incident_resolved": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string() }) },
    /** The instance was migrated to another version of its definition. */
    "workflow.migrated": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, from: z.string(), to: z.string(), ...closing }) },
    /** The actions of a timer were run. */
    "workflow.timer_fired": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, timer: z.string() }) },
    /** A user has canceled or rescheduled a timer. */
    "workflow.timer_changed": {
      ...ofInstance,
      payload: z.strictObject({
        instanceId: z.uuid(),
        timerId: z.uuid(),
        timer: z.string(),
        change: z.enum(["CANCELLED", "RESCHEDULED"]),
        dueAt: z.string(),
      }),
    },
    /** A timer of the definition reminds users of the instance, or of one of its tasks. */
    "workflow.reminded": {
      ...ofInstance,
      related: ["task", ...businessTypes],
      payload: z.strictObject({
        ...instanceFacts,
        timer: z.string(),
        state: z.string(),
        /** The task of the timer. Null for a timer of a state. */
        taskId: z.uuid().nullable(),
        title: z.string(),
        ...people.shape,
      }),
    },
    /** The action `notify` of the definition notifies users. */
    "workflow.notified": {
      ...ofInstance,
      visibility: "internal",
      payload: z.strictObject({ ...instanceFacts, state: z.string(), title: z.string(), notified: people }),
    },
    "workflow.data_changed": { ...ofInstance, payload: z.strictObject({ ...instanceFacts, changed: z.array(z.string()) }) },
    /** The first step of the organization waits for an event, so that from now on events are matched with waiting steps. */
    "workflow.event_awaited": {
      ...ofInstance,
      visibility: "internal",
      payload: z.strictObject({ instanceId: z.uuid(), runId: z.uuid(), step: z.string() }),
    },
    "workflow.emitted": {
      ...ofInstance,
      payload: z.strictObject({
        instanceId: z.uuid(),
        definitionKey: z.string(),
        name: z.string(),
        payload: z.record(z.string(), z.json()),
      }),
    },
    /**
     * The definition calls an action of an integration. `into`: path in the data; `onSuccess`, `onFailure`: transitions. `settledVersion`: version of the
     * instance after the automatic transitions that followed; absent in events of older releases.
     */
    "workflow.call_requested": {
      ...ofInstance,
      visibility: "internal",
      payload: z.strictObject({
        instanceId: z.uuid(),
        definitionKey: z.string(),
        integration: z.string(),
        action: z.string(),
        input: z.record(z.string(), z.json()),
        into: z.array(z.string()).nullable(),
        onSuccess: z.string().nullable(),
        onFailure: z.string().nullable(),
        settledVersion: z.int().optional(),
      }),
    },
    /** The definition starts an instance of another one, with the key `starts`. */
    "workflow.start_requested": {
      ...ofInstance,
      visibility: "internal",
      payload: z.strictObject({
        instanceId: z.uuid(),
        definitionKey: z.string(),
        starts: z.string(),
        data: z.record(z.string(), z.json()),
      }),
    },
  },
} as const satisfies Aggregate;
