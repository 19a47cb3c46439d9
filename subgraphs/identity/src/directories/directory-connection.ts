/** Connections to directories of tenants. Their servers are not trusted: each can answer anything, of any length, or nothing. */
import { isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { connectAllowed, isSocketListed, OutboundFailed, type OutboundPolicy } from "@weft/platform/outbound";
import { Client, ResultCodeError } from "ldapts";
import { endpointOf, isDirectoryPort, type LdapConfiguration } from "../identity-providers/ldap-configuration.js";
import { ProviderUnusable } from "../identity-providers/provider-unusable.js";
import { passWholeMessages, type WholeMessages } from "./ldap-messages.js";

/** Time for each request of the protocol. */
const REQUEST_MS = 5_000;
const START_TLS = "1.3.6.1.4.1.1466.20037";

/** Where to connect, and how. */
type Destination = Pick<LdapConfiguration, "url" | "usesStartTls" | "ca">;

/** A connection, of which nobody is known to the server yet. */
export interface DirectoryConnection {
  readonly client: Client;
  readonly end: () => void;
}

/**
 * Connects to a directory at an address that was checked, and begins TLS. The library never connects by itself, also not again.
 * @param signal ends the connection at any time
 * @throws ProviderUnusable
 */
export async function connectDirectory(
  policy: OutboundPolicy,
  destination: Destination,
  signal: AbortSignal,
): Promise<DirectoryConnection> {
  const { host, port, isSecure } = endpointOf(destination);
  if (!isSecure && !destination.usesStartTls && !isSocketListed(policy, { host, port }))
    throw new ProviderUnusable("Connections without TLS are only allowed to servers that the operators allow.");
  let socket: Socket | undefined;
  try {
    socket = await connectAllowed(policy, { host, port, ports: isDirectoryPort, signal });
    if (!isSecure && destination.usesStartTls) await startTls(socket);
    const stream = isSecure || destination.usesStartTls ? await encrypted(socket, host, destination.ca) : socket;
    return { client: clientOn(stream).client, end: () => void stream.destroy() };
  } catch (error) {
    socket?.destroy();
    throw unusable(error, "The directory cannot be connected to");
  }
}

/**
 * Asks the server to begin TLS. What it sends before is read by a client of its own, and nothing can follow its answer: somebody on the network could have put
 * it there, to be taken for something that was sent encrypted.
 */
async function startTls(socket: Socket): Promise<void> {
  const { client, messages } = clientOn(socket);
  await client.exop(START_TLS);
  for (const event of ["data", "end", "timeout"]) socket.removeAllListeners(event);
  if (!messages.release()) throw new OutboundFailed("PROTOCOL", "The server sent more than the answer to StartTLS.");
}

function encrypted(socket: Socket, host: string, ca: string | null): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const named = isIP(host) === 0 ? { servername: host } : {};
    const stream = connectTls({ socket, host, ...named, minVersion: "TLSv1.2", ...(ca !== null && { ca }) });
    stream.setTimeout(REQUEST_MS, () => stream.destroy(new OutboundFailed("TIMEOUT", "The server did not begin TLS in time.")));
    // The library removes it, and adds its own.
    stream.once("error", reject);
    stream.once("close", () => reject(new OutboundFailed("CONNECT", "The server closed the connection.")));
    stream.once("secureConnect", () => {
      stream.setTimeout(0);
      resolve(stream);
    });
  });
}

/** The client gets nothing of what the server sends but whole messages that were checked. */
function clientOn(stream: Socket): { readonly client: Client; readonly messages: WholeMessages } {
  const messages = passWholeMessages(stream);
  let isTaken = false;
  const take = (): Socket => {
    if (isTaken) throw new OutboundFailed("CONNECT", "The server closed the connection.");
    isTaken = true;
    return stream;
  };
  // The URL names nothing: the stream is connected.
  const options = { url: "ldap://directory.invalid", timeout: REQUEST_MS, connectTimeout: REQUEST_MS, createConnection: take };
  return { client: new Client(options), messages };
}

/** Returns what went wrong, without anything that the server has sent. */
export function unusable(error: unknown, what: string): ProviderUnusable {
  if (error instanceof ProviderUnusable) return error;
  // A server could answer with what it was sent, such as a password.
  return new ProviderUnusable(`${what}: ${reasonOf(error)}`, error instanceof ResultCodeError ? undefined : error);
}

function reasonOf(error: unknown): string {
  if (error instanceof ResultCodeError) return `it answers with the result code ${error.code}.`;
  if (error instanceof OutboundFailed) return error.message;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code)) return `TLS failed (${code}).`;
  return "the connection ended, or its answer is not valid.";
}
