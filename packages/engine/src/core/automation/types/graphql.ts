import { stepType } from "./step-type.js";

export const graphqlStep = stepType({
  name: "graphql",
  description: "Runs an operation of this API with the rights of the run. Its errors are errors of the step.",
  input: {
    required: ["query"],
    properties: {
      query: { type: "string", maxLength: 20_000, description: "One GraphQL operation." },
      variables: { type: "object", additionalProperties: true },
    },
  },
  outputs: { properties: { data: { type: "object", additionalProperties: true } } },
});
