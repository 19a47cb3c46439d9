import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "@weft/platform/fairness";
import { contained, type Logger } from "@weft/platform/logging";
import { CappedCounts } from "../live/connections/counts.js";
import type { Metrics } from "../metrics.js";
import { createTrustedProxies } from "./requests/client-address.js";

export interface ConnectionLimits {
  readonly perAddress: number;
  readonly trustedProxies: readonly string[];
  readonly metrics: Pick<Metrics, "connectionsAre" | "connectionRefused">;
  readonly log: Logger;
}

/** One log line per minute reports refused connections. The metric counts them. */
const logEveryMs = 60_000;

/**
 * Counts the connections of an HTTP server. Closes connections beyond the limit per address (for IPv6, per /64 network) before they send anything.
 * Connections from trusted proxies are not limited: they carry all clients, and only the proxy knows their addresses.
 */
export function capConnections(server: Server, { perAddress, trustedProxies, metrics, log }: ConnectionLimits): void {
  const counts = new CappedCounts(perAddress);
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
    const release = contained("the end of a connection", () => {
      metrics.connectionsAre(--open);
      if (network !== undefined) counts.release(network);
    });
    socket.once("close", release);
  };
  server.on(
    "connection",
    contained("accepting a connection", accept, (socket) => socket.destroy()),
  );
}
