import { Buffer } from "node:buffer";
import { BadUserInput } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { webhookBody } from "@weft/platform/webhooks";
import { OperationTypeNode } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import { maskError } from "../errors/mask.js";
import type { Executor } from "../executor.js";
import { assertWithinLimits } from "../limits/limits.js";
import type { Limits } from "../limits/limits.js";
import { withEnding } from "../live/subscriptions/ending.js";
import { isPassing } from "../live/subscriptions/event-execution.js";
import { parseDocument, resolveOperation } from "../operations.js";
import { variablesOf } from "./variables.js";

/** Longer bodies are not sent. */
export const MAX_BODY_BYTES = 256 * 1024;

export type BuiltPayload =
  /** `error`: what the query could not read. Errors contain nothing that the query has read. */
  | { readonly kind: "built"; readonly body: string; readonly error: string | null }
  /** It could succeed a moment later. */
  | { readonly kind: "unavailable"; readonly error: string }
  | { readonly kind: "failed"; readonly error: string };

export interface PayloadRequest {
  readonly query: string;
  readonly event: EventEnvelope;
  /** The user as whom the query runs. */
  readonly viewer: Viewer;
  readonly timeoutMs: number;
  readonly limits: Limits;
}

/** Runs the query of a webhook for an event, and makes the body of its delivery from the result. Never throws. */
export async function buildPayload(executor: Pick<Executor, "execute" | "schema">, request: PayloadRequest): Promise<BuiltPayload> {
  const { event } = request;
  const { data, errors = [] } = await run(executor, request);
  const passing = errors.find(({ extensions }) => isPassing(extensions?.["code"]));
  if (passing) return { kind: "unavailable", error: `${described(passing)}.` };
  const [first] = errors;
  if (data === null || data === undefined) return { kind: "failed", error: first ? failure(first) : "The query has no result." };
  const body = webhookBody(event, { data, ...(errors.length > 0 && { errors: errors.map(shown) }) });
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES)
    return { kind: "failed", error: `The body has ${bytes} bytes. The maximum is ${MAX_BODY_BYTES}. Select fewer fields.` };
  return { kind: "built", body, error: first ? `The query returned errors, for example ${described(first)}.` : null };
}

interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

async function run(
  executor: Pick<Executor, "execute" | "schema">,
  { query, event, viewer, timeoutMs, limits }: PayloadRequest,
): Promise<Result> {
  const requestId = newId();
  const variables = variablesOf(event);
  try {
    // As operations of clients: the limits can have changed since it was saved.
    const document = parseDocument(query, limits);
    assertWithinLimits(executor.schema, document, undefined, variables, limits);
    const { operation } = resolveOperation(document, undefined);
    if (operation !== OperationTypeNode.QUERY)
      throw new BadUserInput([{ path: "payload.query", message: "The operation must be a query." }]);
    return await withEnding({ timeoutMs }, (ending) =>
      executor.execute({ query, variables }, { viewer, requestId, address: null, userAgent: null, traceId: event.traceId, ...ending }),
    );
  } catch (error) {
    return { errors: [maskError(error, requestId).client] };
  }
}

/** Errors of documents: the schema or the limits have changed since the query was saved. Their messages depend on nothing else. */
const ofDocument: ReadonlySet<unknown> = new Set(["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "QUERY_LIMIT_EXCEEDED"]);

const failure = (error: GraphQLFormattedError): string =>
  ofDocument.has(error.extensions?.["code"]) ? `The query was refused: ${error.message}` : `The query failed: ${described(error)}.`;

/**
 * Returns the code of an error and the field. Users who cannot see what the query selects can read it, but messages can contain values, and positions
 * in lists say how many objects there are.
 */
function described({ path = [], extensions }: GraphQLFormattedError): string {
  const field = path.filter((part) => typeof part === "string").join(".");
  const code = typeof extensions?.["code"] === "string" ? extensions["code"] : "INTERNAL";
  return field === "" ? code : `${code} at ${field}`;
}

/** IDs of requests and other details are for callers. */
const shown = ({ message, path, extensions }: GraphQLFormattedError) => ({
  message,
  ...(path && { path }),
  ...(extensions?.["code"] !== undefined && { extensions: { code: extensions["code"] } }),
});
