import { Unauthenticated } from "@weft/shared/errors";
import type { FastifyReply, FastifyRequest } from "fastify";
import { OperationTypeNode } from "graphql";
import { clientOf } from "../../field-usage/client.js";
import { answerToFailure, mediaTypeOf, statusOf } from "../../http/answer.js";
import type { Answer } from "../../http/answer.js";
import { HttpRefusal } from "../../http/refusal.js";
import { assertNotForged } from "../../http/origins/csrf.js";
import { authenticationOf } from "../../http/requests/caller.js";
import type { CallerOptions } from "../../http/requests/caller.js";
import type { SentOperation } from "../../http/requests/graphql-request.js";
import type { Limits } from "../../limits/limits.js";
import { parseDocument, resolveOperation } from "../../operations.js";
import type { Sender, StoredOperations } from "../../stored-operations/stored-operations.js";
import { acceptedBy } from "./accept.js";
import type { LiveStreams, StreamClient } from "./live-streams.js";
import type { Reservations } from "./reservations.js";

export interface StreamRequestsOptions extends Pick<CallerOptions, "anonymous"> {
  readonly streams: LiveStreams;
  readonly reservations: Reservations;
  readonly stored: Pick<StoredOperations, "operationOf">;
  readonly limits: Limits;
}

/** An operation in a request, which is not read yet. */
export interface InRequest {
  /** Path of the API. */
  readonly path: string;
  /** Reads it. Throws the reason for a refusal. */
  readonly read: () => SentOperation;
  /** Its unchecked content. */
  readonly asked: unknown;
  readonly senderOf: (viewer: Sender["viewer"]) => Sender;
}

/** A client names the stream that it has reserved in this header, or in the address: `EventSource` can send no headers. */
const tokenHeader = "x-graphql-event-stream-token";

export function tokenOf({ headers, query }: Pick<FastifyRequest, "headers" | "query">): string | undefined {
  const named = headers[tokenHeader] ?? (query as Readonly<Record<string, unknown>>)["token"];
  return typeof named === "string" && named !== "" ? named : undefined;
}

export class StreamRequests {
  readonly #options: StreamRequestsOptions;

  constructor(options: StreamRequestsOptions) {
    this.#options = options;
  }

  /**
   * Answers a request whose results go through a stream.
   * @returns "other" for a request that is none, "answered", or the reason for a refusal
   */
  async answer(request: FastifyRequest, reply: FastifyReply, operation: InRequest): Promise<Answer | "answered" | "other"> {
    const { stream } = acceptedBy(request.headers.accept);
    const token = tokenOf(request);
    try {
      if (token !== undefined && request.method === "POST") {
        await this.#start(token, request, reply, operation);
      } else if (token !== undefined && stream === "sse") {
        assertNotForged(request.headers);
        const authenticated = await authenticationOf(request, this.#options);
        this.#options.reservations.open(token, operation.path, { authenticated, reply });
      } else if (stream !== undefined && (await this.#isSubscription(request, operation))) {
        const { read, asked } = operation;
        const client = await this.#clientOf(request, asked);
        const arrived = { operationName: partOf(asked, "operationName"), read, lastEventId: lastEventIdOf(request) };
        await this.#options.streams.answer(stream, operation.path, { client, arrived, reply });
      } else return "other";
      return "answered";
    } catch (error) {
      const { unexpected, ...answer } = answerToFailure(error, request.id);
      if (unexpected !== undefined) request.log.error({ err: unexpected }, "a stream failed unexpectedly");
      return answer;
    }
  }

  /** Reserves a stream, and answers with its token. @throws the reason for a refusal */
  async reserve(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
    const token = await this.#options.reservations.reserve(path, await this.#clientOf(request, undefined));
    return reply.code(201).header("content-type", "text/plain; charset=utf-8").header("cache-control", "no-store").send(token);
  }

  /** Stops an operation of a stream. @throws the reason for a refusal */
  async stop(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
    const token = tokenOf(request);
    if (token === undefined) throw new HttpRefusal(400, `Name the stream of the operation in the header ${tokenHeader}.`);
    const { authenticated } = await this.#clientOf(request, undefined);
    this.#options.reservations.stop(token, path, { authenticated, operationId: partOf(request.query, "operationId") });
    return reply.code(200).send();
  }

  async #start(token: string, request: FastifyRequest, reply: FastifyReply, { path, read, asked }: InRequest): Promise<void> {
    const { authenticated } = await this.#clientOf(request, asked);
    const operationId = partOf(partOf(asked, "extensions"), "operationId");
    const arrived = { operationName: partOf(asked, "operationName"), read, lastEventId: lastEventIdOf(request) };
    const errors = await this.#options.reservations.start(token, path, { authenticated, arrived, operationId });
    if (errors === null) return void reply.code(202).send();
    const body = { errors: errors.map((error) => error.toJSON()) };
    const status = body.errors[0] ? statusOf(body.errors[0]) : 400;
    void reply.code(status).header("content-type", mediaTypeOf(request.headers.accept)).header("cache-control", "no-store").send(body);
  }

  /** Only looks: an operation that cannot be read is refused elsewhere. */
  async #isSubscription(request: FastifyRequest, { read, senderOf }: InRequest): Promise<boolean> {
    const { stored, limits } = this.#options;
    try {
      const sent = read();
      const viewer = (await authenticationOf(request, this.#options))?.viewer ?? null;
      const query = sent.query ?? (await stored.operationOf(sent, senderOf(viewer))).query;
      return resolveOperation(parseDocument(query, limits), sent.operationName).operation === OperationTypeNode.SUBSCRIPTION;
    } catch {
      return false;
    }
  }

  /** @throws Unauthenticated without a login */
  async #clientOf(request: FastifyRequest, asked: unknown): Promise<StreamClient> {
    const { headers, ip } = request;
    const authenticated = await authenticationOf(request, this.#options);
    if (!authenticated) throw new Unauthenticated();
    const application = headers["weft-application"];
    return {
      authenticated,
      address: ip,
      userAgent: headers["user-agent"]?.slice(0, 300) ?? null,
      client: clientOf(headers),
      application: typeof application === "string" && application.length <= 100 ? application : undefined,
      wantsLivePings: partOf(partOf(asked, "extensions"), "livePings") === true,
    };
  }
}

function partOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** `EventSource` sends it by itself when it connects again. */
function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const id = headers["last-event-id"];
  return typeof id === "string" && id !== "" ? id : undefined;
}
