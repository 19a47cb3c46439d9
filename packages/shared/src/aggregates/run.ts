import { z } from "zod";
import type { Aggregate } from "./aggregate.js";
import { businessTypes } from "./business-types.js";

const runFacts = {
  runId: z.uuid(),
  instanceId: z.uuid(),
  definitionKey: z.string(),
  /** State whose steps it runs. */
  state: z.string(),
  /** The run's status after the change. */
  status: z.string(),
};

const ofRun = { subject: "instance", related: businessTypes, visibility: "subject" } as const;

export const run = {
  types: {
    run: { prefix: "run", typeName: "Run", table: "workflows.runs", role: "node" },
    runStep: { prefix: "rst", typeName: "RunStep", table: "workflows.run_steps", role: "record" },
  },
  permissions: {
    "step.take": "Take steps of automations as an external worker: read their inputs, write to their logs, and report their results.",
  },
  /** Their subject is the instance, so that users who can see it learn of them. */
  events: {
    "run.started": { ...ofRun, payload: z.strictObject(runFacts) },
    "run.paused": { ...ofRun, payload: z.strictObject(runFacts) },
    "run.resumed": { ...ofRun, payload: z.strictObject(runFacts) },
    "run.succeeded": { ...ofRun, payload: z.strictObject(runFacts) },
    /** `step`: ID of the step whose failure has ended the run; `code`: that of its error. Null if no step did. */
    "run.failed": { ...ofRun, payload: z.strictObject({ ...runFacts, step: z.string().nullable(), code: z.string().nullable() }) },
    "run.cancelled": { ...ofRun, payload: z.strictObject(runFacts) },
    /** A step of a run that somebody watches live has changed. */
    "run.progressed": { ...ofRun, visibility: "internal", payload: z.strictObject(runFacts) },
    /** Lines were added to the log of a run. */
    "run.logged": {
      ...ofRun,
      visibility: "internal",
      payload: z.strictObject({ runId: z.uuid(), instanceId: z.uuid(), fromLine: z.int(), toLine: z.int() }),
    },
  },
} as const satisfies Aggregate;
