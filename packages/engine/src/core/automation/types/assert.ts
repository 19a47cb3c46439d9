import { stepType } from "./step-type.js";

export const assertStep = stepType({
  name: "assert",
  description: "Fails with ASSERTION_FAILED unless a condition holds.",
  input: {
    required: ["that"],
    properties: {
      that: { description: 'Value that must be true, usually an expression such as {{ inputs.version != "" }}.' },
      message: { type: "string", maxLength: 1000, description: "Text of the error." },
    },
  },
  outputs: { properties: {} },
});
