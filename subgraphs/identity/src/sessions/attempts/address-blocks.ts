import { isIPv4 } from "node:net";

/** Blocks of addresses that usually have one operator, from the narrow one to the wide one. */
export interface AddressBlocks {
  /** /24 of IPv4, /48 of IPv6. */
  readonly narrow: string;
  /** /16 of IPv4, /32 of IPv6. */
  readonly wide: string;
}

/** Returns the blocks of a network as `networkOf` returns it. Null for a client without an IP address. */
export function addressBlocksOf(network: string): AddressBlocks | null {
  if (isIPv4(network)) {
    const parts = network.split(".");
    return { narrow: `${parts.slice(0, 3).join(".")}.0/24`, wide: `${parts.slice(0, 2).join(".")}.0.0/16` };
  }
  if (!network.endsWith("::/64")) return null;
  const groups = network.slice(0, -"::/64".length).split(":");
  return { narrow: `${groups.slice(0, 3).join(":")}::/48`, wide: `${groups.slice(0, 2).join(":")}::/32` };
}
