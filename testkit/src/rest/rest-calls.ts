import { restRoutes, type RestRoute } from "@weft/gateway";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { composedApi } from "../isolation/api-schema.js";

export type Json = Readonly<Record<string, unknown>>;

/** Every address of the REST API. */
export const everyRoute: readonly RestRoute[] = restRoutes(composedApi());
export const lineOf = ({ operation: { row } }: RestRoute): string => `${row.method} ${row.path}`;

/** A request to the REST API. */
export interface RestCall {
  readonly method: string;
  /** Path and query below `/api/v1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body. */
  readonly body?: string | undefined;
}

export interface RestAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: unknown;
}

/** Returns the request that stands for an operation with these variables. */
export function callOf(route: RestRoute, variables: Json): RestCall {
  const { row, field } = route.operation;
  const given =
    field.args.some(({ name }) => name === "input") && "input" in variables ? { ...variables, ...(variables["input"] as Json) } : variables;
  const { input: _input, idempotencyKey, expectedVersion, ...members } = given as Json & { readonly input?: unknown };
  const path = row.path.replaceAll(/:(\w+)/g, (_text, name: string) => encodeURIComponent(String(members[name])));
  const rest = Object.entries(members).filter(([name, value]) => !row.path.includes(`:${name}`) && value !== undefined);
  const headers = {
    ...(typeof idempotencyKey === "string" && row.method === "POST" && { "idempotency-key": idempotencyKey }),
    ...(typeof expectedVersion === "number" && { "if-match": `"${expectedVersion}"` }),
  };
  if (route.hasBody) {
    const body = rest.length > 0 ? JSON.stringify(Object.fromEntries(rest)) : undefined;
    return {
      method: row.method,
      target: path,
      headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
      body,
    };
  }
  const query = new URLSearchParams(rest.flatMap(([name, value]) => queryOf(name, value)));
  return { method: row.method, target: query.size > 0 ? `${path}?${query.toString()}` : path, headers };
}

function queryOf(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((one) => queryOf(name, one));
  return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
}

/** @param token undefined: no login */
export async function send(
  url: string,
  { method, target, headers, body }: RestCall,
  token: string | undefined,
  address?: string,
): Promise<RestAnswer> {
  const response = await fetch(`${url}/api/v1${target}`, {
    method,
    headers: {
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(address !== undefined && { "x-forwarded-for": address }),
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    mediaType: (response.headers.get("content-type") ?? "").split(";")[0] ?? "",
    body: text === "" ? undefined : JSON.parse(text),
  };
}

interface Documented {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly content?: Json; readonly $ref?: string }>> }>>
    >
  >;
}

/** The description of the API as a server gives it, which answers are held against. */
export class RestDocument {
  readonly document: Documented & Json;
  readonly #ajv: Ajv2020;
  readonly #known = new Map<string, ValidateFunction>();

  private constructor(document: Documented & Json) {
    this.document = document;
    // Its keywords are those of OpenAPI, too.
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    this.#ajv.addSchema(document, "openapi");
  }

  static async of(url: string): Promise<RestDocument> {
    return new RestDocument((await (await fetch(`${url}/api/v1/openapi.json`)).json()) as Documented & Json);
  }

  /** Returns the schema to which a reference leads: `#/components/schemas/…`. */
  schema(reference: string): Json {
    const { schemas } = this.document["components"] as { readonly schemas: Readonly<Record<string, Json>> };
    const found = schemas[reference.split("/").at(-1) ?? ""];
    if (found === undefined) throw new Error(`The document has no ${reference}.`);
    return found;
  }

  /** Returns what is wrong with an answer: a status that is not documented, or a body that differs from its schema. */
  problemsOf(route: RestRoute, { status, mediaType, body }: RestAnswer): string[] {
    const path = route.operation.row.path.replaceAll(/:(\w+)/g, "{$1}");
    const method = route.operation.row.method.toLowerCase();
    const documented = this.document.paths[path]?.[method]?.responses[String(status)];
    if (documented === undefined) return [`The status ${status} is not documented: ${JSON.stringify(body)}`];
    const wanted = status >= 400 ? "application/problem+json" : "application/json";
    if (body === undefined) return documented.content === undefined ? [] : ["The answer has no body."];
    if (mediaType !== wanted) return [`The media type is ${mediaType}.`];
    const pointer =
      status >= 400
        ? "#/components/schemas/Problem"
        : `#/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")}/${method}/responses/${status}/content/application~1json/schema`;
    const validate = this.#known.get(pointer) ?? this.#ajv.compile({ $ref: `openapi${pointer}` });
    this.#known.set(pointer, validate);
    validate(body);
    return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  }
}
