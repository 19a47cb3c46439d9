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
 * What an operation may at most have; the configuration sets it. Fragments count as often as they are spread: the numbers are of the
 * operation as executed. `nodes` is what pages can bring: the sum over all pages of the product of the page sizes on the way.
 */
export type Limits = Pick<
  Config["limits"],
  "depth" | "tokens" | "aliases" | "rootFields" | "directives" | "fragments" | "selections" | "nodes"
>;

/**
 * Attempts at a secret are counted one by one, so an operation makes one; a document needs few operations, of which one is executed; and screens made of many fragments
 * repeat a field some dozens of times in an object, which is a thousand pairs.
 */
const fixed = { authentications: 1, operations: 20, nesting: deepestNesting, repetitions: 20_000 } as const;

/**
 * Parses the text of a document within the limits that must hold before there is a document: tokens and nesting.
 * Throws QUERY_LIMIT_EXCEEDED, or the GraphQLError of the syntax.
 */
export function parseWithinLimits(text: string, limits: Limits): DocumentNode {
  assertTextWithinLimits(text, limits);
  return parse(text);
}

/**
 * The limits of an operation, the same over HTTP and WebSocket. Runs before validation, whose rules are not all linear, so it
 * takes documents that would not validate: unknown fields count as leaves, cyclic fragments as empty.
 * Throws QUERY_LIMIT_EXCEEDED with limit, actual and max, or BAD_USER_INPUT for values that no scalar can mean and lists that nobody needs so long.
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
    // Pages are of the operation that runs: the others may need variables that are not given.
    if (operationName === undefined || measure.operationName === operationName) check("nodes", measure.nodes, limits);
  }
  check("repetitions", repetitionsOf(document, fixed.repetitions), limits);
  const problems = [...problemsOfVariables(variables), ...problemsOfLiterals(document), ...problemsOfNestedLists(document)];
  // Walks down recursively: not before the depth of the values is known to be bounded.
  if (problems.length === 0) problems.push(...problemsOfLists(schema, document, variables));
  if (problems.length > 0) throw new BadUserInput(problems);
}

function check(limit: keyof Limits | keyof typeof fixed, actual: number, limits: Limits): void {
  const max = { ...limits, ...fixed }[limit];
  if (actual > max) throw new QueryLimitExceeded({ limit, actual, max });
}
