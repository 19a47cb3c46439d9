import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "@weft/platform/fairness";
import { contained, type Logger } from "@weft/platform/logging";
import { CappedCounts } from "../live/connections/counts.js";
import type { Metrics } from "../metrics.js";
import { createTrustedProxies } from "./requests/client-address.js";

export interface ConnectionLimits {
  readonly perAddress: number;
  readonly perUser: number;
  readonly trustedProxies: readonly string[];
  readonly metrics: Pick<Metrics, "connectionsAre" | "connectionRefused">;
  readonly log: Logger;
}

/** One log line per minute reports refused connections. The metric counts them. */
const logEveryMs = 60_000;

/** A connection that counts for something: at first for its address. */
interface Counted {
  /** Counts it for a user instead. Returns false if the user has too many. */
  readonly forUser: (userId: string) => boolean;
  /** Counts it for nothing any more. */
  readonly forNothing: () => void;
}

const counted = new WeakMap<Socket, Counted>();

/** Time for the refusal of a user's connection to be sent before it is closed. */
const refusalMs = 1_000;

/**
 * A user has sent a request with a valid token over the connection. From now on it counts for the user, not for the address: a thousand people of a
 * company can share an address. Returns false if the user has too many. The connection is then closed, because it still counts for the address.
 */
export function connectionBelongsTo(socket: Socket, userId: string): boolean {
  return counted.get(socket)?.forUser(userId) ?? true;
}

/** The connection is a WebSocket of a user, and counts as one: no longer for the address, and not for the user's connections. */
export function connectionIsSocket(socket: Socket): void {
  counted.get(socket)?.forNothing();
}

/**
 * Counts the connections of an HTTP server. Closes connections beyond the limit per address (for IPv6, per /64 network) before they send anything.
 * Connections from trusted proxies are not limited: they carry all clients, and only the proxy knows their addresses.
 */
export function capConnections(server: Server, { perAddress, perUser, trustedProxies, metrics, log }: ConnectionLimits): void {
  const counts = new CappedCounts(perAddress);
  const byUser = new CappedCounts(perUser);
  const isTrusted = createTrustedProxies(trustedProxies);
  let open = 0;
  let loggedAt = -Infinity;
  const accept = (socket: Socket): void => {
    const address = socket.remoteAddress ?? "unknown";
    const network = isTrusted(address) ? undefined : networkOf(address);
    if (network !== undefined && !counts.take(network)) {
      metrics.connectionRefused();
      if (performance.now() - loggedAt > logEveryMs) {
        loggedAt = performance.now();
        log.warn(
          { address: network, limit: perAddress },
          "an address reached LIMIT_CONNECTIONS_PER_ADDRESS; closing further connections; if it is a proxy, add it to WEFT_TRUSTED_PROXIES",
        );
      }
      socket.destroy();
      return;
    }
    metrics.connectionsAre(++open);
    let isOfAddress = network !== undefined;
    let giveBack = (): void => {
      if (network !== undefined) counts.release(network);
    };
    const countInstead = (next: () => void): void => {
      giveBack();
      giveBack = next;
      isOfAddress = false;
    };
    let closing: NodeJS.Timeout | undefined;
    const closeSoon = contained("closing a connection", () => socket.destroySoon());
    const forUser = (userId: string): boolean => {
      if (!isOfAddress) return true;
      if (!byUser.take(userId)) {
        if (closing === undefined) metrics.connectionRefused();
        closing ??= setTimeout(closeSoon, refusalMs).unref();
        return false;
      }
      // Another connection of the user has ended meanwhile.
      clearTimeout(closing);
      closing = undefined;
      countInstead(() => byUser.release(userId));
      return true;
    };
    const forNothing = (): void => {
      if (isOfAddress) countInstead(() => undefined);
    };
    counted.set(socket, { forUser, forNothing });
    const release = contained("the end of a connection", () => {
      metrics.connectionsAre(--open);
      giveBack();
    });
    socket.once("close", release);
  };
  server.on(
    "connection",
    contained("accepting a connection", accept, (socket) => socket.destroy()),
  );
}
