import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Config } from "@weft/platform/config";
import type { Logger } from "@weft/platform/logging";
import type { FastifyInstance } from "fastify";
import { HttpRefusal } from "./refusal.js";

/** Whether the gateway serves this `Host` header. */
export type HostCheck = (host: string | undefined) => boolean;

/** A name or an address, with an optional port. */
const hostHeader = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;
/** Each refused name is logged once, up to a limit, so that names made up by attackers cannot fill the log. */
const loggedNames = 50;

/**
 * Protects against DNS rebinding. If evil.example suddenly resolves to this server, browsers treat its page as same-origin, and only the `Host`
 * header distinguishes it from our own pages. Names must therefore be configured. Addresses and `localhost` are always allowed: attackers cannot make
 * them resolve elsewhere, and orchestrators probe by address.
 */
export function createHostCheck({ hosts }: Pick<Config, "hosts">, log: Logger): HostCheck {
  const exact = new Set(hosts.filter((host) => !host.startsWith("*.")));
  const suffixes = hosts.filter((host) => host.startsWith("*.")).map((host) => host.slice(1));
  const logged = new Set<string>();
  return (host) => {
    const name = nameIn(host);
    if (name !== undefined && (isAddressOrLocal(name) || exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix)))) return true;
    const shown = name ?? "(missing or not valid)";
    if (!logged.has(shown) && logged.size < loggedNames) {
      logged.add(shown);
      const wayOut =
        name === undefined
          ? validName
          : `If this is a name of this server, add it to WEFT_HOSTS (currently allowed: ${hosts.join(", ") || "none"}).`;
      log.warn({ host: shown }, `refused requests for the host ${shown}. ${wayOut}`);
    }
    return false;
  };
}

/**
 * Returns the host of a request, or undefined if it is ambiguous. A request with two `Host` headers has none, because a proxy in front may have used
 * the other one (RFC 9112, 3.2). If the target is an absolute URL, its host applies (3.2.2), and it must equal the `Host` header.
 */
export function hostOf({
  url = "",
  headers: { host },
  rawHeaders,
}: Pick<IncomingMessage, "url" | "headers" | "rawHeaders">): string | undefined {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === "host") hosts++;
  if (hosts > 1) return undefined;
  if (url.startsWith("/")) return host;
  return URL.canParse(url) && new URL(url).host === host?.toLowerCase() ? host : undefined;
}

/**
 * Refuses requests for hosts that are not allowed, before any other processing. Health endpoints respond under any name, because they reveal nothing.
 */
export function refuseOtherHosts(app: FastifyInstance, isHostAllowed: HostCheck): void {
  app.addHook("onRequest", (request, _reply, done) => {
    if (/^\/health(?:\/(?:live|ready))?(?:\?|$)/.test(request.url) || isHostAllowed(hostOf(request.raw))) done();
    else done(refusalOf(hostOf(request.raw)));
  });
}

function refusalOf(host: string | undefined): HttpRefusal {
  const name = hostHeader.exec(host ?? "")?.[1];
  if (name === undefined) return new HttpRefusal(421, `The Host header is missing or not valid. ${validName}`);
  // The list of allowed hosts appears only in the log.
  return new HttpRefusal(
    421,
    `Weft does not serve the host "${name.slice(0, 253)}". If this is a name of this server, its operator must add it to WEFT_HOSTS.`,
  );
}

const validName = "Send the name or the address of this server.";

/** Whether a `Host` header is an address or `localhost`, which nobody can make a browser resolve elsewhere. */
export function isAddressOrLocalhost(host: string): boolean {
  const name = nameIn(host);
  return name !== undefined && isAddressOrLocal(name);
}

/** Returns the name or address in a `Host` header. Undefined if it is missing or not valid. */
function nameIn(host: string | undefined): string | undefined {
  return hostHeader
    .exec(host ?? "")?.[1]
    ?.toLowerCase()
    .replace(/\.$/, "");
}

function isAddressOrLocal(name: string): boolean {
  return isIP(name) === 4 || (name.startsWith("[") && isIP(name.slice(1, -1)) === 6) || name === "localhost" || name.endsWith(".localhost");
}
