import type { Logger } from "@weft/shared";
import { concerns } from "../viewer/viewers.js";
import type { Revocation } from "../viewer/viewers.js";
import { ConnectionEnded } from "./connection.js";
import type { Connection } from "./connection.js";

const intervalMs = 500;

/**
 * Looks at every open connection twice a second and closes those whose token, session or rights have ended: this is the guarantee.
 * A revocation that comes by pub/sub only makes it sooner.
 */
export function startSweep(
  connections: ReadonlySet<Connection>,
  log: Logger,
): { onRevocation: (revocation: Revocation) => void; stop: () => void } {
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    void Promise.all([...connections].map((connection) => check(connection, intervalMs / 2, log))).finally(() => (isRunning = false));
  }, intervalMs);
  timer.unref();
  return {
    onRevocation: (revocation) => {
      for (const connection of connections) {
        if (connection.authenticated && concerns(revocation, connection.authenticated.claims)) void check(connection, intervalMs, log);
      }
    },
    stop: () => clearInterval(timer),
  };
}

/** The states of all sessions asked for in one turn are read by one statement, so the sweep costs one however many sockets there are. */
async function check(connection: Connection, maxAgeMs: number, log: Logger): Promise<void> {
  try {
    if (connection.authenticated) await connection.viewer(maxAgeMs);
  } catch (error) {
    // While the database is away nothing can be read through a socket either: it is checked again in half a second.
    if (!(error instanceof ConnectionEnded)) log.debug({ err: error }, "A socket could not be checked.");
  }
}
