import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import proxyAddr from "@fastify/proxy-addr";

/**
 * Returns the client's address for an upgrade request, which Fastify does not see: the peer or, behind trusted proxies, the last address in
 * X-Forwarded-For that is not one of them. Fastify uses the same library for other requests, so a client has one address.
 */
export function createClientAddress(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (request) => {
    const address = proxyAddr(request, isTrusted);
    return isIP(address) === 0 ? (request.socket.remoteAddress ?? "unknown") : address;
  };
}

/** Returns a check of whether an address belongs to a proxy that the configuration trusts. */
export function createTrustedProxies(trustedProxies: readonly string[]): (address: string) => boolean {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (address) => isTrusted(address, 0);
}
