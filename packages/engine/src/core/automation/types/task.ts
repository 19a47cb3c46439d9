import { stepType } from "./step-type.js";

export const taskStep = stepType({
  name: "task",
  description: "Opens a task for people and waits until somebody completes it with one of the outcomes. It occupies no worker.",
  input: {
    required: ["title", "roles"],
    properties: {
      title: { type: "string", minLength: 1, maxLength: 200 },
      roles: { type: "array", minItems: 1, maxItems: 20, items: { type: "string", pattern: "^[a-z][a-z0-9_]{0,63}$" } },
      outcomes: { type: "array", minItems: 1, maxItems: 10, items: { type: "string", maxLength: 64 }, default: ["done"] },
    },
  },
  outputs: {
    properties: { outcome: { type: "string" }, completed_by: { type: "string" }, comment: { type: "string" } },
  },
});
