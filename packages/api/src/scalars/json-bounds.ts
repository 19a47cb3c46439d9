import type { Problem } from "@weft/shared/errors";

const maxDepth = 32;
const maxValues = 10_000;
const maxCharacters = 256 * 1024;

/**
 * Returns the first problem that prevents a value from being stored as JSON: too deep, too large, a key that pollutes prototypes, a text that
 * PostgreSQL rejects (NUL, unpaired surrogate), or a number that JSON cannot represent. Iterative, because callers control the nesting depth.
 */
export function jsonProblem(root: unknown): Problem | null {
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: root, path: "", depth: 0 }];
  let values = 0;
  let characters = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (++values > maxValues) return { path: "", message: `The value contains more than ${maxValues} values.` };
    if (typeof value === "string") characters += value.length;
    if (characters > maxCharacters) return { path: "", message: `The value contains more than ${maxCharacters} characters.` };
    const message = scalarProblem(value);
    if (message) return { path: shorten(path), message };
    if (typeof value !== "object" || value === null) continue;
    if (depth >= maxDepth) return { path: shorten(path), message: `The value is nested deeper than ${maxDepth} levels.` };
    for (const [key, inner] of Object.entries(value)) {
      const problem = keyProblem(key);
      if (problem) return { path: shorten(path), message: problem };
      characters += Array.isArray(value) ? 0 : key.length;
      waiting.push({ value: inner, path: path === "" ? key : `${path}.${key}`, depth: depth + 1 });
    }
  }
  return null;
}

function scalarProblem(value: unknown): string | null {
  if (typeof value === "string") return textProblem(value);
  if (typeof value === "number") return Number.isFinite(value) ? null : "The number is too large.";
  return typeof value === "boolean" || typeof value === "object" ? null : `A ${typeof value} is not a valid JSON value.`;
}

function keyProblem(key: string): string | null {
  if (key === "__proto__") return 'The key "__proto__" is not allowed.';
  return textProblem(key);
}

function textProblem(text: string): string | null {
  if (text.includes("\0")) return "The text contains a NUL character.";
  return text.isWellFormed() ? null : "The text contains an unpaired surrogate.";
}

const shorten = (path: string): string => (path.length > 200 ? `${path.slice(0, 200)}…` : path);
