import { stepType } from "./step-type.js";

export const graphqlStep = stepType({
  name: "graphql",
  description:
    "Runs a query or mutation of this API with the rights of the instance's owner. Mutations get an idempotency key. Its errors are errors of the step.",
  input: {
    required: ["query"],
    properties: {
      query: { type: "string", maxLength: 20_000, description: "One GraphQL operation." },
      variables: { type: "object", additionalProperties: true },
    },
  },
  outputs: { properties: { data: { type: "object", additionalProperties: true } } },
});
