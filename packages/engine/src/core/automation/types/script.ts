import { stepType } from "./step-type.js";
import { PROGRAM_SECRETS, programInput, programOutputs } from "./program.js";

export const scriptStep = stepType({
  name: "script",
  description: "Runs a program with a list of arguments in the sandbox. No shell reads them.",
  input: {
    required: ["command"],
    properties: {
      command: { type: "array", minItems: 1, maxItems: 200, items: { type: "string", maxLength: 32_768 } },
      ...programInput,
    },
  },
  outputs: { properties: programOutputs },
  secretInputs: PROGRAM_SECRETS,
});
