import { z } from "zod";
import {
  type Connector,
  defineConnector,
  type DefinedAction,
  jsonSchemaOf,
  type JsonSchema,
  type ParsedContext,
  type Problem,
} from "../connector.js";
import { ConnectorError } from "../errors.js";
import {
  authenticationHeaders,
  type Authentication,
  authenticationSchema,
  exchange,
  httpResultSchema,
  isIdempotentMethod,
  problemsOfUrl,
  resultOf,
  urlBelow,
} from "../http/exchange.js";
import { type Operation, problemsOfDocument, readDocument, serverOf } from "./document.js";

const configurationSchema = z.object({
  document: z.string().min(1).max(250_000).describe("OpenAPI 3 document, as JSON or YAML text, without references to other documents."),
  baseUrl: z.string().max(2000).optional().describe("URL of the service. The first server of the document by default."),
});
type Configuration = z.infer<typeof configurationSchema>;
type Context = ParsedContext<Configuration, Authentication>;

/** Operations of a service that an OpenAPI document describes. */
export const openApiConnector: Connector = defineConnector<Configuration, Authentication>({
  key: "OPENAPI",
  name: "OpenAPI",
  description: "Calls the operations of a service that an OpenAPI 3 document describes. Each operation is an action.",
  configuration: configurationSchema,
  credentials: authenticationSchema,
  problemsOf: async ({ configuration, ...allowing }) => {
    const problems = await problemsOfDocument(configuration.document, "configuration.document");
    if (problems.length > 0) return problems;
    const url = findBaseUrl(configuration);
    if (url === null)
      return [{ path: "configuration.baseUrl", message: "The document has no server with a complete URL. Pass the URL of the service." }];
    return problemsOfUrl(allowing, url, "configuration.baseUrl");
  },
  destinationOf: (configuration) => new URL(baseUrlOf(configuration)).origin,
  actions: ({ document }) => readDocument(document).operations.map(actionOf),
  // A document does not say which request changes nothing. Any answer of the server shows that it is there.
  check: async (context) => {
    const headers = authenticationHeaders(context.credentials);
    await exchange(context, { url: baseUrlOf(context.configuration), method: "GET", headers }, true).catch((error: unknown) => {
      if (error instanceof ConnectorError && error.kind === "PERMANENT" && !/answered 40[13]\b/.test(error.message)) return;
      throw error;
    });
  },
});

const findBaseUrl = ({ document, baseUrl }: Configuration): string | null => baseUrl ?? serverOf(readDocument(document));

function baseUrlOf(configuration: Configuration): string {
  const url = findBaseUrl(configuration);
  if (url === null) throw new ConnectorError("PERMANENT", "The integration has no URL.");
  return url;
}

function actionOf(operation: Operation): DefinedAction<Configuration, Authentication> {
  const { key, description, method } = operation;
  return {
    key,
    description,
    input: inputSchemaOf(operation),
    output: jsonSchemaOf(httpResultSchema),
    problemsOf: (input) => problemsOfInput(operation, input),
    isIdempotent: () => isIdempotentMethod(method),
    run: (context, input) => run(context, operation, input as Record<string, unknown>),
  };
}

/** Parameters by name, and the body as `body`. */
function inputSchemaOf({ parameters, body }: Operation): JsonSchema {
  const properties = parameters.map(
    ({ name, description, schema }) => [name, { ...schema, ...(description !== undefined && { description }) }] as const,
  );
  const required = parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: "object",
    properties: { ...Object.fromEntries(properties), ...(body && { body: body.schema }) },
    required: [...required, ...(body?.isRequired === true ? ["body"] : [])],
    additionalProperties: false,
  };
}

/**
 * Checks names, and that parameters are single values. The body is checked by the service: schemas of tenants can contain patterns and references that
 * take any time to evaluate.
 */
function problemsOfInput({ parameters, body }: Operation, input: unknown): Problem[] {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return [{ path: "input", message: "Expected an object." }];
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(input)) {
    const path = `input.${name}`;
    const parameter = known.get(name);
    if (name === "body" && body !== null) continue;
    if (parameter === undefined) problems.push({ path, message: "The operation has no such parameter." });
    else if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
      problems.push({ path, message: "A parameter is a text, a number, or a boolean." });
    else if (parameter.in === "path" && /^\.{0,2}$/.test(String(value)))
      problems.push({ path, message: "A part of a path is not empty, and not a dot." });
    else if (parameter.in === "header" && !/^[\t\x20-\x7e]*$/.test(String(value)))
      problems.push({ path, message: "A header is one line of ASCII." });
  }
  const missing = [
    ...parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    ...(body?.isRequired === true ? ["body"] : []),
  ];
  for (const name of missing) if (!Object.hasOwn(input, name)) problems.push({ path: `input.${name}`, message: "It is required." });
  return problems;
}

async function run(
  context: Context,
  { method, path, parameters, body }: Operation,
  input: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const given = parameters
    .filter(({ name }) => Object.hasOwn(input, name))
    .map(({ name, in: place }) => ({ name, place, value: String(input[name]) }));
  const inPlace = (place: string): Record<string, string> =>
    Object.fromEntries(given.filter((one) => one.place === place).map(({ name, value }) => [name, value]));
  const values = inPlace("path");
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? ""));
  const sent = body !== null && input["body"] !== undefined ? JSON.stringify(input["body"]) : undefined;
  const headers = Object.fromEntries(Object.entries(inPlace("header")).map(([name, value]) => [name.toLowerCase(), value]));
  return resultOf(
    await exchange(
      context,
      {
        url: urlBelow(baseUrlOf(context.configuration), filled, inPlace("query")),
        method,
        headers: {
          ...headers,
          ...(sent !== undefined && { "content-type": "application/json" }),
          ...authenticationHeaders(context.credentials),
        },
        ...(sent !== undefined && { body: sent }),
      },
      isIdempotentMethod(method),
    ),
  );
}
