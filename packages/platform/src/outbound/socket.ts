/** Connections of protocols other than HTTP to destinations that tenants choose, such as mail servers and databases. */
import { connect, isIP, type Socket } from "node:net";
import { failureOf, OutboundFailed } from "./client.js";
import { isAddressAllowed, isListed, type OutboundPolicy } from "./policy.js";
import { DestinationForbidden, resolveAllowed, type Resolve } from "./resolve.js";

export interface SocketDestination {
  /** In lower case, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Time for the connection to one address. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Returns why a destination must not be connected to, as far as its text says. Null if it can be, provided that the addresses of its host are allowed.
 * @param ports ports of the protocol; operators can allow others for a host
 */
export function refusalOfSocket(
  policy: OutboundPolicy,
  { host, port }: SocketDestination,
  ports: (port: number) => boolean,
): string | null {
  if (isListed(policy, host, port)) return null;
  if (!ports(port)) return `port ${port} is not allowed`;
  if (isIP(host) !== 0) return isAddressAllowed(policy, host, port) ? null : `${host} is in a private or reserved network`;
  return host.includes(".") ? null : "its host is not a public name";
}

/** Returns whether the operators allow this destination, so that it can be connected to without TLS. */
export const isSocketListed = (policy: OutboundPolicy, { host, port }: SocketDestination): boolean => isListed(policy, host, port);

/**
 * Returns why a destination cannot be saved, including the addresses of its host; null if it can. Asks name servers. A host that is currently unknown
 * is accepted, because every connection is checked again.
 */
export async function refusalOfAddresses(
  policy: OutboundPolicy,
  destination: SocketDestination,
  ports: (port: number) => boolean,
  resolve?: Resolve,
): Promise<string | null> {
  const refusal = refusalOfSocket(policy, destination, ports);
  if (refusal !== null) return refusal;
  try {
    await resolveAllowed(policy, destination, resolve);
    return null;
  } catch (error) {
    if (error instanceof DestinationForbidden) return error.message.replace(/\.$/, "");
    return null;
  }
}

export interface SocketRequest extends SocketDestination {
  readonly ports: (port: number) => boolean;
  /** Destroys the connection, also later. */
  readonly signal: AbortSignal;
  readonly resolve?: Resolve | undefined;
}

/**
 * Returns the addresses of a destination that the policy allows. Connect to these only: a name server could give another one later.
 * @throws OutboundFailed
 */
export async function allowedAddresses(
  policy: OutboundPolicy,
  { host, port, ports, resolve }: Omit<SocketRequest, "signal">,
): Promise<readonly string[]> {
  const refusal = refusalOfSocket(policy, { host, port }, ports);
  if (refusal !== null) throw new OutboundFailed("FORBIDDEN", `The server cannot be connected to: ${refusal}.`);
  try {
    return await resolveAllowed(policy, { host, port }, resolve);
  } catch (error) {
    throw failureOf(error, { timedOut: false, aborted: false, timeoutMs: CONNECT_TIMEOUT_MS });
  }
}

/**
 * Connects to a destination that the policy allows. The host is resolved once, and the connection is made to an address that was checked, so that a
 * name server cannot give another one in between.
 * @throws OutboundFailed
 */
export async function connectAllowed(policy: OutboundPolicy, { signal, ...destination }: SocketRequest): Promise<Socket> {
  const { host, port } = destination;
  const addresses = await allowedAddresses(policy, destination);
  try {
    let failure: unknown = new Error(`The host ${host} has no address.`);
    for (const address of addresses.slice(0, 4)) {
      try {
        return await connectTo(address, port, signal);
      } catch (error) {
        failure = error;
        if (signal.aborted) break;
      }
    }
    throw failure;
  } catch (error) {
    throw failureOf(error, { timedOut: false, aborted: signal.aborted, timeoutMs: CONNECT_TIMEOUT_MS });
  }
}

function connectTo(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host: address, port });
    const end = (): void => void socket.destroy(new Error("The connection was ended."));
    signal.addEventListener("abort", end, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", end));
    socket.setTimeout(CONNECT_TIMEOUT_MS, () =>
      socket.destroy(Object.assign(new Error("The connection took too long."), { code: "UND_ERR_CONNECT_TIMEOUT" })),
    );
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeListener("error", reject);
      // Whoever uses the socket listens, too. Before that, an error must not end the process.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
