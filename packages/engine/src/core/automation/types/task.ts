import { stepType } from "./step-type.js";
import { checkTask, outcomeOutput, outcomeProperties, taskOutputs, taskProperties } from "./task-input.js";

export const taskStep = stepType({
  name: "task",
  description: "Opens a task for people and waits until somebody completes it with one of the outcomes. It occupies no worker.",
  input: { required: ["title", "roles"], properties: { ...taskProperties, ...outcomeProperties } },
  outputs: { properties: taskOutputs },
  outputsOf: ({ outcomes = ["done"] }) => outcomeOutput(outcomes),
  check: checkTask,
});
