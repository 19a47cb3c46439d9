import { GraphQLError, Kind, parse, type OperationDefinitionNode } from "graphql";
import { stepType } from "./step-type.js";

/** A document with more tokens is refused before it is parsed further. */
const MAX_TOKENS = 5_000;

export const graphqlStep = stepType({
  name: "graphql",
  description:
    "Runs a query or mutation of this API, with the rights that the instance's owner and the publisher of the definition both have. Mutations get an idempotency key. Its errors are errors of the step.",
  input: {
    required: ["query"],
    properties: {
      query: { type: "string", maxLength: 20_000, description: "One GraphQL operation, without expressions." },
      variables: { type: "object", additionalProperties: true, description: "Values of its variables, which can contain expressions." },
    },
  },
  outputs: { properties: { data: { type: "object", additionalProperties: true } } },
  literalInputs: {
    query:
      'A GraphQL operation contains no expressions, because their values would become code. Declare a variable, and pass the value in `variables`, for example title: "{{ inputs.title }}".',
  },
  check: ({ known: { query } }, report) => {
    const read = typeof query === "string" ? readOperation(query) : null;
    if (read?.ok === false) report(["query"], read.problem);
  },
});

type ReadOperation = { readonly ok: true; readonly operation: OperationDefinitionNode } | { readonly ok: false; readonly problem: string };

/** Reads the one query or mutation of a text, or returns what is wrong with it. It is checked against the schema only when it runs. */
export function readOperation(query: string): ReadOperation {
  const wrong = (problem: string): ReadOperation => ({ ok: false, problem });
  try {
    const { definitions } = parse(query, { noLocation: true, maxLexicalTokens: MAX_TOKENS });
    const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    if (definitions.some(({ kind }) => kind !== Kind.OPERATION_DEFINITION && kind !== Kind.FRAGMENT_DEFINITION))
      return wrong("The document must contain only one operation and its fragments.");
    const [operation] = operations;
    if (operation === undefined || operations.length !== 1)
      return wrong(`The document must contain one operation, not ${operations.length}.`);
    return operation.operation === "subscription"
      ? wrong("The operation must be a query or a mutation. Wait for events with the step type wait.")
      : { ok: true, operation };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [place] = error.locations ?? [];
    return wrong(`The GraphQL operation is invalid: ${error.message}${place ? ` (line ${place.line}, column ${place.column})` : ""}`);
  }
}
