import { stepType } from "./step-type.js";

export const workflowStep = stepType({
  name: "workflow",
  description: "Starts the newest published version of another automation or workflow, and waits for its outputs unless `await` is false.",
  input: {
    required: ["key"],
    properties: {
      key: { type: "string", pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", maxLength: 64 },
      inputs: {
        type: "object",
        additionalProperties: true,
        description: "Inputs of the automation, or data of the workflow. Secret inputs can be passed on to secret inputs.",
      },
      await: { type: "boolean", default: true },
    },
  },
  sealedInputs: ["inputs"],
  outputs: {
    properties: {
      instance_id: { type: "string" },
      run_id: { type: "string" },
      outputs: { type: "object", additionalProperties: true },
    },
  },
});
