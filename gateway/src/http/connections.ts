import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "@weft/shared";
import type { Logger } from "@weft/shared";
import { CappedCounts } from "../live/counts.js";
import type { Metrics } from "../metrics.js";
import { createTrustedProxies } from "./client-address.js";

export interface ConnectionLimits {
  readonly perAddress: number;
  readonly trustedProxies: readonly string[];
  readonly metrics: Pick<Metrics, "connectionsAre" | "connectionRefused">;
  readonly log: Logger;
}

/** One line a minute says that somebody is refused; the metric counts how many. */
const logEveryMs = 60_000;

/**
 * Counts connections of an HTTP server, and closes those of an address (an IPv6 network of 64 bits) beyond its cap before they have sent
 * anything. Those of trusted proxies are not capped: they carry everybody, and only the proxy knows whom.
 */
export function capConnections(server: Server, { perAddress, trustedProxies, metrics, log }: ConnectionLimits): void {
  const counts = new CappedCounts(perAddress);
  const isTrusted = createTrustedProxies(trustedProxies);
  let open = 0;
  let loggedAt = -Infinity;
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "unknown";
    const network = isTrusted(address) ? undefined : networkOf(address);
    if (network !== undefined && !counts.take(network)) {
      metrics.connectionRefused();
      if (performance.now() - loggedAt > logEveryMs) {
        loggedAt = performance.now();
        log.warn(
          { address: network, limit: perAddress },
          "An address has as many connections as LIMIT_CONNECTIONS_PER_ADDRESS allows; further ones are closed. A proxy belongs into WEFT_TRUSTED_PROXIES.",
        );
      }
      socket.destroy();
      return;
    }
    metrics.connectionsAre(++open);
    socket.once("close", () => {
      metrics.connectionsAre(--open);
      if (network !== undefined) counts.release(network);
    });
  });
}
