import { stepType } from "./step-type.js";
import { PROGRAM_SECRETS, programInput, programOutputs } from "./program.js";

export const shellStep = stepType({
  name: "shell",
  description: "Runs a shell script in the sandbox. The script itself contains no expressions: it reads values from its environment.",
  input: {
    required: ["run"],
    properties: {
      run: { type: "string", minLength: 1, maxLength: 65_536, description: "Text of the script, without expressions." },
      ...programInput,
    },
  },
  outputs: { properties: programOutputs },
  secretInputs: PROGRAM_SECRETS,
  literalInputs: {
    run: 'A shell script contains no expressions, because their values would become code. Pass them in `env`, for example NAME: "{{ inputs.name }}".',
  },
});
