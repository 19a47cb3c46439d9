import { z } from "zod";
import { type Connector, defineAction, defineConnector, type ParsedContext } from "../connector.js";
import {
  authenticationHeaders,
  type Authentication,
  authenticationSchema,
  exchange,
  headersSchema,
  httpResultSchema,
  isIdempotentMethod,
  type Method,
  METHODS,
  problemsOfUrl,
  resultOf,
  urlBelow,
} from "./exchange.js";
import { newItems, pathAndQuerySchemas } from "./new-items.trigger.js";

const configurationSchema = z.object({
  baseUrl: z.string().min(1).max(2000).describe("URL below which all requests are sent."),
  headers: headersSchema.optional().describe("Headers of every request. Not for secrets: these are shown."),
  acceptsIdempotencyKey: z
    .boolean()
    .optional()
    .describe("Whether the service carries out requests with the same Idempotency-Key once. Then every call can be repeated."),
  checkPath: z.string().max(1000).optional().describe("Path that a health check reads with GET. The base URL by default."),
});
type Configuration = z.infer<typeof configurationSchema>;
type Context = ParsedContext<Configuration, Authentication>;

const inputSchema = z.object({
  method: z.enum(METHODS).describe("Method."),
  ...pathAndQuerySchemas,
  body: z.unknown().optional().describe("Text is sent as it is; everything else as JSON."),
});
type Input = z.infer<typeof inputSchema>;

/** Requests to any service over HTTP. */
export const httpConnector: Connector = defineConnector<Configuration, Authentication>({
  key: "HTTP",
  name: "HTTP",
  description: "Sends requests to a service over HTTPS.",
  configuration: configurationSchema,
  credentials: authenticationSchema,
  problemsOf: ({ configuration, ...allowing }) => problemsOfUrl(allowing, configuration.baseUrl, "configuration.baseUrl"),
  destinationOf: ({ baseUrl }) => new URL(baseUrl).origin,
  actions: [
    defineAction<Input, Configuration, Authentication>({
      key: "request",
      description: "Sends a request. The header Idempotency-Key contains the ID of the call.",
      input: inputSchema,
      output: httpResultSchema,
      isIdempotent: (configuration, { method }) => isRepeatable(configuration, method),
      run: async (context, input) => resultOf(await send(context, input)),
    }),
  ],
  triggers: [newItems((context, request) => send(context, { ...request, method: "GET" }, { acceptsNotModified: true }))],
  check: async (context) => {
    await send(context, { method: "GET", path: context.configuration.checkPath ?? "" });
  },
});

const isRepeatable = ({ acceptsIdempotencyKey }: Configuration, method: Method): boolean =>
  acceptsIdempotencyKey === true || isIdempotentMethod(method);

function send(context: Context, { method, path = "", query, headers, body }: Input, options = {}): ReturnType<typeof exchange> {
  const { configuration, credentials } = context;
  const isText = typeof body === "string";
  const sent = body === undefined || body === null ? undefined : isText ? body : JSON.stringify(body);
  const lowered = (given: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return exchange(
    context,
    {
      url: urlBelow(configuration.baseUrl, path, query),
      method,
      headers: {
        ...(sent !== undefined && { "content-type": isText ? "text/plain; charset=utf-8" : "application/json" }),
        ...lowered(configuration.headers),
        ...lowered(headers),
        // Last: no input can replace them.
        ...authenticationHeaders(credentials),
      },
      ...(sent !== undefined && { body: sent }),
    },
    isRepeatable(configuration, method),
    options,
  );
}
