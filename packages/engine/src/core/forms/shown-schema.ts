import { titleOf } from "../document/reader.js";
import type { Json, JsonObject } from "../model/json.js";
import { asJsonObject, canonicalText } from "../model/values.js";
import type { SchemaNode } from "../model/schema.js";

/**
 * Returns a schema of the data as clients get it. It accepts what the server accepts: properties with a default are not required, and undeclared
 * properties are rejected where Weft rejects them. Choices have titles. What JSON Schema cannot express, or defines differently from Weft, is left to
 * the server: fractions of `multipleOf` (clients divide without tolerance) and patterns that JavaScript cannot read.
 * @param isFilled whether the server applies the defaults in it
 */
export function shownSchema(
  node: SchemaNode,
  written: JsonObject,
  choices: ReadonlyMap<Json, string> | null = null,
  isFilled = true,
): JsonObject {
  const child = (of: SchemaNode, source: Json | undefined, filled = isFilled): JsonObject =>
    shownSchema(of, asJsonObject(source) ?? {}, null, filled);
  const declared = asJsonObject(written["properties"]) ?? {};
  const properties = [...node.properties].map(([name, one]): [string, JsonObject] => {
    const source = asJsonObject(declared[name]) ?? {};
    return [name, { title: titleOf(name), ...child(one, source) }];
  });
  const required = [...new Set(node.required)].filter((name) => !(isFilled && node.properties.get(name)?.default));
  const { additional } = node;
  return {
    ...(node.enum && choicesSchema(node.enum, choices)),
    ...kept(node, written),
    ...(node.items && { items: shownSchema(node.items, asJsonObject(written["items"]) ?? {}, choices, isFilled) }),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required }),
    ...(additional !== true && {
      additionalProperties: additional === false ? false : child(additional, written["additionalProperties"], false),
    }),
    ...(node.default && { default: node.default.value }),
  };
}

const COPIED = [
  "title",
  "description",
  "examples",
  "const",
  "minLength",
  "maxLength",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minItems",
  "maxItems",
  "uniqueItems",
];

function kept({ types, pattern, multipleOf }: SchemaNode, written: JsonObject): JsonObject {
  const [type, ...more] = types ?? [];
  return {
    ...(type !== undefined && { type: more.length === 0 ? type : [type, ...more] }),
    ...Object.fromEntries(Object.entries(written).filter(([key]) => COPIED.includes(key))),
    ...(pattern && isReadable(pattern.source) && { pattern: pattern.source }),
    ...(multipleOf !== null && Number.isInteger(multipleOf) && { multipleOf }),
  };
}

/** Validators read patterns with the flag u, and throw at syntax that it does not support. */
function isReadable(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function choicesSchema(values: readonly Json[], titles: ReadonlyMap<Json, string> | null): JsonObject {
  // Only one of several equal values can match.
  const distinct = [...new Map(values.map((value) => [canonicalText(value), value])).values()];
  return {
    ...(distinct.every((value) => typeof value === "string") && { type: "string" }),
    oneOf: distinct.map((value) => ({ const: value, title: titles?.get(value) ?? choiceTitle(value) })),
  };
}

/** `in_progress` becomes `In progress`; codes such as EUR, and values that are not text, stay the same. */
function choiceTitle(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(value) ? titleOf(value) : value;
}
