/** Reads the simple keywords of the supported subset. */
import { didYouMean, quote, type Path, type ProblemList } from "../model/problems.js";

type Source = { readonly [key: string]: unknown };

const KEYWORDS: readonly string[] = [
  "type",
  "title",
  "description",
  "default",
  "examples",
  "enum",
  "const",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "items",
  "minItems",
  "maxItems",
  "uniqueItems",
  "properties",
  "required",
  "additionalProperties",
];

/** A schema with the keyword must not be saved without it: its values would be stored in plain text. */
const NOT_ENCRYPTED =
  "Values here would be stored in plain text: only properties directly in custom fields of buildings, vendors, projects and assets can be encrypted. Declare such a custom field, and omit the value here.";

/** Reports keywords outside the subset, so that nobody relies on a check that does not happen. `x-…` keys are free. */
export function checkKeywords(schema: Source, path: Path, problems: ProblemList): void {
  for (const key of Object.keys(schema)) {
    if (problems.isFull()) return;
    if (KEYWORDS.includes(key) || key.startsWith("x-")) continue;
    problems.add(
      [...path, key],
      "BAD_SCHEMA",
      key === "encrypted"
        ? NOT_ENCRYPTED
        : `The keyword ${quote(key)} is not part of the supported JSON Schema.${didYouMean(key, KEYWORDS)}`,
    );
  }
  if (schema["uniqueItems"] !== undefined && typeof schema["uniqueItems"] !== "boolean") {
    problems.add([...path, "uniqueItems"], "BAD_SCHEMA", `Expected true or false, found ${quote(schema["uniqueItems"])}.`);
  }
}

export function readNumber(schema: Source, key: string, path: Path, problems: ProblemList): number | null {
  const value = schema[key];
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isFinite(value) && (value > 0 || key !== "multipleOf")) return value;
  problems.add(
    [...path, key],
    "BAD_SCHEMA",
    `Expected a number${key === "multipleOf" ? " greater than zero" : ""}, found ${quote(value)}.`,
  );
  return null;
}

export function readCount(schema: Source, key: string, path: Path, problems: ProblemList): number | null {
  const value = schema[key];
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  problems.add([...path, key], "BAD_SCHEMA", `Expected a whole number of at least 0, found ${quote(value)}.`);
  return null;
}

export function readText(schema: Source, key: string, path: Path, problems: ProblemList): string | null {
  const value = schema[key];
  if (value === undefined) return null;
  if (typeof value === "string" && value.length <= 500) return value;
  problems.add([...path, key], "BAD_SCHEMA", `Expected text of at most 500 characters, found ${quote(value)}.`);
  return null;
}
