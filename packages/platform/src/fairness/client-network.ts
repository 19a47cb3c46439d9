import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Returns the network under which a client is counted and queued. IPv6 addresses are grouped by their /64 prefix, because a client that has one
 * address usually has all 2^64 of its network. IPv4 addresses that are written as IPv6 count as IPv4.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const prefix = parsed.parts.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}
