import { z } from "zod";
import type { Problem } from "../errors/errors.js";
import { quote } from "../errors/errors.js";
import { suggestionFor } from "./suggestion.js";

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/** Names of JSON's types, as people know them. */
const typeWords: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

const formatWords: Readonly<Record<string, string>> = {
  email: "email address",
  url: "URL",
  uuid: "UUID",
  datetime: "date-time of ISO 8601",
  date: "date (YYYY-MM-DD)",
  time: "time of ISO 8601",
  duration: "duration of ISO 8601",
  ipv4: "IPv4 address",
  ipv6: "IPv6 address",
  base64: "base64 text",
  base64url: "base64url text",
};

/**
 * Parses a value. Messages that the schema does not define itself are sentences of ours instead of the library's. They contain no values of the input,
 * which can be secret.
 */
export const parsedBy = <Output>(schema: z.ZodType<Output>, value: unknown): z.ZodSafeParseResult<Output> =>
  schema.safeParse(value, { error: sentenceOf });

/** Returns everything that is wrong with a value, at most `max` problems, each path below `path`. */
export function schemaProblems(schema: z.ZodType, value: unknown, path: string, max = 20): Problem[] {
  const parsed = parsedBy(schema, value);
  return parsed.success ? [] : problemsOfIssues(parsed.error.issues, path).slice(0, max);
}

/** Returns the issues of a value that `parsedBy` refused as parts of a sentence, each with its path. `root` stands for the value itself. */
export const describedIssues = (issues: readonly Issue[], root: string): string[] =>
  issues.map(({ path, message }) => `${path.map(String).join(".") || root}: ${message.replace(/\.$/, "")}`);

/** Returns the issues of a value that `parsedBy` refused. */
const problemsOfIssues = (issues: readonly Issue[], path: string): Problem[] =>
  issues.map((issue) => ({
    path: [...(path === "" ? [] : [path]), ...issue.path.map(String)].join("."),
    message: `${issue.message.replace(/\.$/, "")}.`.replace(/\?\.$/, "?"),
  }));

function sentenceOf(issue: RawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return unexpected(wordOf(issue.expected), issue.input);
    case "invalid_value":
      return issue.values.length === 1 ? `Expected ${shown(issue.values[0])}.` : `Expected one of ${issue.values.map(shown).join(", ")}.`;
    case "too_big":
      return sizeSentence({ ...issue, limit: issue.maximum, isMaximum: true });
    case "too_small":
      return sizeSentence({ ...issue, limit: issue.minimum, isMaximum: false });
    case "not_multiple_of":
      return `Use a multiple of ${issue.divisor}.`;
    case "invalid_format":
      if (issue.format === "regex") return `It does not match the pattern ${issue.pattern}.`;
      return `It is not a valid ${formatWords[issue.format] ?? issue.format.replaceAll("_", " ")}.`;
    case "unrecognized_keys": {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      const [first = "", ...others] = issue.keys;
      return others.length === 0
        ? `The name ${quote(first)} does not exist here.${suggestionFor(first, known)}`
        : `The names ${issue.keys.slice(0, 10).map(quote).join(", ")} do not exist here.`;
    }
    case "invalid_key":
      return ["This name is not allowed here.", ...issue.issues.slice(0, 1).map(({ message }) => message)].join(" ");
    case "invalid_union":
      return unionSentence(issue);
    case "invalid_element":
    case "custom":
      return "It is not valid.";
    default:
      return issue satisfies never;
  }
}

const wordOf = (type: string): string => typeWords[type] ?? type;

function unexpected(expected: string, input: unknown): string {
  if (input === undefined) return "It is missing.";
  const type = input === null ? "null" : Array.isArray(input) ? "array" : typeof input;
  return `Expected ${expected}, found ${typeof input === "boolean" ? String(input) : wordOf(type)}.`;
}

const shown = (value: unknown): string => (typeof value === "string" ? quote(value) : String(value));

interface Size {
  readonly origin: string;
  readonly limit: number | bigint;
  readonly inclusive?: boolean | undefined;
  readonly isMaximum: boolean;
}

function sizeSentence({ origin, limit, inclusive = true, isMaximum }: Size): string {
  const bound = isMaximum ? "at most" : "at least";
  if (origin === "string") return `Use ${bound} ${limit} ${Number(limit) === 1 ? "character" : "characters"}.`;
  if (origin === "array" || origin === "set" || origin === "map" || origin === "record")
    return `There ${isMaximum ? "can" : "must"} be ${bound} ${limit} ${Number(limit) === 1 ? "item" : "items"}.`;
  if (!inclusive) return `It must be ${isMaximum ? "less" : "more"} than ${limit}.`;
  return `The ${isMaximum ? "maximum" : "minimum"} is ${limit}.`;
}

/** A value that fits none of several forms: the value that tells the forms apart, or the types of the forms. */
function unionSentence(issue: Extract<RawIssue, { code: "invalid_union" }>): string {
  const { options } = issue;
  if (Array.isArray(options) && options.length > 0) return `Expected one of ${options.map(shown).join(", ")}.`;
  const expected = new Set(
    issue.errors.flatMap((form) =>
      form.flatMap((one) => (one.code === "invalid_type" && one.path.length === 0 ? [wordOf(one.expected)] : [])),
    ),
  );
  if (expected.size > 0 && issue.errors.every((form) => form.some(({ path, code }) => path.length === 0 && code === "invalid_type")))
    return unexpected([...expected].join(" or "), issue.input);
  const form = issue.errors.find((one) => !one.some(({ path, code }) => path.length === 0 && code === "invalid_type"));
  const [first] = form ?? [];
  if (!first) return issue.input === undefined ? "It is missing." : "It has none of the forms that are allowed here.";
  return first.path.length === 0 ? first.message : `${first.path.map(String).join(".")}: ${first.message}`;
}
