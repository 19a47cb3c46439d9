import type { Problem } from "@weft/shared/errors";
import { Kind, visit } from "graphql";
import type { DocumentNode } from "graphql";
import type { Variables } from "./page-size.js";

/** Deeper than any input type with a JSON value inside, but far below the depth at which a recursive JSON.stringify fails. */
const deepest = 64;
const enough = 20;

/**
 * Returns problems for values that no scalar accepts, at any position: NUL and lone surrogates (which PostgreSQL does not accept), numbers that are
 * valid JSON but too large for a double, keys that access prototypes, and unlimited nesting. Iterative, so that deep nesting cannot overflow the
 * stack.
 */
export function problemsOfVariables(variables: Variables): Problem[] {
  const problems: Problem[] = [];
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: variables, path: "", depth: 0 }];
  for (let next = waiting.pop(); next !== undefined && problems.length < enough; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (depth > deepest) {
      problems.push({ path: path.slice(0, 200), message: `The value is nested too deeply. The maximum is ${deepest} levels.` });
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

/** The same for literals in the document. The lexer of graphql-js already refuses lone surrogates. */
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
  if (value.includes("\u0000")) return "Text must not contain the NUL character.";
  return value.isWellFormed() ? undefined : "Text must be well-formed Unicode. It contains half of a surrogate pair.";
}

function problemOfKey(key: string): string | undefined {
  if (key === "__proto__") return "The key __proto__ is not allowed.";
  return problemOfScalar(key);
}

const printable = (path: string): string => path.slice(0, 200).toWellFormed().replaceAll("\u0000", "\\0");

/** Returns the path of the argument that contains a literal: `first`, `input.data.x`. */
function argumentOf(ancestors: readonly unknown[]): string {
  return ancestors
    .filter(
      (node): node is { kind: string; name: { value: string } } =>
        typeof node === "object" && node !== null && "kind" in node && (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD),
    )
    .map(({ name }) => name.value)
    .join(".");
}
