import { setImmediate as nextTurn } from "node:timers/promises";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import type { Logger } from "@weft/platform/logging";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { OperationContext } from "./context.js";
import { maskError } from "./errors/mask.js";
import { missingNodes } from "./errors/missing-nodes.js";
import type { FederatedGateway, Federation } from "./federation/federation.js";
import { readLiterals } from "./federation/literals.js";
import type { Limits } from "./limits/limits.js";
import type { Variables } from "./limits/page-size.js";

/** An operation as a client sends it. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: Variables;
  /** Set if the gateway itself wrote the operation, for an event or a route. It can call what `@GatewayOnly` hides from clients. */
  readonly isInternal?: true;
}

export interface OperationResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** HTTP status: 200 if the operation was executed, 400 if the document was refused. */
  readonly status: number;
}

/** Executes operations over the supergraph. HTTP requests, WebSocket messages, and the events of live subscriptions all use it. */
export interface Executor {
  /** The schema for clients: without @inaccessible elements. */
  readonly schema: GraphQLSchema;
  /** The schema for internal operations, which also has what `@GatewayOnly` hides from clients. */
  readonly internalSchema: GraphQLSchema;
  execute(operation: Operation, context: OperationContext): Promise<OperationResult>;
  stop(): Promise<void>;
}

export interface ExecutorOptions {
  readonly federation: Federation;
  readonly limits: Limits;
  /** Whether errors can suggest names of the schema. */
  readonly allowHints: boolean;
  readonly log: Logger;
  /** Errors are more expensive to create and send than data. In longer lists, the rest is only counted. */
  readonly maxErrors?: number;
}

/** Loads the supergraph. Callers check the limits of an operation beforehand (`assertWithinLimits`). */
export async function startExecutor({ federation, log, maxErrors = 100, ...options }: ExecutorOptions): Promise<Executor> {
  const internal = await startServer(federation.internal, { ...options, log });
  // Between the steps of a reload, the event loop serves operations of the supergraph before.
  await nextTurn();
  const api = await startServer(federation.api, { ...options, log });

  return {
    schema: api.schema,
    internalSchema: internal.schema,
    execute: async ({ query, operationName, variables, isInternal }, context) => {
      const { server } = isInternal ? internal : api;
      const response = await server.executeOperation(
        { query, variables, ...(operationName !== undefined && { operationName }) },
        { contextValue: context },
      );
      if (response.body.kind !== "single") throw new Error("Incremental delivery is not supported, but the executor used it.");
      const { data, errors } = response.body.singleResult;
      const status = response.http.status ?? 200;
      if (!errors?.length) return { data: data ?? null, status };
      const shown = errors.slice(0, maxErrors).map((error) => {
        const { client, logLevel, cause } = maskError(
          (error as Partial<Record<typeof original, unknown>>)[original] ?? error,
          context.requestId,
        );
        if (logLevel !== "info" && logLevel !== "debug")
          log[logLevel]({ err: cause, requestId: context.requestId, path: client.path }, client.message);
        return client;
      });
      const omitted = errors.length - shown.length;
      return { ...(data !== undefined && { data }), errors: shown, ...(omitted > 0 && { extensions: { errorsOmitted: omitted } }), status };
    },
    stop: async () => {
      await api.server.stop();
      await internal.server.stop();
    },
  };
}

interface StartedServer {
  readonly server: ApolloServer<OperationContext>;
  readonly schema: GraphQLSchema;
}

async function startServer(
  gateway: FederatedGateway,
  { limits, allowHints, log }: Pick<ExecutorOptions, "limits" | "allowHints" | "log">,
): Promise<StartedServer> {
  let schema: GraphQLSchema | undefined;
  const server = new ApolloServer<OperationContext>({
    gateway,
    // Refused by the viewer (`restrictingIntrospection`). Validated documents are cached for all viewers.
    introspection: true,
    hideSchemaDetailsFromClientErrors: !allowHints,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxLexicalTokens: limits.tokens },
    validationOptions: { maxErrors: 20 },
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message: unknown) => log.warn(String(message)),
      error: (message: unknown) => log.error(String(message)),
    },
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      {
        serverWillStart: async () => ({
          schemaDidLoadOrUpdate: ({ apiSchema }) => {
            readLiterals(apiSchema);
            schema = apiSchema;
          },
        }),
      },
      {
        requestDidStart: async () => ({
          willSendResponse: async ({ schema: supergraph, document, operation, request, response }) => {
            if (response.body.kind !== "single" || !document || !operation) return;
            const result = response.body.singleResult;
            const { data, errors = [] } = result;
            const missing = missingNodes({ schema: supergraph, document, operation, variables: request.variables ?? {}, data, errors });
            if (missing.length > 0) result.errors = [...errors, ...missing.map((error) => keeping(error.toJSON(), error))];
          },
        }),
      },
    ],
    // Errors are masked below, where the request ID is known. Here they are kept unchanged, together with the original error.
    formatError: keeping,
  });
  await server.start();
  if (!schema) throw new Error("The supergraph was not loaded.");
  return { server, schema };
}

const original = Symbol("the error before it was formatted");

function keeping(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  return Object.defineProperty({ ...formatted }, original, { value: error });
}
