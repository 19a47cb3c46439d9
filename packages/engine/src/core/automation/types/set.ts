import { stepType } from "./step-type.js";

export const setStep = stepType({
  name: "set",
  description: "Computes values, which become its outputs.",
  input: {
    required: ["values"],
    properties: { values: { type: "object", additionalProperties: true, description: "Values by name." } },
  },
});
