import type { Viewer } from "@weft/shared/viewer";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DocumentNode, GraphQLFormattedError } from "graphql";
import type { Metrics, Transport } from "../metrics.js";
import type { OperationLog } from "../operation-log.js";
import { programOf } from "./requests/program.js";

/** The operation that a route made of a request, and how it ended. */
export interface RecordedRequest {
  readonly transport: Transport;
  readonly operationName: string | undefined;
  readonly document: DocumentNode | undefined;
  readonly viewer: Viewer | null;
  readonly error: GraphQLFormattedError | undefined;
}

/** Counts and logs an answered request to a route other than `/graphql`. */
export function recordRequest(
  request: FastifyRequest,
  { elapsedTime: durationMs }: FastifyReply,
  operation: RecordedRequest,
  { metrics, logOperation }: { readonly metrics: Pick<Metrics, "operation">; readonly logOperation: OperationLog },
): void {
  const { transport, error } = operation;
  const given = error?.extensions?.["code"];
  const code = error === undefined ? "OK" : typeof given === "string" ? given : "BAD_REQUEST";
  metrics.operation({ transport, code, seconds: durationMs / 1_000 });
  logOperation(
    { ...operation, ...programOf(request), requestId: request.id, address: request.ip, durationMs },
    code === "RATE_LIMITED" ? "debug" : "info",
  );
}
