import type { Viewer } from "@weft/shared/viewer";
import { contained } from "@weft/platform/logging";
import type { FastifyRequest } from "fastify";
import type { OperationContext } from "../../context.js";
import { traceIdOf } from "./request-id.js";

/**
 * Runs an operation that a route other than `/graphql` makes of an HTTP request, with the caller's data and the deadline.
 * @param timeoutMs after which the signal of the context aborts
 */
export async function withinRequest<Result>(
  request: Pick<FastifyRequest, "id" | "ip" | "headers">,
  { viewer, timeoutMs }: { readonly viewer: Viewer | null; readonly timeoutMs: number },
  run: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const deadline = performance.now() + timeoutMs;
  const onLate = contained("the deadline of a request", () => ending.abort(new Error(`No response within ${timeoutMs} ms.`)));
  const timer = setTimeout(onLate, timeoutMs);
  try {
    return await run({
      viewer,
      requestId: request.id,
      address: request.ip,
      userAgent: request.headers["user-agent"]?.slice(0, 300) ?? null,
      traceId: traceIdOf(request.headers["traceparent"]),
      signal: ending.signal,
      deadline,
    });
  } finally {
    clearTimeout(timer);
  }
}
