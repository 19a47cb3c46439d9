import { stepType } from "./step-type.js";

export const waitStep = stepType({
  name: "wait",
  description: "Waits for a time or an event. It occupies no worker.",
  input: {
    properties: {
      for: { type: "string", maxLength: 32, description: "Duration, such as 10m." },
      until: { type: "string", maxLength: 64, description: "Time in ISO 8601." },
      event: { type: "string", maxLength: 100, description: "Type of an event." },
      where: { type: "object", additionalProperties: true, description: "Values that the payload of the event must have." },
    },
  },
  outputs: { properties: { payload: { type: "object", additionalProperties: true } } },
});
