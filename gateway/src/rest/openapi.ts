import { type Area, areas } from "@weft/api/subgraph";
import { errorRegistry } from "@weft/shared/errors";
import { getNamedType, type GraphQLArgument, type GraphQLInputField, isEnumType, isInputObjectType, isNonNullType } from "graphql";
import { Components, described, withDefault } from "./openapi-types.js";
import { capitalized, isHeader } from "./operation.js";
import type { QueryParameter } from "./query-parameters.js";
import type { RestRoute } from "./route.js";
import type { BodySchema, Json } from "./source-bodies.js";

export interface OpenApiOptions {
  readonly routes: readonly RestRoute[];
  /** Area of a root field, by `Query.field` or `Mutation.field`. */
  readonly areaOf: ReadonlyMap<string, Area>;
  /** Root fields that need no login. */
  readonly openFields: ReadonlySet<string>;
  /** Bodies of the example calls, by operation. */
  readonly examples: Readonly<Record<string, Json>>;
}

const json = "application/json";
const problem = "application/problem+json";

/** Returns the description of the REST API (OpenAPI 3.1). It follows from the table and the schema of the graph. */
export function openApi({ routes, areaOf, openFields, examples }: OpenApiOptions): Json {
  const components = new Components();
  const paths: Record<string, Record<string, Json>> = {};
  const ids = new Set<string>();
  const tags = new Set<string>();
  for (const route of routes) {
    const { row, kind, field, within } = route.operation;
    const root = `${kind === "query" ? "Query" : "Mutation"}.${row.operation}`;
    const area = areaOf.get(root);
    const tag = area === undefined ? "Other" : areas[area];
    tags.add(tag);
    const path = row.path.replaceAll(/:(\w+)/g, "{$1}");
    const parameters = [...pathParameters(route, components), ...queryParameters(route, components), ...headerParameters(route)];
    (paths[path] ??= {})[row.method.toLowerCase()] = {
      operationId: operationId(route, ids),
      tags: [tag],
      ...summaryOf((within ?? field).description),
      ...(parameters.length > 0 && { parameters }),
      ...(route.hasBody && requestBody(route, components, examples)),
      responses: { ...success(route, components), ...failures(route) },
      ...(openFields.has(root) && { security: [] }),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Weft",
      version: "1",
      description:
        "Every address is one operation of the GraphQL API, with the same rights, limits and errors. Problems follow RFC 9457; lists have their neighboring pages in `Link`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/api/v1" }],
    security: [{ bearer: [] }],
    tags: [...tags].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "An access token of a login, or an API key." } },
      schemas: { ...components.schemas, Problem: problemSchema },
      responses: Object.fromEntries(
        Object.entries(failureDescriptions).map(([status, description]) => [
          `Problem${status}`,
          { description, content: { [problem]: { schema: { $ref: "#/components/schemas/Problem" } } } },
        ]),
      ),
    },
  };
}

const problemSchema: Json = {
  type: "object",
  description: "Problem details (RFC 9457). Members that a code adds are described with it.",
  properties: {
    type: { type: "string", description: "Where the code is described." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    code: {
      type: "string",
      description: `One of ${Object.keys(errorRegistry).join(", ")}, or \`BAD_REQUEST\` for what is no request of this API.`,
    },
    requestId: { type: "string" },
    isRetryable: { type: "boolean" },
    problems: {
      type: "array",
      items: {
        type: "object",
        properties: { path: { type: "string" }, message: { type: "string" }, line: { type: "integer" }, column: { type: "integer" } },
        required: ["path", "message"],
      },
    },
    retryAfter: { type: "number", description: "Seconds." },
  },
  required: ["type", "title", "status", "detail", "code"],
};

const failureDescriptions = {
  400: "The request is malformed, or a value in it is invalid.",
  401: "There is no valid access token.",
  403: "You are not allowed to do this.",
  404: "There is no such object, or you cannot see it.",
  409: "The request contradicts the state of the object, or an idempotency key was used for another request.",
  412: "The object no longer has the version that `If-Match` names.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  422: "The request is well-formed, and what it asks for is not possible.",
  429: "Too many requests. `Retry-After` says when to try again.",
  500: "An error in Weft.",
  503: "A part of Weft is unavailable.",
} as const satisfies Readonly<Record<number, string>>;

function failures({ operation, hasBody }: RestRoute): Json {
  const writes = operation.kind === "mutation";
  const statuses: (keyof typeof failureDescriptions)[] = [
    400,
    401,
    403,
    404,
    ...(writes ? ([409] as const) : []),
    ...(operation.arguments.has("expectedVersion") ? ([412] as const) : []),
    ...(hasBody ? ([413, 415] as const) : []),
    ...(hasBody || writes ? ([422] as const) : []),
    429,
    500,
    503,
  ];
  return Object.fromEntries(statuses.map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]));
}

/** Two addresses can stand for the same operation. The second is named after its path, too. */
function operationId({ operation: { row, within } }: RestRoute, ids: Set<string>): string {
  const [, first = ""] = row.path.split("/");
  const name = `${row.operation}${capitalized(within?.name ?? "")}`;
  const id = ids.has(name) ? `${name}In${capitalized(first)}` : name;
  ids.add(id);
  return id;
}

function summaryOf(description: string | null | undefined): Json {
  if (!description) return {};
  const [first = "", ...rest] = description.split(/(?<=\.)\s+/);
  return { summary: first.replace(/\.$/, ""), ...(rest.length > 0 && { description }) };
}

function pathParameters({ operation }: RestRoute, components: Components): Json[] {
  const known = operation.arguments;
  return operation.pathParameters.map((name) => {
    const argument = known.get(name);
    const schema = argument ? components.leaf(getNamedType(argument.type)) : { type: "string" };
    return { name, in: "path", required: true, ...(argument?.description && { description: argument.description }), schema };
  });
}

const queryParameters = ({ queryParameters: all }: RestRoute, components: Components): Json[] =>
  [...all.values()].map((parameter) => ({
    name: parameter.name,
    in: "query",
    ...(parameter.isRequired && { required: true }),
    ...(parameter.description !== "" && { description: parameter.description }),
    schema: parameterSchema(parameter, components),
  }));

function parameterSchema({ kind, type }: QueryParameter, components: Components): Json {
  if (kind === "json")
    return { type: "string", contentMediaType: json, ...(isInputObjectType(type) && { contentSchema: components.input(type) }) };
  if (kind === "order" && isEnumType(type)) return { type: "string", enum: type.getValues().flatMap(({ name }) => [name, `-${name}`]) };
  const one = components.leaf(type);
  return kind === "value" ? one : { type: "array", items: one };
}

function headerParameters({ operation }: RestRoute): Json[] {
  const known = operation.arguments;
  const takesKey = known.has("idempotencyKey");
  return [
    ...(takesKey
      ? [
          {
            name: "Idempotency-Key",
            in: "header",
            description: known.get("idempotencyKey")?.description ?? "",
            schema: { type: "string", maxLength: 200 },
          },
        ]
      : []),
    ...(known.has("expectedVersion")
      ? [
          {
            name: "If-Match",
            in: "header",
            description: "The `ETag` of the object as you know it. If it has changed since, nothing happens.",
            schema: { type: "string" },
          },
        ]
      : []),
  ];
}

function requestBody({ operation, adapter }: RestRoute, components: Components, examples: OpenApiOptions["examples"]): Json {
  const { row, pathParameters: inPath } = operation;
  const members = [...operation.arguments.values()].filter(({ name }) => !inPath.includes(name) && !isHeader(name));
  if (members.length === 0) return {};
  const required = members.filter(isNeeded).map(({ name }) => name);
  const own: BodySchema = {
    type: "object",
    properties: Object.fromEntries(
      members.map(({ name, type, description, defaultValue }) => [
        name,
        described(components.input(type), withDefault(description, defaultValue)),
      ]),
    ),
    required,
  };
  const schema = adapter.inputSchema?.(own) ?? own;
  const reference = components.ref(
    `${capitalized(row.operation)}Body`,
    schema.required.length > 0 ? schema : { type: "object", properties: schema.properties },
  );
  const example = examples[row.operation];
  const content = { schema: reference, ...(example && { example }) };
  return {
    requestBody: {
      required: schema.required.length > 0,
      content: { [json]: content, ...(adapter.takesForm && { "application/x-www-form-urlencoded": content }) },
    },
  };
}

const isNeeded = ({ type, defaultValue }: GraphQLArgument | GraphQLInputField): boolean =>
  isNonNullType(type) && defaultValue === undefined;

const pageInfo: Json = {
  type: "object",
  properties: {
    hasNextPage: { type: "boolean" },
    hasPreviousPage: { type: "boolean" },
    startCursor: { type: ["string", "null"] },
    endCursor: { type: ["string", "null"] },
  },
  required: ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
};

function success(route: RestRoute, components: Components): Json {
  const { operation, location } = route;
  const { row, result } = operation;
  if (result.kind === "nothing") return { 204: { description: "Done." } };
  const status = row.action === "create" ? 201 : 200;
  const headers = {
    ...(route.isKept &&
      (row.method === "GET" || result.kind === "object") && {
        ETag: { description: "It names the version of the body.", schema: { type: "string" } },
      }),
    ...(location !== undefined && { Location: { description: "Address of the new object.", schema: { type: "string" } } }),
    ...(result.kind === "page" && { Link: { description: "Addresses of the neighboring pages (RFC 8288).", schema: { type: "string" } } }),
  };
  const schema = bodySchema(route, components);
  return {
    [status]: {
      description: status === 201 ? "Created." : "Done.",
      ...(Object.keys(headers).length > 0 && { headers }),
      content: { [json]: { schema } },
    },
    ...(row.method === "GET" && { 304: { description: "Unchanged since the answer whose `ETag` the request names in `If-None-Match`." } }),
    ...(canBeNothing(route) && { 204: { description: "Done, and there is nothing to show." } }),
  };
}

/** Whether the object in the payload can be null. */
function canBeNothing({ operation: { field, result } }: RestRoute): boolean {
  if (result.kind !== "object" || result.field === undefined) return false;
  const payload = getNamedType(field.type);
  const shown = "getFields" in payload ? payload.getFields()[result.field] : undefined;
  return shown !== undefined && !isNonNullType(shown.type);
}

function bodySchema({ operation, adapter }: RestRoute, components: Components): Json {
  const { row, result } = operation;
  if (result.kind === "nothing") return {};
  if (result.kind !== "object") {
    const items = { type: "array", items: components.object(result.item) };
    if (result.kind === "items") return { type: "object", properties: { items }, required: ["items"] };
    return {
      type: "object",
      properties: {
        items,
        pageInfo: components.ref("PageInfo", pageInfo),
        ...(result.hasTotal && { totalCount: { type: "integer", description: "With `includeTotal=true`." } }),
      },
      required: ["items", "pageInfo"],
    };
  }
  const own = components.object(result.shape);
  if (!adapter.outputSchema) return own;
  const name = String(own["$ref"]).split("/").at(-1) ?? "";
  const whole = components.schemas[name] as BodySchema;
  return components.ref(
    `${capitalized(row.operation)}Answer`,
    adapter.outputSchema(row.path === "/status" ? (own as unknown as BodySchema) : whole),
  );
}
