/**
 * JSON Schema: compiles the documented subset and validates data against it.
 * Size, depth and regular expressions are bounded, so that no schema and no value takes unbounded time.
 * This module never fetches a schema and never converts a value to another type.
 */
import { RE2JS } from "re2js";
import type { Json } from "../model/json.js";
import { didYouMean, isForbiddenKey, quote, type Path, type ProblemList } from "../model/problems.js";
import { asJsonObject, isObject } from "../model/values.js";
import { validateData } from "./validate.js";
import { checkKeywords, readCount, readNumber, readText } from "./keywords.js";
import {
  MAX_ENUM_VALUES,
  MAX_PATTERN_CHARS,
  MAX_PATTERN_SIZE,
  MAX_PATTERNS,
  MAX_SCHEMA_DEPTH,
  MAX_SCHEMA_NODES,
  SCHEMA_FORMATS,
  type CompiledSchema,
  type LinearPattern,
  type SchemaNode,
  type SchemaType,
  type UnfitDefault,
} from "../model/schema.js";

const TYPES: readonly SchemaType[] = ["string", "number", "integer", "boolean", "object", "array", "null"];

type Reader = { problems: ProblemList; nodes: number; patterns: number; unfitDefaults: UnfitDefault[] };

/**
 * Compiles the schema of an object (`data`, `input`). Its `type` can be omitted. Undeclared properties are rejected unless `additionalProperties`
 * says otherwise. Problems are added to the list with the code BAD_SCHEMA; null if the schema is unusable.
 */
export function compileObjectSchema(source: unknown, path: Path, problems: ProblemList): CompiledSchema | null {
  const object = asJsonObject(source);
  if (object === null) {
    problems.add(path, "BAD_SCHEMA", `Expected a JSON Schema of an object, found ${quote(source)}.`);
    return null;
  }
  if (object["type"] !== undefined && object["type"] !== "object") {
    problems.add([...path, "type"], "BAD_SCHEMA", `The type must be "object" here, not ${quote(object["type"])}.`);
    return null;
  }
  const before = problems.problems.length;
  const unfitDefaults: UnfitDefault[] = [];
  const root = compileNode({ ...object, type: "object" }, path, { problems, nodes: 0, patterns: 0, unfitDefaults }, true);
  return problems.problems.length > before ? null : { source: { ...object, type: "object" }, root, unfitDefaults };
}

function compileNode(source: unknown, path: Path, reader: Reader, isRoot = false): SchemaNode {
  const { problems } = reader;
  const bad = (where: Path, message: string): void => problems.add(where, "BAD_SCHEMA", message);
  const schema = isObject(source) ? source : {};
  if (!isObject(source)) bad(path, `Expected a schema such as { type: string }, found ${quote(source)}.`);
  reader.nodes++;
  if (reader.nodes === MAX_SCHEMA_NODES + 1) bad(path, `The schema has more than ${MAX_SCHEMA_NODES} parts.`);
  const tooDeep = path.length > MAX_SCHEMA_DEPTH * 2 + 6;
  if (tooDeep) bad(path, `The schema is nested more than ${MAX_SCHEMA_DEPTH} levels deep.`);
  const usable = tooDeep || reader.nodes > MAX_SCHEMA_NODES ? {} : schema;

  checkKeywords(usable, path, problems);
  const properties = new Map<string, SchemaNode>();
  const declared = usable["properties"];
  if (isObject(declared)) {
    for (const [name, child] of Object.entries(declared)) {
      if (problems.isFull()) break;
      const where = [...path, "properties", name];
      if (isForbiddenKey(name)) problems.add(where, "FORBIDDEN_KEY", `A property cannot be named ${quote(name)}.`);
      else properties.set(name, compileNode(child, where, reader));
    }
  } else if (declared !== undefined)
    bad([...path, "properties"], `Expected a mapping of property names to schemas, found ${quote(declared)}.`);

  const node: SchemaNode = {
    default: null,
    types: readTypes(usable["type"], [...path, "type"], bad),
    title: readText(usable, "title", path, problems),
    enum: readEnum(usable["enum"], [...path, "enum"], bad),
    const: usable["const"] === undefined ? null : { value: usable["const"] as Json },
    minLength: readCount(usable, "minLength", path, problems),
    maxLength: readCount(usable, "maxLength", path, problems),
    pattern: readPattern(usable["pattern"], [...path, "pattern"], reader, bad),
    format: readFormat(usable["format"], [...path, "format"], bad),
    minimum: readNumber(usable, "minimum", path, problems),
    maximum: readNumber(usable, "maximum", path, problems),
    exclusiveMinimum: readNumber(usable, "exclusiveMinimum", path, problems),
    exclusiveMaximum: readNumber(usable, "exclusiveMaximum", path, problems),
    multipleOf: readNumber(usable, "multipleOf", path, problems),
    items: usable["items"] === undefined ? null : compileNode(usable["items"], [...path, "items"], reader),
    minItems: readCount(usable, "minItems", path, problems),
    maxItems: readCount(usable, "maxItems", path, problems),
    uniqueItems: usable["uniqueItems"] === true,
    properties,
    required: readRequired(usable, path, properties, bad),
    additional: readAdditional(usable["additionalProperties"], path, reader, isRoot || properties.size > 0),
  };
  const standard = usable["default"];
  if (standard === undefined) return node;
  const [unfit] = validateData({ root: node }, standard, "default");
  if (!unfit) return { ...node, default: { value: standard as Json } };
  reader.unfitDefaults.push({ path: [...path, "default"], message: `The default does not fit its schema: ${unfit.message}` });
  return node;
}

type Bad = (where: Path, message: string) => void;

function readTypes(value: unknown, path: Path, bad: Bad): ReadonlySet<SchemaType> | null {
  if (value === undefined) return null;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const types = new Set<SchemaType>();
  for (const one of list.slice(0, 20)) {
    const type = TYPES.find((known) => known === one);
    if (type) types.add(type);
    else bad(path, `There is no type ${quote(one)}.${typeof one === "string" ? didYouMean(one, TYPES) : ""}`);
  }
  if (list.length === 0) bad(path, "The list of types is empty.");
  return types;
}

function readEnum(value: unknown, path: Path, bad: Bad): readonly Json[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENUM_VALUES) {
    bad(path, `Expected a list of 1 to ${MAX_ENUM_VALUES} values.`);
    return null;
  }
  return value as Json[];
}

function readPattern(value: unknown, path: Path, reader: Reader, bad: Bad): LinearPattern | null {
  if (value === undefined) return null;
  if (++reader.patterns > MAX_PATTERNS) {
    if (reader.patterns === MAX_PATTERNS + 1) bad(path, `The schema has more than ${MAX_PATTERNS} patterns.`);
    return null;
  }
  if (typeof value !== "string" || value.length > MAX_PATTERN_CHARS) {
    bad(path, `Expected a regular expression of at most ${MAX_PATTERN_CHARS} characters.`);
    return null;
  }
  try {
    const pattern = RE2JS.compile(value);
    const size = pattern.programSize();
    if (size > MAX_PATTERN_SIZE) bad(path, "The regular expression is too large: its repetitions multiply. Use smaller counts.");
    return { source: value, size, test: (text) => pattern.matcher(text).find() };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "").slice(0, 200) : "it cannot be read";
    bad(path, `The regular expression is not valid: ${reason}. It must use RE2 syntax (no look-around, no back-references).`);
    return null;
  }
}

function readFormat(value: unknown, path: Path, bad: Bad): SchemaNode["format"] {
  if (value === undefined) return null;
  const format = SCHEMA_FORMATS.find((known) => known === value);
  if (!format) bad(path, `There is no format ${quote(value)}.${typeof value === "string" ? didYouMean(value, SCHEMA_FORMATS) : ""}`);
  return format ?? null;
}

function readRequired(
  schema: { readonly [key: string]: unknown },
  path: Path,
  properties: ReadonlyMap<string, SchemaNode>,
  bad: Bad,
): readonly string[] {
  const value = schema["required"];
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_SCHEMA_NODES || !value.every((name): name is string => typeof name === "string")) {
    bad([...path, "required"], "Expected a list of property names.");
    return [];
  }
  for (const [index, name] of value.entries()) {
    if (!properties.has(name)) {
      bad(
        [...path, "required", index],
        `${quote(name)} is required, but no such property is declared.${didYouMean(name, properties.keys())}`,
      );
    }
  }
  return value;
}

function readAdditional(value: unknown, path: Path, reader: Reader, hasProperties: boolean): boolean | SchemaNode {
  if (value === undefined) return !hasProperties;
  return typeof value === "boolean" ? value : compileNode(value, [...path, "additionalProperties"], reader);
}
