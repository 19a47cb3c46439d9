/** Where streams lead to: which URLs each transport takes. */
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { assertUrlAllowed, isPortAllowed, type OutboundPolicy, refusalOfAddresses } from "@weft/platform/outbound";
import type { AuditStreamTransport } from "./stream.type.js";

/** Port of syslog over TLS (RFC 5425, section 4.1). */
const SYSLOG_PORT = 6514;

export const isSyslogPort = (port: number): boolean => port === SYSLOG_PORT || isPortAllowed(port);

/** Returns the host and the port of `tls://host:port`. Null if it is not such a URL. */
export function syslogDestination(url: string): { readonly host: string; readonly port: number } | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url);
  if (protocol !== "tls:" || hostname === "" || [username, password, search, hash].some((part) => part !== "")) return null;
  if (pathname !== "" && pathname !== "/") return null;
  return { host: hostname.toLowerCase().replace(/^\[|\]$/g, ""), port: port === "" ? SYSLOG_PORT : Number(port) };
}

/** Returns the URL with which an object is written: that of the bucket, with a prefix, and the object's name. */
export const objectUrl = (url: string, name: string): string => `${url.replace(/\/+$/, "")}/${name}`;

const problem = (message: string): BadUserInput => new BadUserInput([{ path: "input.url", message } satisfies Problem]);

/**
 * Checks a URL that somebody wants to save, including the addresses of its host. Call it outside of transactions: it asks name servers.
 * @throws UrlForbidden, BadUserInput
 */
export async function assertDestination(policy: OutboundPolicy, transport: AuditStreamTransport, url: string): Promise<void> {
  if (transport === "SYSLOG") {
    const destination = syslogDestination(url);
    if (destination === null) throw problem("The URL must have the form tls://host:port.");
    const refusal = await refusalOfAddresses(policy, destination, isSyslogPort);
    if (refusal !== null) throw problem(`The server ${destination.host}:${destination.port} cannot be connected to: ${refusal}.`);
    return;
  }
  await assertUrlAllowed(policy, url, "input.url");
  if (transport !== "S3") return;
  const { pathname, search } = new URL(url);
  if (!/^\/[^/]/.test(pathname) || search !== "")
    throw problem("The URL must contain the name of the bucket, and no query: https://host/bucket.");
}
