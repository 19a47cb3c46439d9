import { BlockList, isIP } from "node:net";

/**
 * The client's address of an upgrade request, which Fastify does not see: the peer, unless the peer is a trusted proxy; then the last
 * address of X-Forwarded-For that is not one.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (peer: string | undefined, forwardedFor: string | string[] | undefined) => string {
  const isTrusted = createTrustedProxies(trustedProxies);
  return (peer, forwardedFor) => {
    let address = plain(peer ?? "unknown");
    const named = [forwardedFor ?? []]
      .flat()
      .join(",")
      .split(",")
      .map((part) => part.trim());
    while (isTrusted(address)) {
      const next = named.pop();
      if (next === undefined || isIP(plain(next)) === 0) break;
      address = plain(next);
    }
    return address;
  };
}

/** Whether an address is of a proxy that the configuration trusts. */
export function createTrustedProxies(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (given) => {
    const address = plain(given);
    return isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  };
}

/** An IPv4 address on a socket that speaks both has this prefix. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");
