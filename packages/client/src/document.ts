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
}

const token = /#[^\n\r]*|"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n\r])*"|\.\.\.|\w+|[^\s,\w]/g;
const maxKnown = 1_000;
const known = new Map<string, OperationShape>();

/** Returns the shape of the first operation in a text. It expects a valid document: what is wrong with others, the server says. */
export function shapeOf(text: string): OperationShape {
  const found = known.get(text);
  if (found) return found;
  const shape = readShape((text.match(token) ?? []).filter((one) => !one.startsWith("#")));
  // Texts are constants of the application. One that writes values into them must not fill the memory.
  if (known.size >= maxKnown) known.clear();
  known.set(text, shape);
  return shape;
}

const opening = new Set(["{", "(", "["]);
const closing = new Set(["}", ")", "]"]);

function readShape(tokens: readonly string[]): OperationShape {
  let kind: OperationShape["kind"] = "query";
  let name: string | null = null;
  let isComplete = true;
  const fields: { name: string; inputVariable: string | null }[] = [];
  const variables = new Set<string>();
  let isFragment = false;
  const path: string[] = [];
  for (const [index, one] of tokens.entries()) {
    const depth = path.length;
    if (opening.has(one)) path.push(one);
    else if (closing.has(one)) {
      path.pop();
      if (path.length > 0 || one !== "}") continue;
      if (!isFragment) break;
      isFragment = false;
    } else if (depth === 0) {
      if (one === "fragment") isFragment = true;
      else if (!isFragment && (one === "query" || one === "mutation" || one === "subscription")) {
        kind = one;
        if (/^\w/.test(tokens[index + 1] ?? "")) name = tokens[index + 1] ?? null;
      }
    } else if (isFragment) continue;
    else if (path[0] === "(") {
      if (tokens[index - 1] === "$") variables.add(one);
    } else if (depth === 1) {
      if (one === "...") isComplete = false;
      else if (/^[A-Za-z_]/.test(one) && tokens[index + 1] !== ":" && tokens[index - 1] !== "@" && tokens[index - 1] !== "...")
        fields.push({ name: one, inputVariable: null });
    } else if (depth === 2 && path[1] === "(" && one === "input" && tokens[index + 1] === ":" && tokens[index + 2] === "$") {
      const field = fields.at(-1);
      if (field) field.inputVariable = tokens[index + 3] ?? null;
    }
  }
  return { kind, name, fields, isComplete, variables };
}
