import { execute, GraphQLError } from "graphql";
import type { ExecutionResult, GraphQLFormattedError, GraphQLSchema } from "graphql";
import { BadUserInput, toClientError } from "@weft/shared/errors";
import type { CallContext } from "@weft/shared/viewer";
import { chaos } from "@weft/platform/chaos";
import { processorMs } from "@weft/platform/computing";
import { SharedTime } from "@weft/platform/fairness";
import { underRequest } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";
import { openContext } from "../context/context.js";
import type { OpenContext } from "../context/context.js";
import { answerBytes, bytesExceeded } from "./answer-bytes.js";
import { documentCache } from "./documents.js";
import { listsExceeded } from "./list-bounds.js";
import { variableProblems } from "./text-problems.js";

export interface SubgraphRequest {
  readonly services: Services;
  /** Call context from the gateway: passed as an object in process, verified over HTTP. */
  readonly call: CallContext;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
  /** Aborted when the result is no longer needed. The work then ends soon. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the approximate size of the response. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Response as sent over the network: errors are masked. */
export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Processor time of the operations of this process. */
const time = new SharedTime(processorMs);

/** Executes operations against a subgraph's schema. Each has its own context, which ends with the response. */
export function subgraphExecutor(name: string, schema: GraphQLSchema): (request: SubgraphRequest) => Promise<SubgraphResponse> {
  const check = documentCache(schema);

  async function run(context: OpenContext, { query, variables = {}, operationName }: SubgraphRequest): Promise<ExecutionResult> {
    const checked = check(query);
    if ("errors" in checked) return { errors: checked.errors };
    context.select(checked.selected);
    const problems = variableProblems(variables);
    if (problems.length > 0) return { errors: [new BadUserInput(problems)] };
    const end = context.computing.begin(checked.document);
    const use = time.begin();
    let result: ExecutionResult;
    try {
      result = await execute({
        schema,
        document: checked.document,
        contextValue: context,
        variableValues: variables,
        operationName: operationName ?? null,
      });
    } finally {
      end(use());
    }
    const exceeded = listsExceeded(context) ?? bytesExceeded(context);
    return exceeded ? { errors: [exceeded] } : result;
  }

  async function respond(request: SubgraphRequest): Promise<SubgraphResponse> {
    const context = openContext(request.services, request.call, request.signal);
    let result: ExecutionResult;
    try {
      result = await run(context, request);
    } catch (error) {
      result = {
        errors: [
          error instanceof GraphQLError
            ? error
            : new GraphQLError("failed", { originalError: error instanceof Error ? error : new Error(String(error)) }),
        ],
      };
    } finally {
      // Not awaited: the answer does not depend on the commit of a read. It never rejects.
      void context.close();
    }
    const errors = result.errors?.map((error, at) => report(context, { subgraph: name, error, at }));
    if (errors && errors.length > loggedErrors) {
      context.log.info({ subgraph: name, errors: errors.length }, "too many errors in one operation; the others are not logged one by one");
    }
    chaos("subgraph.answered");
    request.onBytes?.(answerBytes(context));
    return { ...(result.data !== undefined && { data: result.data }), ...(errors && { errors }) };
  }

  return (request) => underRequest(request.call.requestId, () => respond(request));
}

/**
 * Maximum number of errors of one operation that are logged individually, so that a forbidden field in a large list does not write as many lines as
 * the list has items.
 */
const loggedErrors = 20;

/** Logs an error once, where it occurred, and returns the error for the client. Bugs are logged regardless of the number of earlier errors. */
function report(
  { log, requestId }: OpenContext,
  { subgraph, error, at }: { subgraph: string; error: GraphQLError; at: number },
): GraphQLFormattedError {
  const { client, logLevel, cause } = toClientError(error, requestId);
  if (at >= loggedErrors && logLevel !== "error") return client;
  const code = client.extensions?.["code"];
  const where = { subgraph, code, path: error.path?.join(".") };
  if (logLevel === "error") log.error({ ...where, err: cause }, "an operation failed");
  // Client errors are already part of the gateway's log line for the operation.
  else log[logLevel === "info" ? "debug" : logLevel]({ ...where, reason: client.message }, "an operation was refused");
  return client;
}
