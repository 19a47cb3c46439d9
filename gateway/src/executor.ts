import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import type { Logger } from "@weft/shared";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { OperationContext } from "./context.js";
import { maskError } from "./errors/mask.js";
import { missingNodes } from "./errors/missing-nodes.js";
import type { FederatedGateway } from "./federation/federation.js";
import { readLiterals } from "./federation/literals.js";
import type { Limits } from "./limits/limits.js";
import { noIntrospection } from "./limits/no-introspection.js";
import type { Variables } from "./limits/page-size.js";

/** An operation as a client sends it. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: Variables;
}

export interface OperationResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** What HTTP answers: 200 once the operation was executed, 400 when the document was refused. */
  readonly status: number;
}

/** Executes operations over the supergraph: HTTP, WebSocket and each event of a live subscription come here alike. */
export interface Executor {
  /** The API schema: without what is @inaccessible. */
  readonly schema: GraphQLSchema;
  execute(operation: Operation, context: OperationContext): Promise<OperationResult>;
  stop(): Promise<void>;
}

export interface ExecutorOptions {
  readonly gateway: FederatedGateway;
  readonly limits: Limits;
  readonly allowIntrospection: boolean;
  readonly log: Logger;
  /** Errors cost more to make and send than data: the rest of a longer list is only counted. */
  readonly maxErrors?: number;
}

/** Loads the supergraph. The limits of an operation are checked before, by whoever receives it (`assertWithinLimits`). */
export async function startExecutor({ gateway, limits, allowIntrospection, log, maxErrors = 100 }: ExecutorOptions): Promise<Executor> {
  let schema: GraphQLSchema | undefined;
  const server = new ApolloServer<OperationContext>({
    gateway,
    // Refused in our own words.
    introspection: true,
    validationRules: allowIntrospection ? [] : [noIntrospection],
    hideSchemaDetailsFromClientErrors: !allowIntrospection,
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
    // Errors are masked below, where the request's id is known; here they are kept as they are, and this only keeps the original at hand.
    formatError: keeping,
  });
  await server.start();
  if (!schema) throw new Error("The supergraph was not loaded.");

  return {
    schema,
    execute: async ({ query, operationName, variables }, context) => {
      const response = await server.executeOperation(
        { query, variables, ...(operationName !== undefined && { operationName }) },
        { contextValue: context },
      );
      if (response.body.kind !== "single") throw new Error("Incremental delivery is not offered, yet the executor answered with it.");
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
    stop: () => server.stop(),
  };
}

const original = Symbol("the error before it was formatted");

function keeping(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  return Object.defineProperty({ ...formatted }, original, { value: error });
}
