import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Config, Logger } from "@weft/shared";
import type { FastifyInstance } from "fastify";
import { HttpRefusal } from "./refusal.js";

/** Whether we answer for this `Host` header. */
export type HostCheck = (host: string | undefined) => boolean;

/** A name or an address, and a port. */
const hostHeader = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;
/** Each refused name is logged once; what attackers invent must not fill the log. */
const loggedNames = 50;

/**
 * Against DNS rebinding: a page of evil.example whose name suddenly leads to us is of our own origin for a browser, so only the `Host`
 * header tells it from our own pages. Names must therefore be configured. Addresses and `localhost` need not: nobody can make them lead
 * elsewhere, and orchestrators probe by address.
 */
export function createHostCheck({ hosts }: Pick<Config, "hosts">, log: Logger): HostCheck {
  const exact = new Set(hosts.filter((host) => !host.startsWith("*.")));
  const suffixes = hosts.filter((host) => host.startsWith("*.")).map((host) => host.slice(1));
  const logged = new Set<string>();
  return (host) => {
    const name = hostHeader
      .exec(host ?? "")?.[1]
      ?.toLowerCase()
      .replace(/\.$/, "");
    if (name !== undefined && (isAddressOrLocal(name) || exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix)))) return true;
    const shown = name ?? "none that is valid";
    if (!logged.has(shown) && logged.size < loggedNames) {
      logged.add(shown);
      const wayOut =
        name === undefined
          ? validName
          : `If that is a name of this server, add it to WEFT_HOSTS (allowed now: ${hosts.join(", ") || "none"}).`;
      log.warn({ host: shown }, `Refused requests for the host ${shown}. ${wayOut}`);
    }
    return false;
  };
}

/**
 * The host that a request is for. A request of two `Host` headers is for none: whoever stands before us may have gone by the other one (RFC 9112, 3.2). One whose
 * target is a whole URL is for the host of that (3.2.2), and we answer it when both are ours.
 */
export function hostOf({
  url = "",
  headers: { host },
  rawHeaders,
}: Pick<IncomingMessage, "url" | "headers" | "rawHeaders">): string | undefined {
  if (rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length > 1) return undefined;
  if (url.startsWith("/")) return host;
  return URL.canParse(url) && new URL(url).host === host?.toLowerCase() ? host : undefined;
}

/** Refuses, before anything else looks at it, every request for a host that is not ours. Health is answered under any name: it says nothing. */
export function refuseOtherHosts(app: FastifyInstance, isHostAllowed: HostCheck): void {
  app.addHook("onRequest", async (request) => {
    if (/^\/health\/(?:live|ready)(?:\?|$)/.test(request.url) || isHostAllowed(hostOf(request.raw))) return;
    const name = hostHeader.exec(hostOf(request.raw) ?? "")?.[1];
    if (name === undefined) throw new HttpRefusal(421, `Weft does not answer for this Host header. ${validName}`);
    // Which hosts are allowed is for the log alone.
    throw new HttpRefusal(
      421,
      `Weft does not answer for the host "${name.slice(0, 253)}". If that is a name of this server, its operator has to add it to WEFT_HOSTS.`,
    );
  });
}

const validName = "Send the name or the address that this server is reached by.";

function isAddressOrLocal(name: string): boolean {
  return isIP(name) === 4 || (name.startsWith("[") && isIP(name.slice(1, -1)) === 6) || name === "localhost" || name.endsWith(".localhost");
}
