import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** The address is used by another program. */
export class PortBusy extends Error {
  override readonly name = "PortBusy";
}

interface Address {
  readonly port: number;
  readonly host: string;
}

interface Waiting {
  /** How long a port that is in use is tried again. Default: three seconds. */
  readonly forMs?: number;
  readonly wait?: (ms: number) => Promise<unknown>;
}

const everyMs = 100;

/**
 * Fails if another program listens there, so that this is found before anything is created. The server listens seconds later. Our own server of a
 * supervisor that was killed stops only when it notices that, so a port in use is tried again for a moment.
 *
 * @throws PortBusy
 */
export async function assertPortFree(address: Address, { forMs = 3_000, wait = (ms) => delay(ms) }: Waiting = {}): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    try {
      return await listenOnce(address);
    } catch (error) {
      if (waitedMs >= forMs) throw error;
      await wait(everyMs);
    }
  }
}

async function listenOnce({ port, host }: Address): Promise<void> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    // The server reports the other reasons, each with its setting.
    if (error.code !== "EADDRINUSE") return resolve();
    reject(new PortBusy(`Another program is listening on ${host}:${port}. Stop it, or set PORT to a free port.`, { cause: error }));
  });
  server.listen({ port, host }, () => server.close(() => resolve()));
  return promise;
}
