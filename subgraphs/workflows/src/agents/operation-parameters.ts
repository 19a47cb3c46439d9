import { compilePayloadSchema, type JsonObject, readOperation } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { Kind, type TypeNode } from "graphql";
import type { Problem } from "./agent-terms.js";

const MAX_QUERY = 20_000;

type Parameters = { readonly ok: true; readonly parameters: JsonObject } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Scalars whose values a JSON Schema describes completely. */
const SCALARS: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ["String", { type: "string", maxLength: 10_000 }],
  ["ID", { type: "string", maxLength: 200 }],
  ["Int", { type: "integer", minimum: -2_147_483_648, maximum: 2_147_483_647 }],
  ["SafeInt", { type: "integer" }],
  ["Float", { type: "number" }],
  ["Boolean", { type: "boolean" }],
  ["DateTime", { type: "string", format: "date-time" }],
]);

/**
 * Returns the JSON Schema of the variables of an operation. A schema of the author replaces what a type says. Types that only the whole API knows, such as
 * enums and inputs, need one.
 */
export function operationParameters(query: string, given: unknown): Parameters {
  const wrong = (path: string, message: string): Parameters => ({ ok: false, problems: [{ path, message }] });
  if (query === "" || query.length > MAX_QUERY) return wrong("query", `A GRAPHQL tool needs a query of 1 to ${MAX_QUERY} characters.`);
  const read = readOperation(query);
  if (!read.ok) return wrong("query", read.problem);
  const own = given === undefined || given === null ? { ok: true as const } : compilePayloadSchema(given, "parameters");
  if (!own.ok) return { ok: false, problems: own.problems };
  const written = propertiesOf(given);
  const known = new Map<string, JsonObject>();
  const required: string[] = [];
  for (const { variable, type, defaultValue } of read.operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const schema = Object.hasOwn(written, name) ? written[name] : schemaOf(type);
    if (schema === undefined || schema === null)
      return wrong(
        "query",
        `The type of the variable ${quote(name)} is not a built-in scalar. Write its fields in the operation with a variable each, or describe it in parameters.properties.`,
      );
    known.set(name, schema as JsonObject);
    if (type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined) required.push(name);
  }
  const unknown = Object.keys(written).find((name) => !known.has(name));
  if (unknown !== undefined) return wrong("parameters", `The operation has no variable ${quote(unknown)}.`);
  const parameters = { type: "object", properties: Object.fromEntries(known), required, additionalProperties: false };
  const compiled = compilePayloadSchema(parameters, "parameters");
  return compiled.ok ? { ok: true, parameters } : { ok: false, problems: compiled.problems };
}

const propertiesOf = (schema: unknown): JsonObject => ((schema as JsonObject | null | undefined)?.["properties"] ?? {}) as JsonObject;

/** Null: the type is not known here. */
function schemaOf(type: TypeNode): JsonObject | null {
  if (type.kind === Kind.NON_NULL_TYPE) return schemaOf(type.type);
  if (type.kind === Kind.NAMED_TYPE) return SCALARS.get(type.name.value) ?? null;
  const items = schemaOf(type.type);
  return items && { type: "array", items, maxItems: 100 };
}
