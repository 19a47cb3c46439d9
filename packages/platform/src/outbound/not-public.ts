/** Addresses that tenants cannot have Weft connect to. */
import ipaddr from "ipaddr.js";

/**
 * Ranges that are not public, and public-looking addresses behind which a cloud provider serves the machine itself: metadata with credentials, agents,
 * name servers. Sources:
 *
 * - IANA IPv4: https://www.iana.org/assignments/iana-ipv4-special-registry
 * - IANA IPv6: https://www.iana.org/assignments/iana-ipv6-special-registry and https://www.iana.org/assignments/ipv6-address-space, which assigns only
 *   2000::/3 as global unicast
 * - of a provider: the page next to its entry
 */
export const notPublic: readonly (readonly [range: string, what: string])[] = [
  // IANA IPv4
  ["0.0.0.0/8", "this network (RFC 791)"],
  ["10.0.0.0/8", "private (RFC 1918)"],
  ["100.64.0.0/10", "shared by carriers (RFC 6598); 100.100.100.200 is the metadata of Alibaba Cloud"],
  ["127.0.0.0/8", "loopback (RFC 1122)"],
  ["169.254.0.0/16", "link-local (RFC 3927); 169.254.169.254 is the metadata of AWS, Azure, Google, Oracle and others"],
  ["172.16.0.0/12", "private (RFC 1918)"],
  ["192.0.0.0/24", "protocol assignments (RFC 6890); 192.0.0.192 was the metadata of Oracle Cloud Classic"],
  ["192.0.2.0/24", "documentation (RFC 5737)"],
  ["192.31.196.0/24", "AS112 (RFC 7535)"],
  ["192.52.193.0/24", "AMT (RFC 7450)"],
  ["192.88.99.0/24", "6to4 relays (RFC 7526)"],
  ["192.168.0.0/16", "private (RFC 1918)"],
  ["192.175.48.0/24", "AS112 (RFC 7534)"],
  ["198.18.0.0/15", "benchmarks (RFC 2544)"],
  ["198.51.100.0/24", "documentation (RFC 5737)"],
  ["203.0.113.0/24", "documentation (RFC 5737)"],
  ["224.0.0.0/4", "multicast (RFC 5771)"],
  ["240.0.0.0/4", "reserved (RFC 1112), with the broadcast address"],
  // Host services of providers
  ["168.63.129.16/32", "Azure: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16"],
  ["161.26.0.0/16", "IBM Cloud, services of the machine: https://cloud.ibm.com/docs/vpc?topic=vpc-service-endpoints-for-vpc"],
  ["166.8.0.0/14", "IBM Cloud, private endpoints: https://cloud.ibm.com/docs/vpc?topic=vpc-service-endpoints-for-vpc"],
  ["192.80.8.124/32", "Equinix Metal, metadata: https://deploy.equinix.com/developers/docs/metal/server-metadata/metadata/"],
  // IANA IPv6, within 2000::/3
  ["2001::/23", "protocol assignments (RFC 2928), with Teredo, which embeds IPv4 addresses"],
  ["2001:db8::/32", "documentation (RFC 3849)"],
  ["2002::/16", "6to4 (RFC 3056), which embeds IPv4 addresses"],
  ["2620:4f:8000::/48", "AS112 (RFC 7534)"],
  ["3fff::/20", "documentation (RFC 9637)"],
  // IANA IPv6, outside of 2000::/3
  ["::/96", "IPv4-compatible (RFC 4291), with the loopback and the unspecified address"],
  ["::/3", "reserved, with IPv4-mapped addresses (RFC 4291), NAT64 (RFC 6052, RFC 8215) and the discard prefix (RFC 6666)"],
  ["4000::/2", "reserved, with segment routing (RFC 9602)"],
  ["8000::/1", "reserved, with private (fc00::/7: metadata of AWS, Google and Scaleway), link-local, site-local and multicast addresses"],
];

const ranges = notPublic.map(([range]) => ipaddr.parseCIDR(range));

/** Returns whether an address is public. One that embeds or stands for another one (mapped to IPv6, NAT64, 6to4, Teredo) never is. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return !ranges.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}
