/** The built-in step types. A new one is a file here, and an entry in this list. */
import type { StepType } from "../../model/automation.js";
import { agentStep } from "./agent.js";
import { assertStep } from "./assert.js";
import { emitStep } from "./emit.js";
import { graphqlStep } from "./graphql.js";
import { httpStep } from "./http.js";
import { notifyStep } from "./notify.js";
import { scriptStep } from "./script.js";
import { setStep } from "./set.js";
import { shellStep } from "./shell.js";
import { taskStep } from "./task.js";
import { waitStep } from "./wait.js";
import { workerStep } from "./worker.js";
import { workflowStep } from "./workflow.js";

export const STEP_TYPES: ReadonlyMap<string, StepType> = new Map(
  [
    assertStep,
    setStep,
    httpStep,
    graphqlStep,
    emitStep,
    notifyStep,
    taskStep,
    waitStep,
    workflowStep,
    scriptStep,
    shellStep,
    agentStep,
    workerStep,
  ].map((type) => [type.name, type]),
);
