import { stepType } from "./step-type.js";

export const workflowStep = stepType({
  name: "workflow",
  description: "Starts the newest published version of another automation, and waits for its outputs unless `await` is false.",
  input: {
    required: ["key"],
    properties: {
      key: { type: "string", pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", maxLength: 64 },
      inputs: { type: "object", additionalProperties: true },
      await: { type: "boolean", default: true },
    },
  },
  outputs: { properties: { run_id: { type: "string" }, outputs: { type: "object", additionalProperties: true } } },
});
