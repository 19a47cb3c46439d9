/** Connections to databases of tenants. Their servers are not trusted: each can answer anything, of any length, or nothing. */
import type { Socket } from "node:net";
import { rootCertificates } from "node:tls";
import { connectAllowed, isPortAllowed, isSocketListed } from "@weft/platform/outbound";
import type { Client, Connection } from "pg";
import type { ParsedContext } from "../connector.js";
import { ConnectorError, errorOfFailure } from "../errors.js";
import type { Configuration, Credentials } from "./schemas.js";

/** Bytes that a server can send in all. pg keeps each message in memory until it is complete. */
const MAX_RECEIVED_BYTES = 4 * 1024 * 1024;
/** Rounds of PBKDF2 that a server can ask for. PostgreSQL asks for 4096. */
const MAX_SCRAM_ITERATIONS = 50_000;

/** The port of PostgreSQL, and those of unprivileged applications, such as poolers. */
export const isDatabasePort = (port: number): boolean => port === 5432 || (port >= 1024 && isPortAllowed(port));

/** Runs with a connection to an address that was checked. @throws ConnectorError */
export async function withDatabase<T>(
  { configuration, credentials, policy, resolve, signal }: ParsedContext<Configuration, Credentials>,
  run: (client: Client) => Promise<T>,
): Promise<T> {
  const { host, port = 5432, database, security, ca } = configuration;
  if (security === "NONE" && !isSocketListed(policy, { host, port }))
    throw new ConnectorError("FORBIDDEN_DESTINATION", "Connections without TLS are only allowed to servers that the operators allow.");
  const { default: pg } = await import("pg");
  const socket = await connectAllowed(policy, { host, port, ports: isDatabasePort, signal, resolve }).catch((error: unknown) => {
    throw errorOfFailure(error, true);
  });
  const { user, password } = credentials;
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    ssl: security === "NONE" ? false : { minVersion: "TLSv1.2", ...(ca !== undefined && { ca: [...rootCertificates, ca] }) },
    stream: () => alreadyConnected(socket),
    application_name: "weft",
    scramMaxIterations: MAX_SCRAM_ITERATIONS,
  } as ConstructorParameters<typeof pg.Client>[0]);
  // Reported by the query that is running, too.
  client.on("error", () => undefined);
  const received = limitReceived((client as unknown as { connection: Connection }).connection, socket);
  try {
    await client.connect();
    return await run(client);
  } catch (error) {
    if (received.isExceeded)
      throw new ConnectorError("PERMANENT", `The database sent more than ${MAX_RECEIVED_BYTES} bytes. Select fewer rows or columns.`, {
        cause: error,
      });
    throw errorOfDatabase(error, signal);
  } finally {
    socket.destroy();
  }
}

/** pg connects its socket itself, to a name that it resolves. */
function alreadyConnected(socket: Socket): Socket {
  const connect = (): Socket => {
    setImmediate(() => socket.emit("connect"));
    return socket;
  };
  return Object.assign(socket, { connect });
}

/** Ends the connection as soon as the server has sent too much. With TLS, the stream is replaced once. */
function limitReceived(connection: Connection, socket: Socket): { readonly isExceeded: boolean } {
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_RECEIVED_BYTES) socket.destroy();
  };
  const watched = connection as unknown as { stream: Socket; on(event: "sslconnect", listener: () => void): void };
  watched.stream.on("data", count);
  watched.on("sslconnect", () => watched.stream.prependListener("data", count));
  return {
    get isExceeded() {
      return bytes > MAX_RECEIVED_BYTES;
    },
  };
}

/** Classes of SQLSTATE that say that a later attempt can succeed: connections, conflicts, resources, and interventions such as time limits. */
const temporary = /^(?:08|40|53|55|57|58)/;

/** What the classes of SQLSTATE mean. The server's own messages are not used: they can quote values, of parameters and of rows. */
const meanings: Readonly<Record<string, string>> = {
  "08": "The connection failed.",
  "22": "A value does not have the form or the range that the query needs.",
  "25": "Queries cannot change data.",
  "28": "The user or the password is not accepted.",
  "3D": "The database does not exist.",
  "40": "The transaction conflicted with another one.",
  "42": "The query is not valid, or the user must not run it.",
  "53": "The server has too few resources.",
  "57": "The server ended the query. It can take at most 10 seconds.",
};

const messageOfState = (state: string): string =>
  `The database answered with the error ${state}. ${meanings[state.slice(0, 2)] ?? "The documentation of PostgreSQL explains this code."}`;

function errorOfDatabase(error: unknown, signal: AbortSignal): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { code, message } = error as Error & { readonly code?: unknown };
  // An answer of the server, not a failure of the connection.
  if ("severity" in (error as Error)) {
    const state = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : "XX000";
    return new ConnectorError(temporary.test(state) ? "RETRYABLE" : "PERMANENT", messageOfState(state));
  }
  if (signal.aborted) return new ConnectorError("RETRYABLE", "The database did not answer in time.", { cause: error });
  const isSasl = message.startsWith("SASL");
  return new ConnectorError(isSasl ? "PERMANENT" : "RETRYABLE", `The connection to the database failed: ${message}`, { cause: error });
}
