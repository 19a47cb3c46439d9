import { Kind, visit } from "graphql";
import type { DocumentNode } from "graphql";
import type { Problem } from "@weft/shared/errors";

const maxDepth = 64;

/**
 * Returns problems anywhere in the variables: texts that the database cannot store (NUL, unpaired surrogates), keys that pollute prototypes, and
 * excessive nesting. They are detected before any resolver runs, so that they do not cause internal errors later. Iterative, because callers control
 * the nesting depth.
 */
export function variableProblems(variables: Readonly<Record<string, unknown>>): Problem[] {
  const problems: Problem[] = [];
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: variables, path: "", depth: 0 }];
  for (let next = waiting.pop(); next && problems.length < 20; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (typeof value === "string") {
      const message = textProblem(value);
      if (message) problems.push({ path, message });
    } else if (typeof value === "object" && value !== null) {
      if (depth >= maxDepth) {
        problems.push({ path: `${path.slice(0, 80)}…`, message: `is nested deeper than ${maxDepth} levels` });
        continue;
      }
      for (const [key, inner] of Object.entries(value)) {
        const at = path === "" ? key : `${path}.${key}`;
        const message = textProblem(key) ?? (key === "__proto__" ? "is not an allowed key" : null);
        if (message) problems.push({ path: JSON.stringify(at), message });
        else waiting.push({ value: inner, path: at, depth: depth + 1 });
      }
    }
  }
  return problems;
}

/** Returns the same problems for literals in the document. */
export function literalProblems(document: DocumentNode): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    [Kind.STRING]: ({ value, loc }) => {
      const message = textProblem(value);
      if (message) problems.push({ path: "query", message, ...(loc && { line: loc.startToken.line, column: loc.startToken.column }) });
    },
  });
  return problems;
}

function textProblem(text: string): string | null {
  if (text.includes("\0")) return "contains a NUL character";
  return text.isWellFormed() ? null : "contains an unpaired surrogate";
}
