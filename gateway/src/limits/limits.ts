import { BadUserInput, QueryLimitExceeded } from "@weft/shared";
import type { Config } from "@weft/shared";
import { Kind, parse } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { problemsOfLists } from "./list-length.js";
import { measureDocument } from "./measure.js";
import { problemsOfNestedLists } from "./nested-lists.js";
import type { Variables } from "./page-size.js";
import { repetitionsOf } from "./repetitions.js";
import { assertTextWithinLimits, deepestNesting } from "./text.js";
import { problemsOfLiterals, problemsOfVariables } from "./values.js";

/**
 * Configured maximum values for an operation. Fragments count each time they are spread: the numbers refer to the operation as executed. `nodes` is
 * the number of nodes that pages can return: the sum over all pages of the product of the page sizes along the path.
 */
export type Limits = Pick<
  Config["limits"],
  "depth" | "tokens" | "aliases" | "rootFields" | "directives" | "fragments" | "selections" | "nodes"
>;

/**
 * An operation can make one attempt at a secret, because attempts are counted individually. A document needs few operations, because only one is
 * executed. Screens made of many fragments repeat a field a few dozen times in an object, which is a thousand pairs.
 */
const fixed = { authentications: 1, operations: 20, nesting: deepestNesting, repetitions: 20_000 } as const;

/**
 * Parses a document within the limits that apply before parsing: tokens and nesting. Throws QUERY_LIMIT_EXCEEDED, or the GraphQLError of the syntax
 * error.
 */
export function parseWithinLimits(text: string, limits: Limits): DocumentNode {
  assertTextWithinLimits(text, limits);
  return parse(text);
}

/**
 * Checks the limits of an operation, the same over HTTP and WebSocket. Runs before validation, because not all validation rules are linear. It
 * therefore accepts invalid documents: unknown fields count as leaves, cyclic fragments as empty. Throws QUERY_LIMIT_EXCEEDED with limit, actual, and
 * max, or BAD_USER_INPUT for values that no scalar accepts and for lists that are too long.
 */
export function assertWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variables: Variables,
  limits: Limits,
): void {
  const definitions = document.definitions;
  check("fragments", definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).length, limits);
  check("operations", definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length, limits);
  for (const measure of measureDocument(schema, document, variables)) {
    check("depth", measure.depth, limits);
    check("nesting", measure.nesting, limits);
    check("rootFields", measure.rootFields, limits);
    check("aliases", measure.aliases, limits);
    check("directives", measure.directives, limits);
    check("selections", measure.selections, limits);
    check("authentications", measure.authentications, limits);
    // Page sizes are checked only for the operation that runs. The others may use variables that are not provided.
    if (operationName === undefined || measure.operationName === operationName) check("nodes", measure.nodes, limits);
  }
  check("repetitions", repetitionsOf(document, fixed.repetitions), limits);
  const problems = [...problemsOfVariables(variables), ...problemsOfLiterals(document), ...problemsOfNestedLists(document)];
  // This function is recursive, so it runs only after the depth of the values was checked.
  if (problems.length === 0) problems.push(...problemsOfLists(schema, document, variables));
  if (problems.length > 0) throw new BadUserInput(problems);
}

function check(limit: keyof Limits | keyof typeof fixed, actual: number, limits: Limits): void {
  const max = { ...limits, ...fixed }[limit];
  if (actual > max) throw new QueryLimitExceeded({ limit, actual, max });
}
