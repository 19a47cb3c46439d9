import { stepType } from "./step-type.js";

export const agentStep = stepType({
  name: "agent",
  description: "Lets an agent of the organization do a piece of work. Every call of its model is stored and metered.",
  input: {
    required: ["agent", "prompt"],
    properties: {
      agent: { type: "string", pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", maxLength: 64, description: "Key of the agent." },
      prompt: { type: "string", minLength: 1, maxLength: 262_144, description: "What the agent has to do." },
      context: {
        type: "object",
        additionalProperties: true,
        description: "Values that the agent reads in addition to the prompt, such as outputs of earlier steps. They are sent as JSON.",
      },
    },
  },
  outputs: {
    properties: {
      text: { type: "string" },
      value: { description: "The value, if the agent has an output schema." },
      tokens_in: { type: "integer" },
      tokens_out: { type: "integer" },
      cost_micros: { type: "integer", description: "Cost in millionths of a US dollar. Absent if a price is unknown." },
    },
  },
  goesOn: true,
});
