import { stepType } from "./step-type.js";

export const emitStep = stepType({
  name: "emit",
  description:
    "Publishes an event of the organization. If it has published as many events as are allowed in a minute, the step waits for the next one.",
  input: {
    required: ["type"],
    properties: {
      type: { type: "string", maxLength: 100, pattern: "^[a-z][a-z0-9_]{0,31}([.][a-z][a-z0-9_]{0,31}){1,3}$" },
      payload: { type: "object", additionalProperties: true },
    },
  },
  outputs: { properties: {} },
});
