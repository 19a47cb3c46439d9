import type { Logger } from "@weft/shared";
import { concerns } from "../../viewer/viewers.js";
import type { Revocation } from "../../viewer/viewers.js";
import { ConnectionEnded } from "./connection.js";
import type { Connection } from "./connection.js";

const intervalMs = 500;

/**
 * Checks every open connection twice a second and closes those whose token, session, or rights have ended. This is the guarantee. Revocations over
 * pub/sub only make it faster.
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

/** One statement reads the states of all sessions requested at the same time, so a sweep costs one statement for any number of sockets. */
async function check(connection: Connection, maxAgeMs: number, log: Logger): Promise<void> {
  try {
    if (connection.authenticated) await connection.viewer(maxAgeMs);
  } catch (error) {
    // While the database is unavailable, nothing can be read through a socket either. It is checked again in half a second.
    if (!(error instanceof ConnectionEnded)) log.debug({ err: error }, "a socket could not be checked");
  }
}
