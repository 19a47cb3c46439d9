import { Unauthenticated } from "@weft/shared/errors";
import { encodeId, parseAnyId } from "@weft/shared/ids";
import type { Config } from "@weft/platform/config";
import { inboundFormatOf, type InboundServices, MAX_INBOUND_BYTES, type Received, receiveInbound } from "@weft/platform/inbound";
import { type Counters, perMinute } from "@weft/api/limits";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpRefusal } from "../http/refusal.js";
import { traceIdOf } from "../http/requests/request-id.js";
import type { Anonymous } from "../limits/anonymous.js";
import { inboundRefusals } from "./refusals.js";

export interface InboundRoutesOptions extends InboundServices {
  readonly config: Config;
  readonly anonymous: Pick<Anonymous, "count" | "assertAllowed">;
  readonly counters: Counters;
}

interface EndpointRoute {
  readonly Params: { readonly tenant: string; readonly webhook: string };
  readonly Body: Buffer | undefined;
}

/**
 * `POST /inbound/<tenant>/<webhook>`: messages of other systems, whose sender is verified by a signature. Requests that are refused, also because
 * of their size or format, count for their address. Genuine ones count for their endpoint only, so that a flood of forged ones does not use up its limit.
 */
export function inboundRoutes(app: FastifyInstance, options: InboundRoutesOptions): void {
  const { counters, config } = options;
  const refusals = inboundRefusals(options);
  const perEndpoint = perMinute(
    counters.counter("inbound-messages"),
    (allowed) => `The endpoint exceeded the limit of ${allowed} messages per minute.`,
  );
  void app.register(async (scope) => {
    // Signatures cover the bytes, so they are kept as they are.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_INBOUND_BYTES }, (_request, body, done) => done(null, body));
    scope.addHook("onError", async (request, _reply, error) => {
      if (!isUnread(error)) return;
      // A body whose length was announced is refused before it is read. Beyond the limit, the next request is refused.
      const bytes = error.statusCode === 413 && request.headers["content-length"] === undefined ? MAX_INBOUND_BYTES : 0;
      await refusals.count(request.ip, endpointOf(request), bytes + bytesOf(request.body)).catch(() => undefined);
    });
    // Before the body is read.
    scope.addHook("onRequest", async (request) => refusals.assertAllowed(request.ip, endpointOf(request)));
    scope.post<EndpointRoute>("/inbound/:tenant/:webhook", { bodyLimit: MAX_INBOUND_BYTES }, async (request, reply) => {
      void reply.header("cache-control", "no-store");
      const admit = (tenantId: string, webhookId: string): Promise<void> => {
        refusals.genuine(request.ip, endpointOf(request));
        return perEndpoint({ key: `${tenantId}:${webhookId}`, points: 1, allowed: config.limits.inboundMessagesPerMinute });
      };
      const received = await receive(options, request, admit);
      if (received.kind === "accepted")
        return reply.code(received.isDuplicate ? 200 : 202).send({ id: encodeId("inboundMessage", received.id) });
      if (received.kind === "challenge") return reply.send({ challenge: received.challenge });
      if (received.kind === "malformed") throw new HttpRefusal(400, "The body is not valid in its format, or not in UTF-8.");
      await refusals.count(request.ip, endpointOf(request), request.body?.byteLength ?? 0);
      if (received.kind === "refused") throw new Unauthenticated("The signature is not valid.");
      throw new HttpRefusal(404, "There is no such endpoint.");
    });
  });
}

const bytesOf = (body: unknown): number => (body instanceof Uint8Array ? body.byteLength : 0);

/** Whether a request was refused because of its size or format, before anything could be verified. */
const isUnread = (error: Error): error is Error & { readonly statusCode: 413 | 415 } =>
  "statusCode" in error && (error.statusCode === 413 || error.statusCode === 415);

/** Names an endpoint, whatever query its URL has. */
function endpointOf({ params }: FastifyRequest): string {
  const { tenant, webhook } = params as Partial<EndpointRoute["Params"]>;
  return `${tenant}/${webhook}`;
}

async function receive(
  options: InboundRoutesOptions,
  request: FastifyRequest<EndpointRoute>,
  admit: (tenantId: string, webhookId: string) => Promise<void>,
): Promise<Received> {
  const { headers, params } = request;
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    throw new HttpRefusal(415, "Compressed requests are not supported. Send the body uncompressed.");
  const format = inboundFormatOf(headers["content-type"]);
  if (format === null) throw new HttpRefusal(415, "Send the body as application/json or application/x-www-form-urlencoded.");
  const [tenant, webhook] = [parseAnyId(params.tenant), parseAnyId(params.webhook)];
  if (tenant?.type !== "tenant" || webhook?.type !== "inboundWebhook") return { kind: "unknown" };
  return receiveInbound(options, {
    tenantId: tenant.uuid,
    webhookId: webhook.uuid,
    format,
    request: { headers: pairsOf(request.raw.rawHeaders), body: request.body ?? new Uint8Array() },
    requestId: request.id,
    address: request.ip,
    traceId: traceIdOf(headers["traceparent"]),
    admit: () => admit(tenant.uuid, webhook.uuid),
  });
}

/** Returns the headers as they were sent. Node joins or drops those that occur more than once, but nobody could tell which one was meant. */
const pairsOf = (raw: readonly string[]): (readonly [string, string])[] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []));
