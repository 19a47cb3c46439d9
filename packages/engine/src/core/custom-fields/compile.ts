/**
 * Custom fields: properties that a tenant adds to a kind of object. Their schema is the JSON Schema of definitions' data, with three more keywords for each
 * property: `index` (lists filter and order by it), `visibleToVendors`, and `encrypted` (its values are stored encrypted).
 */
import { NAME } from "../document/reader.js";
import { indexedTypeOf, MAX_INDEXED } from "../definition/indexed.js";
import { problemList, quote, type Path, type ProblemList } from "../model/problems.js";
import type { CompiledSchema } from "../model/schema.js";
import type { Json, JsonObject } from "../model/json.js";
import { asJsonObject, findUnfit } from "../model/values.js";
import type { InputProblem } from "../model/rejection.js";
import { compileObjectSchema } from "../schema/compile.js";

/** A property with `index: true`. */
export type IndexedCustomField = {
  readonly name: string;
  readonly type: "TEXT" | "NUMBER" | "BOOLEAN" | "ENCRYPTED";
  readonly isForVendors: boolean;
};

export type FieldSchema = CompiledSchema & {
  readonly indexed: readonly IndexedCustomField[];
  /** Names of the properties that users of a vendor see. */
  readonly forVendors: ReadonlySet<string>;
  /** Names of the properties whose values are stored encrypted. */
  readonly encrypted: ReadonlySet<string>;
};

export type CompiledFields =
  | { readonly ok: true; readonly schema: FieldSchema }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

const MAX_PROPERTIES = 100;
const LIMITS = { maxNodes: 20_000, maxDepth: 32, maxChars: 256 * 1024 };
const OWN_KEYWORDS = ["index", "visibleToVendors", "encrypted"] as const;
/** Keywords that contain values, which schemas and their history would keep in plain text. */
const VALUE_KEYWORDS = ["default", "enum", "const", "examples"] as const;

/** Compiles a schema. Problems have paths that begin with `schema`. */
export function compileFieldSchema(source: unknown): CompiledFields {
  const problems = problemList();
  for (const { path, code, message } of findUnfit(source, ["schema"], LIMITS)) problems.add(path, code, message);
  const schema = problems.problems.length === 0 ? compile(asJsonObject(source), problems) : null;
  return schema ? { ok: true, schema } : { ok: false, problems: problems.problems.map(({ path, message }) => ({ path, message })) };
}

/**
 * Returns a schema with `encrypted: true` in each text property that does not say otherwise, for tenants whose custom fields are encrypted. Properties that
 * cannot be encrypted, because their schema has values or users of a vendor see them, stay as they are.
 */
export function withEncryptedTexts(source: unknown): unknown {
  const schema = asJsonObject(source);
  const properties = asJsonObject(schema?.["properties"]);
  if (schema === null || properties === null) return source;
  const isUndecided = (property: JsonObject): boolean =>
    isText(property["type"]) &&
    property["encrypted"] === undefined &&
    property["visibleToVendors"] !== true &&
    VALUE_KEYWORDS.every((keyword) => property[keyword] === undefined);
  const encrypted = Object.entries(properties).map(([name, value]): [string, Json] => {
    const property = asJsonObject(value);
    return [name, property !== null && isUndecided(property) ? { ...property, encrypted: true } : value];
  });
  return { ...schema, properties: Object.fromEntries(encrypted) };
}

/** `string`, or `string` and `null`. */
const isText = (type: Json | undefined): boolean =>
  Array.isArray(type) ? type.includes("string") && type.every((one) => one === "string" || one === "null") : type === "string";

function compile(source: JsonObject | null, problems: ProblemList): FieldSchema | null {
  const path: Path = ["schema"];
  if (source === null) {
    problems.add(path, "BAD_SCHEMA", "Expected a JSON Schema of an object, for example { properties: { floorArea: { type: number } } }.");
    return null;
  }
  if (source["additionalProperties"] !== undefined && source["additionalProperties"] !== false)
    problems.add([...path, "additionalProperties"], "BAD_SCHEMA", "Custom fields must be declared. Omit additionalProperties.");
  const declared = Object.entries(asJsonObject(source["properties"]) ?? {});
  if (declared.length > MAX_PROPERTIES)
    problems.add([...path, "properties"], "TOO_LARGE", `There are ${declared.length} properties; the maximum is ${MAX_PROPERTIES}.`);
  for (const [name, property] of declared) checkProperty(name, asJsonObject(property), problems);
  const compiled = compileObjectSchema({ ...source, properties: plainProperties(source), additionalProperties: false }, path, problems);
  for (const { path: where, message } of compiled?.unfitDefaults ?? []) problems.add(where, "BAD_SCHEMA", message);
  if (!compiled) return null;
  const indexed = readIndexed(declared, compiled, problems);
  const encrypted = readEncrypted(declared, compiled, problems);
  if (problems.problems.length > 0) return null;
  return {
    ...compiled,
    indexed,
    forVendors: new Set(declared.filter(([, property]) => isFlagged(property, "visibleToVendors")).map(([name]) => name)),
    encrypted,
  };
}

/** The properties without the keywords that only custom fields have. Anything that is not a mapping is left to the compiler of the schema. */
function plainProperties(source: JsonObject): Json | undefined {
  const properties = asJsonObject(source["properties"]);
  if (properties === null) return source["properties"];
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]): [string, Json] => {
      const schema = asJsonObject(property);
      if (schema === null) return [name, property];
      return [name, Object.fromEntries(Object.entries(schema).filter(([key]) => !OWN_KEYWORDS.some((own) => own === key)))];
    }),
  );
}

function checkProperty(name: string, schema: JsonObject | null, problems: ProblemList): void {
  const path: Path = ["schema", "properties", name];
  if (!NAME.test(name)) problems.add(path, "BAD_VALUE", `${quote(name)} is not a valid field name. Names look like floorArea.`);
  for (const keyword of OWN_KEYWORDS) {
    const value = schema?.[keyword];
    if (value !== undefined && typeof value !== "boolean")
      problems.add([...path, keyword], "BAD_SCHEMA", `Expected true or false, found ${quote(value)}.`);
  }
}

const isFlagged = (property: Json | undefined, keyword: (typeof OWN_KEYWORDS)[number]): boolean =>
  asJsonObject(property)?.[keyword] === true;

function readIndexed(
  declared: readonly (readonly [string, Json])[],
  { root }: CompiledSchema,
  problems: ProblemList,
): readonly IndexedCustomField[] {
  const names = declared.flatMap(([name, property]) => (isFlagged(property, "index") ? [name] : []));
  if (names.length > MAX_INDEXED)
    problems.add(["schema", "properties"], "TOO_LARGE", `${names.length} fields have index: true; the maximum is ${MAX_INDEXED}.`);
  return names.flatMap((name) => {
    const node = root.properties.get(name);
    const type = node && indexedTypeOf(node);
    if (type)
      return [
        {
          name,
          type: declared.some(([one, property]) => one === name && isFlagged(property, "encrypted")) ? "ENCRYPTED" : STORED[type],
          isForVendors: declared.some(([one, property]) => one === name && isFlagged(property, "visibleToVendors")),
        },
      ];
    problems.add(
      ["schema", "properties", name, "index"],
      "BAD_VALUE",
      `${quote(name)} cannot be indexed. Only properties with a single type (text, number, or true and false) can.`,
    );
    return [];
  });
}

const STORED = { text: "TEXT", number: "NUMBER", boolean: "BOOLEAN" } as const;

function readEncrypted(
  declared: readonly (readonly [string, Json])[],
  { root }: CompiledSchema,
  problems: ProblemList,
): ReadonlySet<string> {
  const encrypted = declared.filter(([, property]) => isFlagged(property, "encrypted"));
  for (const [name, property] of encrypted) {
    const path: Path = ["schema", "properties", name];
    const node = root.properties.get(name);
    if (!node || indexedTypeOf(node) !== "text")
      problems.add([...path, "encrypted"], "BAD_VALUE", `${quote(name)} cannot be encrypted. Only properties of the type string can.`);
    for (const keyword of VALUE_KEYWORDS)
      if (asJsonObject(property)?.[keyword] !== undefined)
        problems.add(
          [...path, keyword],
          "BAD_VALUE",
          `${quote(name)} is encrypted, and its schema is not. Omit ${keyword}, which contains values.`,
        );
    if (isFlagged(property, "visibleToVendors"))
      problems.add(
        [...path, "visibleToVendors"],
        "BAD_VALUE",
        `${quote(name)} is encrypted. Encrypted fields are only for users of the organization.`,
      );
  }
  return new Set(encrypted.map(([name]) => name));
}
