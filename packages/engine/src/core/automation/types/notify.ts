import { stepType } from "./step-type.js";

export const notifyStep = stepType({
  name: "notify",
  description: "Notifies the owner of the run, or users with a role.",
  input: {
    required: ["to", "title"],
    properties: {
      to: { type: "array", minItems: 1, maxItems: 20, items: { type: "string", pattern: "^[a-z][a-z0-9_]{0,63}$" } },
      title: { type: "string", minLength: 1, maxLength: 200 },
    },
  },
  outputs: { properties: {} },
});
