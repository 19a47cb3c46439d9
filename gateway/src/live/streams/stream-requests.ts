import { Unauthenticated } from "@weft/shared/errors";
import type { FastifyReply, FastifyRequest } from "fastify";
import { OperationTypeNode } from "graphql";
import type { Viewer } from "@weft/shared/viewer";
import type { Operation } from "../../executor.js";
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
import type { Arrived } from "../protocol.js";
import { acceptedBy } from "./accept.js";
import type { LiveStreams, StreamClient } from "./live-streams.js";
import type { Reservations } from "./reservations.js";

export interface StreamRequestsOptions extends Pick<CallerOptions, "anonymous"> {
  readonly streams: LiveStreams;
  readonly reservations: Reservations;
  readonly limits: Limits;
}

/** An operation in a request, which is not read yet. */
export interface InRequest {
  /** Path of the API. */
  readonly path: string;
  /** Reads it, once. Throws the reason for a refusal. */
  readonly read: () => SentOperation;
  /** Finds it with its text, once, because it is counted if it is not stored. Throws the reason for a refusal. */
  readonly find: (viewer: Viewer | null) => Promise<Operation>;
  /** Its unchecked content. */
  readonly asked: unknown;
}

/** A client names the stream that it has reserved in this header, or in the address: browsers' `EventSource` can send no headers. */
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
        const client = await this.#clientOf(request, operation.read().wantsLivePings);
        const arrived = arrivedIn(request, operation);
        await this.#options.streams.answer(stream, operation.path, { client, arrived, reply });
      } else return "other";
      return "answered";
    } catch (error) {
      const { unexpected, ...answer } = answerToFailure(error, request.id);
      if (unexpected !== undefined) request.log.error({ err: unexpected }, "a stream failed unexpectedly");
      return { ...answer, isRefused: true };
    }
  }

  /** Reserves a stream, and answers with its token. @throws the reason for a refusal */
  async reserve(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
    const token = await this.#options.reservations.reserve(path, await this.#clientOf(request));
    return reply.code(201).header("content-type", "text/plain; charset=utf-8").header("cache-control", "no-store").send(token);
  }

  /** Stops an operation of a stream. @throws the reason for a refusal */
  async stop(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
    const token = tokenOf(request);
    if (token === undefined) throw new HttpRefusal(400, `Name the stream of the operation in the header ${tokenHeader}.`);
    const { authenticated } = await this.#clientOf(request);
    this.#options.reservations.stop(token, path, { authenticated, operationId: partOf(request.query, "operationId") });
    return reply.code(200).send();
  }

  async #start(token: string, request: FastifyRequest, reply: FastifyReply, operation: InRequest): Promise<void> {
    const { authenticated } = await this.#clientOf(request);
    const operationId = partOf(partOf(operation.asked, "extensions"), "operationId");
    const arrived = arrivedIn(request, operation);
    const errors = await this.#options.reservations.start(token, operation.path, { authenticated, arrived, operationId });
    if (errors === null) return void reply.code(202).send();
    const body = { errors: errors.map((error) => error.toJSON()) };
    const status = body.errors[0] ? statusOf(body.errors[0]) : 400;
    void reply.code(status).header("content-type", mediaTypeOf(request.headers.accept)).header("cache-control", "no-store").send(body);
  }

  /** Only looks: an operation that is not accepted is refused elsewhere. */
  async #isSubscription(request: FastifyRequest, { find }: InRequest): Promise<boolean> {
    const viewer = (await authenticationOf(request, this.#options))?.viewer ?? null;
    try {
      const { query, operationName } = await find(viewer);
      return resolveOperation(parseDocument(query, this.#options.limits), operationName).operation === OperationTypeNode.SUBSCRIPTION;
    } catch (error) {
      if (answerToFailure(error, request.id).unexpected !== undefined) throw error;
      return false;
    }
  }

  /** @throws Unauthenticated without a login */
  async #clientOf(request: FastifyRequest, wantsLivePings = false): Promise<StreamClient> {
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
      wantsLivePings,
    };
  }
}

function partOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function arrivedIn(request: FastifyRequest, { asked, read, find }: InRequest): Omit<Arrived, "id"> {
  return { operationName: partOf(asked, "operationName"), read, find, lastEventId: lastEventIdOf(request) };
}

/** Clients of server-sent events send it by themselves when they connect again. Those of browsers cannot log in, but those built on `fetch` can. */
function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const id = headers["last-event-id"];
  return typeof id === "string" && id !== "" ? id : undefined;
}
