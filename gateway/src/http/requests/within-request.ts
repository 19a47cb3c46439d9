import { Abandoned, ServiceUnavailable } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { contained } from "@weft/platform/logging";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ClientGone, type OperationContext } from "../../context.js";
import { rateHeaders } from "../../limits/rates/rate-headers.js";
import type { Quota } from "../../limits/rates/quota.js";
import { countedOf } from "./counted.js";
import { programOf } from "./program.js";
import { traceIdOf } from "./request-id.js";

export interface WithinOptions {
  readonly viewer: Viewer | null | Promise<Viewer | null>;
  /** After which the signal of the context aborts. */
  readonly timeoutMs: number;
  /** The response: the signal also aborts when the client disconnects before it was sent. Undefined: the operation goes on without the client. */
  readonly reply?: FastifyReply;
}

/**
 * Runs an operation that a route makes of an HTTP request, with the caller's data and the deadline.
 * @throws ServiceUnavailable after the deadline, Abandoned if the client has disconnected, and what `viewer` and `run` throw
 */
export async function withinRequest<Result>(
  request: Pick<FastifyRequest, "id" | "ip" | "headers">,
  { viewer, timeoutMs, reply }: WithinOptions,
  run: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  // One controller and a timer that is cleared: AbortSignal.timeout and any() would outlive the request by the whole deadline.
  const ending = new AbortController();
  const deadline = performance.now() + timeoutMs;
  let isLate = false;
  const onLate = contained("the deadline of a request", () => {
    isLate = true;
    ending.abort(new Error(`No response within ${timeoutMs} ms.`));
  });
  const timer = setTimeout(onLate, timeoutMs);
  const onClose = contained("the end of a response", () => {
    if (reply?.raw.writableFinished === false) ending.abort(new ClientGone());
  });
  reply?.raw.once("close", onClose);
  const onQuotas = (quotas: readonly Quota[]): void => {
    if (quotas.length > 0) void reply?.headers(rateHeaders(quotas));
  };
  const counted = countedOf(request);
  try {
    return await run({
      viewer: await viewer,
      requestId: request.id,
      address: request.ip,
      ...programOf(request),
      traceId: traceIdOf(request.headers["traceparent"]),
      signal: ending.signal,
      deadline,
      onQuotas,
      ...(counted && { counted }),
    });
  } catch (error) {
    throw isLate ? new ServiceUnavailable("gateway", error) : error instanceof ClientGone ? new Abandoned(error) : error;
  } finally {
    clearTimeout(timer);
  }
}
