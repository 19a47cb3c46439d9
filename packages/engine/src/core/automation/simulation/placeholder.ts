/** Outputs of steps whose work a simulation does not do. */
import type { Json, JsonObject } from "../../model/json.js";
import type { CompiledSchema, SchemaNode } from "../../model/schema.js";

/**
 * Returns outputs that match the schema, as an example of them: texts such as `<build.url>`, no list items, and the smallest numbers that are allowed.
 * Values that the schema gives as default, `const` or `enum` are used. Unknown outputs are empty.
 */
export function placeholderOutputs(step: string, outputs: CompiledSchema | null): JsonObject {
  return outputs === null ? {} : objectOf(outputs.root, step);
}

function objectOf({ properties }: SchemaNode, name: string): JsonObject {
  const members = [...properties].map(([property, node]) => [property, valueOf(node, `${name}.${property}`)] as const);
  return Object.fromEntries(members.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined));
}

function valueOf(node: SchemaNode, name: string): Json | undefined {
  const [first] = node.enum ?? [];
  const given = node.default?.value ?? node.const?.value ?? first;
  if (given !== undefined) return given;
  const types = node.types ?? new Set();
  if (types.has("string")) return `<${name}>`;
  if (types.has("integer") || types.has("number")) return Math.ceil(node.minimum ?? 0);
  if (types.has("boolean")) return true;
  if (types.has("array")) return [];
  if (types.has("object")) return objectOf(node, name);
  // A value of any type is absent, because every use of it could be wrong.
  return undefined;
}
