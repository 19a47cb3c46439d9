/** Documents: GraphQL texts with the types of their results and variables. */

/**
 * A document with the types of its result and variables, as GraphQL Code Generator's client preset writes it (`TypedDocumentString` or
 * `TypedDocumentNode`).
 */
export interface TypedDocument<Result, Variables> {
  // A method, because the variables of a document can be narrower than what a caller of any document knows.
  __apiType?(variables: Variables): Result;
}

/** A GraphQL text, or a typed document. */
export type GraphQLDocument<Result, Variables> = string | TypedDocument<Result, Variables>;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Turns a syntax tree into text: `print` of graphql. */
export type Print = (document: never) => string;

/**
 * Returns the text of a document.
 *
 * @throws TypeError if it is a syntax tree, and the client has no `print`
 */
export function textOf(document: GraphQLDocument<unknown, never>, print: Print | undefined): string {
  if (typeof document === "string" || document instanceof String) return String(document);
  if (print) return print(document as never);
  throw new TypeError(
    'This document is a syntax tree. Generate documents as text (`documentMode: "string"` of the client preset), or pass `print` of graphql to createWeftClient.',
  );
}

/** A root field of an operation. */
interface RootField {
  readonly name: string;
  /** The variable that is the whole argument `input`, without `$`. Null: there is none, or its value is written in the document. */
  readonly inputVariable: string | null;
}

/** What the client must know of an operation. */
export interface OperationShape {
  readonly kind: "query" | "mutation" | "subscription";
  readonly name: string | null;
  readonly fields: readonly RootField[];
  /** Whether `fields` is complete: there are no fragments among them. */
  readonly isComplete: boolean;
  /** Names of the variables, without `$`. */
  readonly variables: ReadonlySet<string>;
  /** Whether a root field selects `cursor` under this name, as far as the operation itself says. */
  readonly selectsCursor: boolean;
}

const token = /#[^\n\r]*|"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n\r])*"|\.\.\.|\w+|[^\s,\w]/g;
const maxKnown = 1_000;
const known = new Map<string, readonly OperationShape[]>();

/**
 * Returns the shape of the operation with this name, or of the first one. It expects a valid document: what is wrong with others, the server says.
 */
export function shapeOf(text: string, operationName?: string): OperationShape {
  let shapes = known.get(text);
  if (!shapes) {
    // Texts are constants of the application. One that writes values into them must not fill the memory.
    if (known.size >= maxKnown) known.clear();
    shapes = definitionsOf((text.match(token) ?? []).filter((one) => !one.startsWith("#"))).map(readShape);
    known.set(text, shapes);
  }
  const shape = shapes.find(({ name }) => operationName === undefined || name === operationName);
  return shape ?? { kind: "mutation", name: null, fields: [], isComplete: false, variables: new Set(), selectsCursor: false };
}

const opening = new Set(["{", "(", "["]);
const closing = new Set(["}", ")", "]"]);

/** Splits the tokens of a document into its operations. */
function definitionsOf(tokens: readonly string[]): string[][] {
  const operations: string[][] = [];
  let current: string[] = [];
  let depth = 0;
  for (const one of tokens) {
    current.push(one);
    if (opening.has(one)) depth++;
    else if (closing.has(one)) depth--;
    // Variables and directives before the selection have no braces at this depth but those of default values, which are within brackets.
    if (depth > 0 || one !== "}") continue;
    if (current[0] !== "fragment") operations.push(current);
    current = [];
  }
  return operations;
}

function readShape(tokens: readonly string[]): OperationShape {
  const [first = "", second = ""] = tokens;
  const kind = first === "mutation" || first === "subscription" ? first : "query";
  const name = first !== "{" && /^\w/.test(second) ? second : null;
  const fields: { name: string; inputVariable: string | null }[] = [];
  const variables = new Set<string>();
  let isComplete = true;
  let selectsCursor = false;
  let isOfDirective = false;
  const path: string[] = [];
  for (const [index, one] of tokens.entries()) {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (opening.has(one)) {
      if (one === "(") isOfDirective = tokens[index - 2] === "@";
      path.push(one);
    } else if (closing.has(one)) path.pop();
    else if (path[0] === "(") {
      if (before === "$") variables.add(one);
    } else if (path.length === 1) {
      if (one === "...") isComplete = false;
      else if (/^[A-Za-z_]/.test(one) && after !== ":" && before !== "@" && before !== "...")
        fields.push({ name: one, inputVariable: null });
    } else if (path.length === 2 && path[1] === "{") {
      if (one === "cursor" && after !== ":" && before !== ":" && before !== "@" && before !== "...") selectsCursor = true;
    } else if (path.length === 2 && path[1] === "(" && !isOfDirective && one === "input" && after === ":" && tokens[index + 2] === "$") {
      const field = fields.at(-1);
      if (field) field.inputVariable = tokens[index + 3] ?? null;
    }
  }
  return { kind, name, fields, isComplete, variables, selectsCursor };
}
