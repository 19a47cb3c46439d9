/** JSON Schema as Weft supports it: a documented subset, compiled once, with limits on size and depth. See docs/reference/definition-format.md. */
import type { Json, JsonObject } from "./json.js";
import type { Path } from "./problems.js";

export type SchemaType = "string" | "number" | "integer" | "boolean" | "object" | "array" | "null";

/** Takes time linear in the text, at most `size` steps per character; from re2js. */
export type LinearPattern = { readonly source: string; readonly size: number; readonly test: (text: string) => boolean };

export type SchemaNode = {
  /** null: any type. */
  readonly types: ReadonlySet<SchemaType> | null;
  readonly title: string | null;
  /** The value of an absent property; only if it matches the schema. */
  readonly default: { readonly value: Json } | null;
  readonly enum: readonly Json[] | null;
  readonly const: { readonly value: Json } | null;
  readonly minLength: number | null;
  readonly maxLength: number | null;
  readonly pattern: LinearPattern | null;
  readonly format: SchemaFormat | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly exclusiveMinimum: number | null;
  readonly exclusiveMaximum: number | null;
  readonly multipleOf: number | null;
  readonly items: SchemaNode | null;
  readonly minItems: number | null;
  readonly maxItems: number | null;
  readonly uniqueItems: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly required: readonly string[];
  /** Undeclared properties: rejected (false), of any type (true), or as the schema says. */
  readonly additional: boolean | SchemaNode;
};

export type SchemaFormat = "date" | "date-time" | "time" | "email" | "uri" | "uuid";

export const SCHEMA_FORMATS: readonly SchemaFormat[] = ["date", "date-time", "time", "email", "uri", "uuid"];

/** `source` is the schema as written, for clients that render forms. */
export type CompiledSchema = {
  readonly source: JsonObject;
  readonly root: SchemaNode;
  /** Defaults that do not match their own schema. They are never applied. */
  readonly unfitDefaults: readonly UnfitDefault[];
};

export type UnfitDefault = { readonly path: Path; readonly message: string };

export const MAX_SCHEMA_NODES = 1000;
export const MAX_SCHEMA_DEPTH = 16;
export const MAX_ENUM_VALUES = 500;
export const MAX_PATTERN_CHARS = 500;
export const MAX_PATTERN_SIZE = 1000;
export const MAX_PATTERNS = 100;
