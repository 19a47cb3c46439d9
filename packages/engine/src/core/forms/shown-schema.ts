import { titleOf } from "../definition/reader.js";
import type { Json, JsonObject } from "../json.js";
import { asJsonObject, canonicalText } from "../schema/json.js";
import type { SchemaNode } from "../schema/types.js";

/**
 * A schema of the data as clients get it. It takes what the server takes: what has a default is not required, and properties that are not declared are refused where
 * Weft refuses them. Choices have titles. What JSON Schema cannot say, or says otherwise than Weft, is left to the server: fractions of `multipleOf` (clients divide
 * without tolerance) and patterns that JavaScript cannot read.
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

/** Validators read patterns with the flag u, and throw at what it does not know. */
function isReadable(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function choicesSchema(values: readonly Json[], titles: ReadonlyMap<Json, string> | null): JsonObject {
  // Of equal values only one may fit.
  const distinct = [...new Map(values.map((value) => [canonicalText(value), value])).values()];
  return {
    ...(distinct.every((value) => typeof value === "string") && { type: "string" }),
    oneOf: distinct.map((value) => ({ const: value, title: titles?.get(value) ?? choiceTitle(value) })),
  };
}

/** `in_progress` reads as `In progress`; codes such as EUR, and what is no text, stand for themselves. */
function choiceTitle(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(value) ? titleOf(value) : value;
}
