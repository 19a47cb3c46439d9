/** Reads OpenAPI 3 documents that tenants upload. */
import { LRUCache } from "lru-cache";
import { parse } from "yaml";
import type { JsonSchema, Problem } from "../connector.js";
import { type Method, METHODS } from "../http/exchange.js";

const MAX_OPERATIONS = 200;
const MAX_DEPTH = 12;

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly isRequired: boolean;
  readonly description: string | undefined;
  readonly schema: JsonSchema;
}

/** An operation of a document, which becomes an action. */
export interface Operation {
  readonly key: string;
  readonly description: string;
  readonly method: Method;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly isRequired: boolean; readonly schema: JsonSchema } | null;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const parsed = new LRUCache<string, { readonly document: Json; readonly operations: readonly Operation[] }>({ max: 50 });

/** Reads a document whose problems were checked. @throws if it is not a mapping */
export function readDocument(text: string): { readonly document: Json; readonly operations: readonly Operation[] } {
  const known = parsed.get(text);
  if (known) return known;
  const document: unknown = parse(text, { maxAliasCount: 50 });
  if (!isObject(document)) throw new Error("The document is not a mapping.");
  const read = { document, operations: operationsOf(document) };
  parsed.set(text, read);
  return read;
}

/** Returns what is wrong with a document. */
export async function problemsOfDocument(text: string, path: string): Promise<Problem[]> {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 50 });
  } catch (error) {
    return [
      {
        path,
        message: `The document is neither JSON nor YAML: ${error instanceof Error ? error.message.slice(0, 200) : "it cannot be read"}`,
      },
    ];
  }
  if (!isObject(document) || typeof document["openapi"] !== "string" || !document["openapi"].startsWith("3."))
    return [{ path, message: "The document is not an OpenAPI 3 document: openapi must be 3.0 or newer." }];
  const foreign = foreignReference(document);
  if (foreign !== null)
    return [
      { path, message: `The reference ${JSON.stringify(foreign.slice(0, 100))} leaves the document. Resolve it before you upload it.` },
    ];
  const { Validator } = await import("@seriousme/openapi-schema-validator");
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  if (!valid) {
    const found = Array.isArray(errors) ? errors : [];
    const [first] = found as { readonly instancePath?: string; readonly message?: string }[];
    return [
      {
        path,
        message: `The document is not valid: ${first?.instancePath ?? ""} ${first?.message ?? (typeof errors === "string" ? errors.slice(0, 300) : "it does not match its schema")}.`,
      },
    ];
  }
  const operations = operationsOf(document);
  if (operations.length === 0) return [{ path, message: "The document has no operations." }];
  const keys = new Set(operations.map(({ key }) => key));
  if (keys.size < operations.length) return [{ path, message: "Two operations have the same operationId." }];
  return operations.length > MAX_OPERATIONS
    ? [{ path, message: `The document has ${operations.length} operations; the maximum is ${MAX_OPERATIONS}.` }]
    : [];
}

/** Returns the URL of the first server, if it is complete. */
export function serverOf({ document }: { readonly document: Json }): string | null {
  const [server] = Array.isArray(document["servers"]) ? (document["servers"] as unknown[]) : [];
  const url = isObject(server) ? server["url"] : undefined;
  return typeof url === "string" && URL.canParse(url) && !url.includes("{") ? url : null;
}

/** Returns a reference to another document, if there is one: reading it would send a request, or read a file. */
function foreignReference(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    if (key === "$ref" && typeof member === "string" && !member.startsWith("#/")) return member;
    const found = foreignReference(member);
    if (found !== null) return found;
  }
  return null;
}

/** Schemas that are copied for one document. Each reference is replaced by what it names, so a small document could become a huge one. */
const MAX_SCHEMAS = 20_000;
const schemasLeft = new WeakMap<Json, number>();

function operationsOf(document: Json): Operation[] {
  schemasLeft.set(document, MAX_SCHEMAS);
  const paths = isObject(document["paths"]) ? document["paths"] : {};
  return Object.entries(paths).flatMap(([path, item]) => {
    const resolved = resolve(document, item);
    if (!isObject(resolved)) return [];
    return METHODS.flatMap((method): Operation[] => {
      const operation = resolved[method.toLowerCase()];
      return isObject(operation) ? [operationOf(document, { path, method, item: resolved, operation })] : [];
    });
  });
}

function operationOf(
  document: Json,
  { path, method, item, operation }: { readonly path: string; readonly method: Method; readonly item: Json; readonly operation: Json },
): Operation {
  const all = [item["parameters"], operation["parameters"]].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const byPlace = new Map<string, Parameter>();
  for (const one of all) {
    const parameter = parameterOf(document, one);
    // Those of the operation replace those of the path.
    if (parameter) byPlace.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  const { operationId, summary, description } = operation;
  const text = [summary, description].find((one) => typeof one === "string" && one.trim() !== "");
  return {
    key: typeof operationId === "string" ? operationId : `${method} ${path}`,
    description: typeof text === "string" ? text.slice(0, 500) : `${method} ${path}`,
    method,
    path,
    parameters: [...byPlace.values()],
    body: bodyOf(document, operation["requestBody"]),
  };
}

function parameterOf(document: Json, value: unknown): Parameter | null {
  const parameter = resolve(document, value);
  if (!isObject(parameter) || typeof parameter["name"] !== "string") return null;
  const place = parameter["in"];
  if (place !== "path" && place !== "query" && place !== "header") return null;
  const { description } = parameter;
  return {
    name: parameter["name"],
    in: place,
    isRequired: place === "path" || parameter["required"] === true,
    description: typeof description === "string" ? description.slice(0, 500) : undefined,
    schema: schemaOf(document, parameter["schema"], 0),
  };
}

function bodyOf(document: Json, value: unknown): Operation["body"] {
  const body = resolve(document, value);
  if (!isObject(body) || !isObject(body["content"])) return null;
  const [, media] = Object.entries(body["content"]).find(([type]) => /json/i.test(type)) ?? [];
  if (!isObject(media)) return null;
  return { isRequired: body["required"] === true, schema: schemaOf(document, media["schema"], 0) };
}

/** Decodes a part of a reference. One with an incomplete escape is taken as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Resolves a reference within the document. */
function resolve(document: Json, value: unknown): unknown {
  let found = value;
  for (let steps = 0; steps < MAX_DEPTH && isObject(found) && typeof found["$ref"] === "string"; steps++) {
    const parts = found["$ref"].slice(2).split("/");
    found = parts.reduce<unknown>(
      (at, part) => (isObject(at) ? at[decoded(part).replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
      document,
    );
  }
  return found;
}

/** Returns a schema without references. Schemas that contain themselves end at some depth, and those of large documents: anything fits there. */
function schemaOf(document: Json, value: unknown, depth: number): JsonSchema {
  const schema = resolve(document, value);
  const left = schemasLeft.get(document) ?? 0;
  if (!isObject(schema) || depth > 6 || left === 0) return {};
  schemasLeft.set(document, left - 1);
  return Object.fromEntries(
    Object.entries(schema).map(([key, member]) => {
      if (key === "properties" && isObject(member))
        return [key, Object.fromEntries(Object.entries(member).map(([name, one]) => [name, schemaOf(document, one, depth + 1)]))];
      if (["items", "additionalProperties", "not"].includes(key) && isObject(member)) return [key, schemaOf(document, member, depth + 1)];
      if (["allOf", "anyOf", "oneOf"].includes(key) && Array.isArray(member))
        return [key, member.map((one) => schemaOf(document, one, depth + 1))];
      return [key, member];
    }),
  );
}
