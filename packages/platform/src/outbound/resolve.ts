import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { isAddressAllowed, isListed, type OutboundPolicy } from "./policy.js";

/** Finds the addresses of a host. Replaced in tests of DNS rebinding. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** A destination that must not be connected to. */
export class DestinationForbidden extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DestinationForbidden";
  }
}

const resolver = new Resolver({ timeout: 2_000, tries: 2 });

/**
 * Asks the name servers. Not `getaddrinfo`: it occupies one of the process's few threads for as long as a slow name server of a tenant takes.
 * `localhost` is the host's own (RFC 6761).
 */
const byNameServers: Resolve = async (host) => {
  if (host === "localhost" || host.endsWith(".localhost")) return ["127.0.0.1"];
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = [...(v4.status === "fulfilled" ? v4.value : []), ...(v6.status === "fulfilled" ? v6.value : [])];
  if (found.length === 0) throw v4.status === "rejected" ? v4.reason : new Error(`The host ${host} has no address.`);
  return found;
};

/** Names that operators allow can be in the hosts file or in a search domain, which only the system's own look-up reads. */
const bySystem: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Returns the addresses of a host, all of which can be connected to. If only one of them is private, none is used: a name server that mixes them is
 * trying something.
 * @throws DestinationForbidden if an address is private, an error of the name servers if the host is unknown
 */
export async function resolveAllowed(
  policy: OutboundPolicy,
  { host, port }: { readonly host: string; readonly port: number },
  resolve?: Resolve,
): Promise<readonly string[]> {
  const isKnown = isListed(policy, host, port);
  const find = resolve ?? (isKnown ? bySystem : byNameServers);
  const addresses = isIP(host) === 0 ? await find(host) : [host];
  // What the operators allow by name is allowed wherever it is.
  const refused = isKnown ? undefined : addresses.find((address) => !isAddressAllowed(policy, address, port));
  if (refused !== undefined) throw new DestinationForbidden(`${host} is in a private or reserved network.`);
  return addresses;
}
