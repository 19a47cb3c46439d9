import type { Config } from "@weft/platform/config";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Sets the headers that every response has, unless its route has set them. */
export type CommonHeaders = (request: Pick<FastifyRequest, "id">, reply: FastifyReply) => void;

export function createCommonHeaders({ mode }: Pick<Config, "mode">): CommonHeaders {
  const securityHeaders = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    // Pages of other origins cannot embed responses. CORS calls are not affected.
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ...(mode === "production" && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
  };
  return (request, reply) => {
    void reply.header("x-request-id", request.id);
    for (const [name, value] of Object.entries(securityHeaders)) if (!reply.hasHeader(name)) void reply.header(name, value);
  };
}
