import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { contained } from "@weft/platform/logging";
import type { WebSocket } from "ws";

export const pingMs = 15_000;

/** At most this many groups of clients, each with a time of its own for its pings. */
const maxGroups = 64;
/** The shortest time between two groups. */
const minTurnMs = 100;
const contentBytes = 8;
/** A frame that is final and a ping (RFC 6455, 5.5.2). */
const finalPing = 0x89;

interface Client {
  readonly socket: WebSocket;
  /** The connection below the socket. */
  readonly stream: Writable;
  /** Content of the ping that the client has not answered. */
  awaited: Buffer | undefined;
}

/**
 * Pings clients, because one that does not answer is gone or does not read, although its connection looks open. Each ping has unpredictable content,
 * which the pong must repeat. A client can only answer pings that it has read.
 *
 * One timer serves all clients. They are divided into groups, so that not all are pinged at once. The clients of a group get the same frame.
 */
export class Pings {
  readonly #groups: readonly Set<Client>[];
  readonly #timer: NodeJS.Timeout;
  #added = 0;
  #turn = 0;

  /** @param everyMs time between two pings of a client, and the time that it has to answer */
  constructor(everyMs: number = pingMs) {
    const count = Math.max(1, Math.min(maxGroups, Math.floor(everyMs / minTurnMs)));
    this.#groups = Array.from({ length: count }, () => new Set<Client>());
    this.#timer = setInterval(
      contained("pinging sockets", () => this.#pingNextGroup()),
      everyMs / count,
    ).unref();
  }

  /**
   * Pings the client of this socket from now on.
   * @returns a function that stops its pings
   */
  add(socket: WebSocket, stream: Writable): () => void {
    const client: Client = { socket, stream, awaited: undefined };
    const onPong = contained(
      "a pong",
      (content: Buffer) => {
        if (client.awaited?.equals(content)) client.awaited = undefined;
      },
      () => socket.terminate(),
    );
    socket.on("pong", onPong);
    const group = this.#groups[this.#added++ % this.#groups.length];
    group?.add(client);
    return () => void group?.delete(client);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #pingNextGroup(): void {
    const group = this.#groups[this.#turn++ % this.#groups.length];
    if (!group || group.size === 0) return;
    const content = randomBytes(contentBytes);
    const frame = Buffer.concat([Buffer.from([finalPing, contentBytes]), content]);
    for (const client of group) {
      const { socket, stream } = client;
      if (client.awaited) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        client.awaited = content;
        // `ws` would make two buffers for each client.
        stream.write(frame);
      }
    }
  }
}
