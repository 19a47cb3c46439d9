/** Which destinations Weft's own requests can have: those that tenants choose (webhooks, connectors, chat) must not reach the operators' network. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { isPublic } from "./not-public.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Destinations in private networks that the operators allow, also without TLS. */
export interface OutboundPolicy {
  /** Entries of `WEFT_OUTBOUND_ALLOWED`: host names or addresses, with or without a port, and CIDR ranges. */
  readonly allowed: readonly string[];
  /** Sentence for users whose URL is refused, such as which URL they can use instead. */
  readonly hint?: string;
}

/** Ports of services that speak something else than HTTPS. A tenant must not be able to send them bytes from here. */
const refusedPorts: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2375, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5984, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669,
  6697, 9042, 9092, 10080, 11211, 27017,
]);

/** Returns whether a port is one of HTTPS or of an unprivileged application. */
export const isPortAllowed = (port: number): boolean => port === 443 || (port >= 1024 && port <= 65_535 && !refusedPorts.has(port));

/** Returns the host of a URL as it is compared: in lower case, without brackets and without the dot of the root. */
export const hostOf = (url: URL): string =>
  url.hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();

/** Returns the port of an HTTP or HTTPS URL. */
export const portOf = (url: URL): number => (url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port));

/** Returns whether the operators allow this host by its name, or by its address if the host is one. */
export function isListed({ allowed }: OutboundPolicy, host: string, port: number): boolean {
  return allowed.some((entry) => {
    const { name, onlyPort } = entryOf(entry);
    if (onlyPort !== null && onlyPort !== port) return false;
    return name === host || isInRange(name, host);
  });
}

/** Returns whether an address can be connected to: it is public, or the operators allow it. */
export function isAddressAllowed(policy: OutboundPolicy, address: string, port: number): boolean {
  return isListed(policy, address, port) || isPublic(address);
}

/** Splits `host`, `host:port`, `address`, `[address]:port` or `range`. */
function entryOf(entry: string): { name: string; onlyPort: number | null } {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(entry);
  if (bracketed) return { name: bracketed[1] ?? "", onlyPort: bracketed[2] === undefined ? null : Number(bracketed[2]) };
  const [name = "", port, ...more] = entry.toLowerCase().split(":");
  // More than one colon: an IPv6 address or range.
  return more.length > 0 || port === undefined ? { name: entry.toLowerCase(), onlyPort: null } : { name, onlyPort: Number(port) };
}

function isInRange(range: string, host: string): boolean {
  if (isIP(host) === 0) return false;
  const address = ipaddr.process(host);
  const [base = "", bits] = range.split("/");
  if (isIP(base) === 0) return false;
  const network: Address = ipaddr.process(base);
  if (network.kind() !== address.kind()) return false;
  return address.match(network, bits === undefined ? (network.kind() === "ipv4" ? 32 : 128) : Number(bits));
}

/** Returns whether an entry of the setting can be understood. */
export function isOutboundEntry(entry: string): boolean {
  const { name, onlyPort } = entryOf(entry);
  if (onlyPort !== null && !(onlyPort >= 1 && onlyPort <= 65_535)) return false;
  const [base = "", bits, ...more] = name.split("/");
  if (more.length > 0) return false;
  const family = isIP(base);
  if (bits === undefined) return family !== 0 || /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name);
  return family !== 0 && onlyPort === null && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32);
}
