import type { Work } from "../../model/automation.js";
import { textOf } from "../step-works.js";
import { stepType } from "./step-type.js";

/** Seconds for an attempt whose step says nothing else. Its lease tells sooner that the worker is gone. */
const TIMEOUT_SECONDS = 3600;

/** Kind of work that an external worker asks for. */
const TASK = "^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$";
const MAX_TASK_CHARS = 100;

const taskPattern = new RegExp(TASK, "u");

/** Whether a text can be the name of a task of external workers. */
export const isWorkerTask = (text: string): boolean => text.length <= MAX_TASK_CHARS && taskPattern.test(text);

export const workerStep = stepType({
  name: "worker",
  description:
    "Waits for an external worker: a process of yours that takes the step with `takeSteps`, does it, and reports the outputs. It occupies no worker of Weft.",
  input: {
    required: ["task"],
    properties: {
      task: { type: "string", pattern: TASK, maxLength: MAX_TASK_CHARS, description: "What workers take it as, such as send-invoice." },
      input: { type: "object", additionalProperties: true, description: "Values that the worker gets. They cannot contain secrets." },
    },
  },
  literalInputs: {
    task: "The task contains no expressions: whoever publishes the definition decides which workers get the step. Pass values in `input`.",
  },
});

/** Returns the task under which external workers take the work. Null: they don't do it. */
export const workerTaskOf = (work: Pick<Work, "type" | "with">): string | null =>
  work.type === workerStep.name ? textOf(work.with, "task") : null;

/** Returns the seconds that an attempt at the work of an external worker can take. */
export const workerTimeoutOf = ({ timeoutSeconds }: Pick<Work, "timeoutSeconds">): number => timeoutSeconds ?? TIMEOUT_SECONDS;
