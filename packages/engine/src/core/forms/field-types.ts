/** The types of fields. Each type reads its own keys and returns the JSON Schema of its values. */
import { readFlag, readText, readTexts, type Source } from "../document/reader.js";
import { quote, type Path, type ProblemList } from "../model/problems.js";
import { MAX_FILE_BYTES, MAX_MANY, MAX_OPTIONS, MAX_ROWS, type FieldReference, type FieldType } from "../model/form.js";
import type { Json, JsonObject } from "../model/json.js";

export type FieldSpec = {
  /** In the subset that the server uses to validate. */
  readonly base: JsonObject;
  /** Additions and changes in the schema for clients; null removes a keyword. */
  readonly shown?: { readonly [key: string]: Json };
  readonly hints?: JsonObject;
  /** Of types that hold IDs of other objects. */
  readonly reference?: Omit<FieldReference, "column">;
};

export type FieldReader = { readonly problems: ProblemList; readonly source: Source; readonly path: Path };

/** Keys of each type in addition to those that all fields have. A table is read where its columns are known. */
export const TYPE_KEYS: { readonly [T in FieldType]: readonly string[] } = {
  text: ["multiline", "minLength", "maxLength", "pattern", "format"],
  number: ["min", "max", "integer", "step"],
  money: ["min", "max", "currency", "decimals"],
  date: ["time"],
  boolean: [],
  choice: ["options"],
  multiChoice: ["options", "min", "max"],
  user: ["many"],
  asset: ["many"],
  file: ["many", "accept", "maxBytes"],
  table: ["columns", "min", "max"],
};

const TEXT_FORMATS = ["email", "uri", "time"];

/** An empty answer does not count: a required field must have content. */
export const notEmpty: { readonly [T in FieldType]?: JsonObject } = {
  text: { minLength: 1 },
  multiChoice: { minItems: 1 },
  table: { minItems: 1 },
};

export function readFieldType(reader: FieldReader, type: Exclude<FieldType, "table">): FieldSpec {
  switch (type) {
    case "text":
      return textSpec(reader);
    case "number": {
      const isWhole = readFlag(reader.problems, reader.source, "integer", reader.path);
      const step = readAmount(reader, "step");
      if (step !== null && step <= 0) bad(reader, "step", "A step must be greater than zero.");
      const base = { type: isWhole ? "integer" : "number", ...bounds(reader), ...(step !== null && step > 0 && { multipleOf: step }) };
      // Clients divide without tolerance: 0.3 would not be a multiple of 0.1.
      return { base, ...(step !== null && !Number.isInteger(step) && { shown: { multipleOf: null }, hints: { step } }) };
    }
    case "money":
      return moneySpec(reader);
    case "date": {
      const hasTime = readFlag(reader.problems, reader.source, "time", reader.path);
      return { base: { type: "string", format: hasTime ? "date-time" : "date" } };
    }
    case "boolean":
      return { base: { type: "boolean" } };
    case "choice": {
      const { values, shown } = readOptions(reader);
      return { base: { type: "string", enum: values }, ...(shown && { shown: { enum: null, oneOf: shown } }) };
    }
    case "multiChoice": {
      const { values, shown } = readOptions(reader);
      const base = { type: "array", uniqueItems: true, ...counts(reader, values.length, null), items: { type: "string", enum: values } };
      return { base, ...(shown && { shown: { items: { type: "string", oneOf: shown } } }) };
    }
    case "user":
      return { ...many(reader, idOf("usr")), reference: { type: "user" } };
    case "asset":
      return { ...many(reader, idOf("ast")), reference: { type: "asset" } };
    case "file":
      return fileSpec(reader);
    default:
      return type satisfies never;
  }
}

/** Minimum and maximum number of items of a list: `most` is the limit, `usual` the maximum if the form has none. */
export function counts(reader: FieldReader, most: number, usual: number | null): JsonObject {
  const min = readCount(reader, "min", most);
  const max = readCount(reader, "max", most) ?? usual;
  if (min !== null && max !== null && min > max) bad(reader, "min", `min (${min}) must not be greater than max (${max}).`);
  return { ...(min !== null && { minItems: min }), ...(max !== null && { maxItems: max }) };
}

function textSpec(reader: FieldReader): FieldSpec {
  const { problems, source, path } = reader;
  const isLong = readFlag(problems, source, "multiline", path);
  const minLength = readCount(reader, "minLength", 10_000);
  const maxLength = readCount(reader, "maxLength", 100_000) ?? (isLong ? 10_000 : 1000);
  if (minLength !== null && minLength > maxLength)
    bad(reader, "minLength", `minLength (${minLength}) must not be greater than maxLength (${maxLength}).`);
  const pattern = readText(problems, source, "pattern", path, { maxChars: 500 });
  const format = source["format"];
  if (format !== undefined && !TEXT_FORMATS.some((one) => one === format))
    bad(reader, "format", `format must be one of ${TEXT_FORMATS.join(", ")}, not ${quote(format)}.`);
  return {
    base: {
      type: "string",
      maxLength,
      ...(minLength !== null && { minLength }),
      ...(pattern !== null && { pattern }),
      ...(typeof format === "string" && TEXT_FORMATS.includes(format) && { format }),
    },
    ...(isLong && { hints: { multi: true } }),
  };
}

/** One currency: only the amount. Several currencies: the amount and the chosen currency. */
function moneySpec(reader: FieldReader): FieldSpec {
  const { problems, source, path } = reader;
  const currencies = readTexts(problems, source, "currency", path, (text, where) => {
    if (!/^[A-Z]{3}$/.test(text)) problems.add(where, "BAD_VALUE", `${quote(text)} is not a valid currency code. Use a code such as EUR.`);
  });
  if (source["currency"] === undefined)
    problems.add([...path, "currency"], "MISSING", "A money field must have a currency, for example currency: EUR.");
  const decimals = readCount(reader, "decimals", 4) ?? 2;
  const range = { type: "number", ...bounds(reader) };
  const amount = { ...range, multipleOf: Number(`1e-${decimals}`) };
  const [only = ""] = currencies;
  if (currencies.length < 2) return { base: amount, shown: { multipleOf: null }, hints: { currency: only, decimals } };
  const money = (of: JsonObject): JsonObject => ({ amount: of, currency: { type: "string", enum: currencies } });
  return {
    base: { type: "object", required: ["amount", "currency"], additionalProperties: false, properties: money(amount) },
    shown: { properties: money(range) },
    hints: { currencies, decimals },
  };
}

/** The answer is the ID of an upload. Only the store knows its type and size. */
function fileSpec(reader: FieldReader): FieldSpec {
  const accept = readTexts(reader.problems, reader.source, "accept", reader.path, (text, where) => {
    if (!/^[a-z]{1,20}\/[a-z0-9.+-]{1,80}$/.test(text))
      reader.problems.add(where, "BAD_VALUE", `${quote(text)} is not a valid content type. Content types look like application/pdf.`);
  });
  const maxBytes = readCount(reader, "maxBytes", MAX_FILE_BYTES);
  return {
    ...many(reader, idOf("fil")),
    hints: { ...(accept.length > 0 && { accept }), ...(maxBytes !== null && { maxBytes }) },
    reference: { type: "file", file: { accept, maxBytes } },
  };
}

const idOf = (prefix: string): JsonObject => ({ type: "string", pattern: `^${prefix}_[0-9a-z]{26}$` });

function many({ problems, source, path }: FieldReader, one: JsonObject): FieldSpec {
  if (!readFlag(problems, source, "many", path)) return { base: one };
  return { base: { type: "array", uniqueItems: true, maxItems: MAX_MANY, items: one } };
}

function readOptions({ problems, source, path }: FieldReader): { values: string[]; shown: JsonObject[] | null } {
  const where = [...path, "options"];
  const list = source["options"];
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_OPTIONS) {
    problems.add(
      where,
      list === undefined ? "MISSING" : "BAD_VALUE",
      `Expected a list of 1 to ${MAX_OPTIONS} options, for example options: [low, high].`,
    );
    return { values: ["-"], shown: null };
  }
  const options = list.flatMap((entry: unknown, index): { value: string; label: string | null }[] => {
    const at = [...where, index];
    const isText = typeof entry === "string";
    const option = (isText ? { value: entry } : entry) as Source;
    if (
      typeof option !== "object" ||
      option === null ||
      Array.isArray(option) ||
      Object.keys(option).some((key) => key !== "value" && key !== "label")
    ) {
      problems.add(at, "WRONG_TYPE", `An option must be text or { value: …, label: … }, not ${quote(entry)}.`);
      return [];
    }
    const value = readText(problems, option, "value", isText ? at.slice(0, -1) : at, { maxChars: 200, isRequired: true, like: "high" });
    const label = readText(problems, option, "label", at, { maxChars: 200 });
    return value === null ? [] : [{ value, label }];
  });
  const values = options.map(({ value }) => value);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) problems.add(where, "BAD_VALUE", `The option ${quote(twice)} is listed twice.`);
  const hasLabels = options.some(({ label }) => label !== null);
  return { values, shown: hasLabels ? options.map(({ value, label }) => ({ const: value, title: label ?? value })) : null };
}

function bounds(reader: FieldReader): JsonObject {
  const min = readAmount(reader, "min");
  const max = readAmount(reader, "max");
  if (min !== null && max !== null && min > max) bad(reader, "min", `min (${min}) must not be greater than max (${max}).`);
  return { ...(min !== null && { minimum: min }), ...(max !== null && { maximum: max }) };
}

function readAmount(reader: FieldReader, key: string): number | null {
  const value = reader.source[key];
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  bad(reader, key, `Expected a number, found ${quote(value)}.`);
  return null;
}

function readCount(reader: FieldReader, key: string, most: number): number | null {
  const value = reader.source[key];
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  bad(reader, key, `Expected a whole number from 0 to ${most}, found ${quote(value)}.`);
  return null;
}

function bad({ problems, path }: FieldReader, key: string, message: string): void {
  problems.add([...path, key], "BAD_VALUE", message);
}

export const rowCounts = (reader: FieldReader): JsonObject => counts(reader, MAX_ROWS, 100);
