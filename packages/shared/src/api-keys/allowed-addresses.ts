import ipaddr from "ipaddr.js";

/**
 * Returns the canonical form of a network (`192.0.2.0/24`, `2001:db8::/32`) or of an address, which is a network of its own. Null if the text is
 * neither, or if bits after the prefix are set, which is usually a mistake.
 */
export function networkOfText(text: string): string | null {
  const [address = "", bits, ...more] = text.trim().split("/");
  // `isValid` also accepts short and octal forms, such as 10.1.
  if (more.length > 0 || !(ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)) || address.includes("%"))
    return null;
  const parsed = ipaddr.parse(address);
  const longest = parsed.kind() === "ipv4" ? 32 : 128;
  if (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits)) return null;
  const length = bits === undefined ? longest : Number(bits);
  if (length > longest) return null;
  // IPv4 written as IPv6. Clients are compared by their IPv4 address, so the network must be IPv4 too.
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && length >= 96)
    return networkOfText(`${parsed.toIPv4Address().toString()}/${length - 96}`);
  const base =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`);
  return base.toString() === parsed.toString() ? `${parsed.toString()}/${length}` : null;
}

/** Returns whether an address is in one of the networks. An empty list allows all addresses, and an unknown address is in no network. */
export function isAllowedAddress(address: string | null, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  if (address === null || !ipaddr.isValid(address)) return false;
  // IPv4 addresses can arrive as ::ffff:192.0.2.1.
  const client = ipaddr.process(address);
  return networks.some((network) => {
    const [base, length] = ipaddr.parseCIDR(network);
    return base.kind() === client.kind() && client.match(base, length);
  });
}
