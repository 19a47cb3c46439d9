import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const runFacts = {
  runId: z.uuid(),
  instanceId: z.uuid(),
  definitionKey: z.string(),
  /** State whose steps it runs. */
  state: z.string(),
  /** The run's status after the change. */
  status: z.string(),
};

const ofRun = {
  version: 1,
  subject: "instance",
  related: ["request", "project", "vendor", "asset", "building", "contract", "scopeChange", "milestone"],
  visibility: "subject",
} as const;

/** Events of runs of steps. Their subject is the instance, so that whoever sees it learns of them. */
export const runEvents = byType(
  defineEvent({ ...ofRun, type: "run.started", payload: z.strictObject(runFacts) }),
  defineEvent({ ...ofRun, type: "run.paused", payload: z.strictObject(runFacts) }),
  defineEvent({ ...ofRun, type: "run.resumed", payload: z.strictObject(runFacts) }),
  defineEvent({ ...ofRun, type: "run.succeeded", payload: z.strictObject(runFacts) }),
  /** `step`: ID of the step whose failure has ended the run; `code`: that of its error. Null if no step did. */
  defineEvent({
    ...ofRun,
    type: "run.failed",
    payload: z.strictObject({ ...runFacts, step: z.string().nullable(), code: z.string().nullable() }),
  }),
  defineEvent({ ...ofRun, type: "run.cancelled", payload: z.strictObject(runFacts) }),
  /** A step of a run that somebody watches live has changed. */
  defineEvent({ ...ofRun, type: "run.progressed", visibility: "internal", payload: z.strictObject(runFacts) }),
  /** Lines were added to the log of a run. */
  defineEvent({
    ...ofRun,
    type: "run.logged",
    visibility: "internal",
    payload: z.strictObject({ runId: z.uuid(), instanceId: z.uuid(), fromLine: z.int(), toLine: z.int() }),
  }),
);
