/**
 * Streams: subscriptions over plain HTTP, as server-sent events or as a multipart response. They are connections like WebSockets, with the same rights,
 * limits and ends: only what carries the messages differs.
 */
import { ServiceUnavailable, RateLimited } from "@weft/shared/errors";
import { networkOf, turnOf } from "@weft/platform/fairness";
import { contained } from "@weft/platform/logging";
import type { FastifyReply } from "fastify";
import type { ExecutionArgs, ExecutionResult, GraphQLError } from "graphql";
import type { CommonHeaders } from "../../http/common-headers.js";
import type { UnsentAnswers } from "../../http/unsent-answers.js";
import type { Metrics } from "../../metrics.js";
import type { Authenticated } from "../../viewer/authenticate.js";
import { admit } from "../connections/connect.js";
import type { Introduction } from "../connections/connect.js";
import { Connection, ConnectionEnded } from "../connections/connection.js";
import type { ConnectionOptions } from "../connections/connection.js";
import type { CappedCounts } from "../connections/counts.js";
import type { ProtocolOptions } from "../options.js";
import type { Arrived, Prepared, Protocol } from "../protocol.js";
import type { SingleResult } from "../subscriptions/single-result.js";
import { causeOf } from "./broken.js";
import type { StreamEncoding } from "./encoding.js";
import { distinctEvents, singleEvents } from "./event-stream.js";
import type { Heartbeats } from "./heartbeats.js";
import { multipart } from "./multipart.js";
import { assertCanStream, StreamChannel } from "./stream-channel.js";
import type { StreamOperation } from "./stream-operation.js";

/** The client of a stream. */
export interface StreamClient extends Introduction {
  readonly authenticated: Authenticated;
  readonly address: string;
  readonly userAgent: string | null;
}

export interface LiveStreamsOptions
  extends
    Pick<ConnectionOptions, "viewers" | "isAcceptedKey" | "checks">,
    Pick<ProtocolOptions, "feeds" | "byUser" | "byTenant" | "sessionConnections"> {
  readonly connections: Set<Connection>;
  /** By path. */
  readonly protocols: ReadonlyMap<string, Protocol>;
  readonly byAddress: CappedCounts;
  readonly heartbeats: Heartbeats;
  readonly unsent: UnsentAnswers;
  readonly metrics: Pick<Metrics, "streamsAre" | "socketClosed">;
  readonly isDraining: () => boolean;
  readonly commonHeaders: CommonHeaders;
}

/** A connection over HTTP. */
export interface Stream {
  readonly connection: Connection;
  readonly channel: StreamChannel;
  readonly protocol: Protocol;
}

const kinds = {
  sse: { encoding: distinctEvents, transport: "sse" },
  single: { encoding: singleEvents, transport: "sse" },
  multipart: { encoding: multipart, transport: "multipart" },
} as const satisfies Record<string, { readonly encoding: StreamEncoding; readonly transport: "sse" | "multipart" }>;

export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #open = { sse: 0, multipart: 0 };

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
  }

  /**
   * Answers a subscription with a stream of its own. Errors of the operation are sent through the stream.
   * @throws the reason for which the client cannot have a stream; then nothing was sent
   */
  async answer(
    kind: "sse" | "multipart",
    path: string,
    { client, arrived, reply }: { readonly client: StreamClient; readonly arrived: Omit<Arrived, "id">; readonly reply: FastifyReply },
  ): Promise<void> {
    const stream = await this.begin(kind, path, client, reply);
    const { channel } = stream;
    const operation = channel.begin("");
    if (!operation) throw new Error("The only operation of a stream has begun twice.");
    const prepared = await stream.protocol.prepare(stream.connection, { ...arrived, id: "" });
    if (channel.isClosing) {
      releaseUnused(prepared);
      if (channel.reason) throw causeOf(channel.reason);
      return void reply.hijack();
    }
    this.openWith(stream, reply);
    // The response goes on after this function.
    const send = contained(
      "the results of a stream",
      async () => {
        await this.run(stream, operation, prepared);
        channel.end();
      },
      () => channel.end(),
    );
    send();
  }

  /**
   * Admits a connection over HTTP. Its channel is still to be opened.
   * @param reply the response that will be its channel. Undefined: a response of a later request
   * @throws ServiceUnavailable, RateLimited or LimitExceeded for too many connections, MfaRequired, HttpRefusal if no stream can begin with this response
   */
  async begin(kind: keyof typeof kinds, path: string, client: StreamClient, reply?: FastifyReply): Promise<Stream> {
    const { connections, protocols, byAddress, isDraining, unsent, metrics } = this.#options;
    const protocol = protocols.get(path);
    if (!protocol) throw new Error(`There are no subscriptions at ${path}.`);
    if (isDraining()) throw new ServiceUnavailable("gateway");
    if (reply) assertCanStream(reply.raw);
    const network = networkOf(client.address);
    if (!byAddress.take(network)) throw new RateLimited({ retryAfter: 5 }, "Your address has too many open streams and WebSockets.");
    const { encoding, transport } = kinds[kind];
    const onClosed = (): void => {
      connections.delete(connection);
      this.#count(transport, -1);
      for (const end of connection.onClosed) end();
    };
    const channel = new StreamChannel({
      encoding,
      account: turnOf({ viewer: null, address: client.address }),
      unsent,
      onClosing: (code) => metrics.socketClosed(code),
      onClosed,
    });
    const { viewers, isAcceptedKey, checks } = this.#options;
    const { address, userAgent } = client;
    let isCounted = true;
    const release = (): void => {
      if (isCounted) byAddress.release(network);
      isCounted = false;
    };
    // Streams have a limit per user of their own.
    const options = { socket: channel, transport, address, userAgent, viewers, isAcceptedKey, checks, onOwner: release };
    const connection = new Connection(options);
    connections.add(connection);
    this.#count(transport, 1);
    connection.onClosed.add(release);
    const onClientGone = contained("the end of a request", () => channel.gone());
    reply?.raw.once("close", onClientGone);
    try {
      await admit(connection, client.authenticated, client, this.#options);
      return { connection, channel, protocol };
    } catch (error) {
      reply?.raw.off("close", onClientGone);
      channel.gone();
      throw error instanceof ConnectionEnded ? causeOf(channel.reason) : error;
    }
  }

  /** Runs an operation that was prepared, and sends its results, or the errors with which it is refused. Resolves at its end. */
  async run({ channel, protocol }: Stream, operation: StreamOperation, prepared: ExecutionArgs | readonly GraphQLError[]): Promise<void> {
    const results = "contextValue" in prepared ? await resultsOf(prepared.contextValue as Prepared, protocol) : { errors: prepared };
    if (!(Symbol.asyncIterator in results)) await channel.sendResult(operation, results as ExecutionResult);
    else {
      if (channel.isClosing) operation.stop();
      operation.yields(results);
      for await (const result of results) await channel.sendResult(operation, result);
    }
    channel.complete(operation);
  }

  /** Makes the response to a request the channel of a stream. */
  openWith({ connection, channel }: Stream, reply: FastifyReply): void {
    const { heartbeats, commonHeaders } = this.#options;
    commonHeaders(reply.request, reply);
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    channel.open(reply.raw);
    const stop = contained("the end of a stream", heartbeats.add(contained("a heartbeat", () => channel.heartbeat())));
    connection.onClosed.add(stop);
  }

  #count(transport: "sse" | "multipart", change: 1 | -1): void {
    this.#options.metrics.streamsAre(transport, (this.#open[transport] += change));
  }
}

const resultsOf = (prepared: Prepared, protocol: Protocol): Promise<AsyncGenerator<ExecutionResult> | SingleResult | ExecutionResult> =>
  prepared.live ? protocol.subscribe(prepared) : Promise.resolve(protocol.execute(prepared));

/** Gives back what an operation holds that is not run. */
export function releaseUnused(prepared: ExecutionArgs | readonly GraphQLError[]): void {
  if (!("contextValue" in prepared)) return;
  const { release, log } = prepared.contextValue as Prepared;
  release();
  log(undefined, { hasData: false });
}
