import type { Problem } from "@weft/shared";
import { Kind, visit } from "graphql";
import type { DocumentNode } from "graphql";
import type { Variables } from "./page-size.js";

/** Deeper than any input type with a JSON value inside; far below where a recursive JSON.stringify would break. */
const deepest = 64;
const enough = 20;

/**
 * Values that no scalar of ours can mean, wherever they stand: NUL and lone surrogates (PostgreSQL takes neither), numbers that JSON
 * could write but no double hold, keys that reach into prototypes, nesting without end. Iterative, so that depth cannot break it.
 */
export function problemsOfVariables(variables: Variables): Problem[] {
  const problems: Problem[] = [];
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: variables, path: "", depth: 0 }];
  for (let next = waiting.pop(); next !== undefined && problems.length < enough; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (depth > deepest) {
      problems.push({ path: path.slice(0, 200), message: `Values may be nested ${deepest} levels deep.` });
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (isContainer(item) || problemOfScalar(item)) waiting.push({ value: item, path: `${path}.${index}`, depth: depth + 1 });
      }
    } else if (value !== null && typeof value === "object") {
      for (const key of Object.keys(value)) {
        const below = path === "" ? key : `${path}.${key}`;
        const problem = problemOfKey(key);
        if (problem) problems.push({ path: printable(below), message: problem });
        else waiting.push({ value: (value as Record<string, unknown>)[key], path: below, depth: depth + 1 });
      }
    } else {
      const problem = problemOfScalar(value);
      if (problem) problems.push({ path: printable(path), message: problem });
    }
  }
  return problems;
}

/** The same for what is written into the document itself. The lexer of graphql-js already refuses lone surrogates. */
export function problemsOfLiterals(document: DocumentNode): Problem[] {
  const text = document.loc?.source.body;
  if (text !== undefined && !/\\u|[eE][+]?\d{3}|__proto__|\d{300}/.test(text)) return [];
  const problems: Problem[] = [];
  const report = (message: string | undefined, ancestors: readonly unknown[]): void => {
    if (message !== undefined && problems.length < enough) problems.push({ path: argumentOf(ancestors), message });
  };
  visit(document, {
    StringValue: (node, _key, parent, _path, ancestors) => report(problemOfScalar(node.value), [...ancestors, parent]),
    FloatValue: (node, _key, parent, _path, ancestors) => report(problemOfScalar(Number(node.value)), [...ancestors, parent]),
    IntValue: (node, _key, parent, _path, ancestors) => report(problemOfScalar(Number(node.value)), [...ancestors, parent]),
    ObjectField: (node, _key, parent, _path, ancestors) => report(problemOfKey(node.name.value), [...ancestors, parent]),
  });
  return problems;
}

const isContainer = (value: unknown): boolean => value !== null && typeof value === "object";

function problemOfScalar(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "The number is too large.";
  if (typeof value !== "string") return undefined;
  if (value.includes("\u0000")) return "Text may not contain the character NUL.";
  return value.isWellFormed() ? undefined : "Text must be well-formed Unicode: it contains half of a surrogate pair.";
}

function problemOfKey(key: string): string | undefined {
  if (key === "__proto__") return "The key __proto__ is not allowed.";
  return problemOfScalar(key);
}

const printable = (path: string): string => path.slice(0, 200).toWellFormed().replaceAll("\u0000", "\\0");

/** The argument inside which a literal stands: `first`, `input.data.x`. */
function argumentOf(ancestors: readonly unknown[]): string {
  return ancestors
    .filter(
      (node): node is { kind: string; name: { value: string } } =>
        typeof node === "object" && node !== null && "kind" in node && (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD),
    )
    .map(({ name }) => name.value)
    .join(".");
}
