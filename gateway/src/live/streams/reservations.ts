import { randomBytes } from "node:crypto";
import { contained } from "@weft/platform/logging";
import type { FastifyReply } from "fastify";
import type { GraphQLError } from "graphql";
import { HttpRefusal } from "../../http/refusal.js";
import type { Authenticated } from "../../viewer/authenticate.js";
import type { Arrived } from "../protocol.js";
import { causeOf } from "./broken.js";
import { releaseUnused } from "./live-streams.js";
import type { LiveStreams, Stream, StreamClient } from "./live-streams.js";
import { assertCanStream } from "./stream-channel.js";

/** Time that a client has to open the stream that it has reserved. */
const reservedForMs = 30_000;
/** As long as the IDs that clients generate, and much longer. */
const maxIdLength = 200;

/** A reserved stream. */
export interface Reservation {
  readonly stream: Stream;
  readonly path: string;
  /** Ends it if it is not opened in time. */
  readonly expiry: NodeJS.Timeout;
}

/**
 * The streams of clients that send several operations through one: the client reserves the stream with PUT, opens it with GET, and starts and stops
 * operations with POST and DELETE. A token identifies the stream. It opens the stream once, also without a login, because browsers' `EventSource` can send none.
 * Everything else needs the login that has reserved it, so that a token in a log is of no use.
 */
export class Reservations {
  readonly #streams: LiveStreams;
  readonly #byToken = new Map<string, Reservation>();
  readonly #reservedForMs: number;

  constructor(streams: LiveStreams, { reservedForMs: forMs = reservedForMs }: { readonly reservedForMs?: number } = {}) {
    this.#streams = streams;
    this.#reservedForMs = forMs;
  }

  /** Reserves a stream. Returns its token. @throws the reason for which the client cannot have one */
  async reserve(path: string, client: StreamClient): Promise<string> {
    const stream = await this.#streams.begin("single", path, client);
    if (stream.channel.isClosing) throw causeOf(stream.channel.reason);
    const token = randomBytes(32).toString("base64url");
    const expiry = setTimeout(
      contained("the end of a reservation", () => stream.channel.gone()),
      this.#reservedForMs,
    ).unref();
    this.#byToken.set(token, { stream, path, expiry });
    stream.connection.onClosed.add(() => {
      clearTimeout(expiry);
      this.#byToken.delete(token);
    });
    return token;
  }

  /** Opens the stream with this token. @throws HttpRefusal (400, 404, 409), the reason for which it has ended */
  open(
    token: string,
    path: string,
    { authenticated, reply }: { readonly authenticated: Authenticated | undefined; readonly reply: FastifyReply },
  ): void {
    const { stream, expiry } = this.#reservation(token, path, authenticated);
    assertCanStream(reply.raw);
    if (stream.channel.isOpen) throw new HttpRefusal(409, "This stream is open already. Reserve another one with PUT.");
    clearTimeout(expiry);
    this.#streams.openWith(stream, reply);
  }

  /**
   * Starts an operation, whose results go through the stream.
   * @returns the errors with which it is refused, or null
   * @throws HttpRefusal (400, 404, 409), the reason for which the stream has ended
   */
  async start(
    token: string,
    path: string,
    {
      authenticated,
      arrived,
      operationId,
    }: { readonly authenticated: Authenticated; readonly arrived: Omit<Arrived, "id">; readonly operationId: unknown },
  ): Promise<readonly GraphQLError[] | null> {
    const { stream } = this.#reservation(token, path, authenticated);
    const { channel, connection, protocol } = stream;
    const id = readId(operationId, "extensions.operationId");
    const operation = channel.begin(id);
    if (!operation) throw new HttpRefusal(409, `The stream has an operation with the ID ${JSON.stringify(id)} already.`);
    const prepared = await protocol.prepare(connection, { ...arrived, id });
    if (channel.isClosing) {
      releaseUnused(prepared);
      throw causeOf(channel.reason);
    }
    if (Array.isArray(prepared)) {
      if (!operation.isStopped) channel.stop(id);
      return prepared;
    }
    // It was stopped meanwhile, and its ID may be that of another one.
    if (operation.isStopped) {
      releaseUnused(prepared);
      return null;
    }
    const run = contained(
      "the results of a stream",
      () => this.#streams.run(stream, operation, prepared),
      () => channel.end(),
    );
    run();
    return null;
  }

  /** Ends an operation. One that has ended already is none. @throws HttpRefusal (400, 404) */
  stop(
    token: string,
    path: string,
    { authenticated, operationId }: { readonly authenticated: Authenticated; readonly operationId: unknown },
  ): void {
    const { stream } = this.#reservation(token, path, authenticated);
    stream.channel.stop(readId(operationId, "operationId"));
  }

  /** @throws HttpRefusal (404), also for streams of others, or the reason for which the stream has ended */
  #reservation(token: string, path: string, authenticated: Authenticated | undefined): Reservation {
    const found = this.#byToken.get(token);
    if (found?.path !== path || (authenticated && !isSameLogin(found.stream.connection.authenticated, authenticated)))
      throw new HttpRefusal(
        404,
        "There is no stream with this token. It was not reserved, has ended, or was not opened in time. Reserve one with PUT.",
      );
    if (found.stream.channel.isClosing) throw causeOf(found.stream.channel.reason);
    return found;
  }
}

const isSameLogin = (one: Authenticated | undefined, { claims }: Authenticated): boolean =>
  one !== undefined && one.claims.tenantId === claims.tenantId && one.claims.sessionId === claims.sessionId;

function readId(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "" && value.length <= maxIdLength) return value;
  throw new HttpRefusal(400, `Send ${name}: the ID of the operation, a text of 1 to ${maxIdLength} characters.`);
}
