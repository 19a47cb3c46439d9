import { BadUserInput, QueryLimitExceeded } from "@weft/shared/errors";
import type { Config } from "@weft/platform/config";
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
  const max = { ...limits, ...fixed };
  check("fragments", definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).length, max);
  check("operations", definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length, max);
  for (const measure of measureDocument(schema, document, variables)) {
    check("depth", measure.depth, max);
    check("nesting", measure.nesting, max);
    check("rootFields", measure.rootFields, max);
    check("aliases", measure.aliases, max);
    check("directives", measure.directives, max);
    check("selections", measure.selections, max);
    check("authentications", measure.authentications, max);
    // Page sizes are checked only for the operation that runs. The others may use variables that are not provided.
    if (operationName === undefined || measure.operationName === operationName) check("nodes", measure.nodes, max);
  }
  check("repetitions", repetitions(document), max);
  const problems = [...problemsOfVariables(variables), ...problemsOfText(document)];
  // This function is recursive, so it runs only after the depth of the values was checked.
  if (problems.length === 0) problems.push(...problemsOfLists(schema, document, variables));
  if (problems.length > 0) throw new BadUserInput(problems);
}

const repetitions = oncePerDocument((document) => repetitionsOf(document, fixed.repetitions));
const problemsOfText = oncePerDocument((document) => [...problemsOfLiterals(document), ...problemsOfNestedLists(document)]);

/** Remembers a result that depends only on the document. Parsed documents are cached by their text, so clients send the same ones repeatedly. */
function oncePerDocument<T>(read: (document: DocumentNode) => T): (document: DocumentNode) => T {
  const known = new WeakMap<DocumentNode, { readonly result: T }>();
  return (document) => {
    let entry = known.get(document);
    if (!entry) known.set(document, (entry = { result: read(document) }));
    return entry.result;
  };
}

type Maxima = Limits & typeof fixed;

function check(limit: keyof Maxima, actual: number, maxima: Maxima): void {
  const max = maxima[limit];
  if (actual > max) throw new QueryLimitExceeded({ limit, actual, max });
}
