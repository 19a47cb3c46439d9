import { GraphQLError, Kind, parse, type OperationDefinitionNode } from "graphql";
import type { CheckInput, StepType, ValueTemplate } from "../../model/automation.js";
import { asJsonObject } from "../../model/values.js";
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

/** What is wrong with an operation, and with which variable; null: with its text. */
export type OperationProblem = { readonly variable: string | null; readonly message: string };

/**
 * Checks an operation against the schema of the API, which is known to hosts of the engine only.
 * @param variables by name, with their values; null in place of a value: it contains expressions; null in place of all: nothing is known of them
 */
export type CheckOperation = (
  query: string,
  variables: ReadonlyMap<string, { readonly value: unknown } | null> | null,
) => readonly OperationProblem[];

/** Returns the step types with operations of `graphql` steps checked against the schema. For definitions that are about to be saved only. */
export function withCheckedOperations(types: ReadonlyMap<string, StepType>, checkOperation: CheckOperation): ReadonlyMap<string, StepType> {
  const check: CheckInput = (input, report) => {
    const { query } = input.known;
    if (typeof query !== "string") return;
    const read = readOperation(query);
    if (!read.ok) return report(["query"], read.problem);
    for (const { variable, message } of checkOperation(query, variablesOf(input.written?.get("variables"))))
      report(variable === null ? ["query"] : ["variables", variable], message);
  };
  return new Map(types).set(graphqlStep.name, { ...graphqlStep, check });
}

/** Values of the variables by name, as far as they contain no expressions. */
function variablesOf(template: ValueTemplate | undefined): Parameters<CheckOperation>[1] {
  if (template === undefined) return new Map();
  if (template.kind === "object")
    return new Map(template.members.map(([name, one]) => [name, one.kind === "value" ? { value: one.value } : null]));
  const known = template.kind === "value" ? asJsonObject(template.value) : null;
  return known && new Map(Object.entries(known).map(([name, value]) => [name, { value }]));
}

type ReadOperation = { readonly ok: true; readonly operation: OperationDefinitionNode } | { readonly ok: false; readonly problem: string };

/** Reads the one query or mutation of a text, or returns what is wrong with it. It is not checked against the schema. */
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
