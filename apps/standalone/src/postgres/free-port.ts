import { createServer } from "node:net";

// Below the ports that operating systems assign to outgoing connections and to servers without a port of their own (from 32768 on Linux, 49152
// elsewhere). A port from there is often taken again before the program that gets it listens.
const firstPort = 20_000;
const ports = 12_000;

/** Processes search from different ports on, so that two that search at the same time do not find the same ones. */
let next = (process.pid * 1_009) % ports;

/**
 * Returns a TCP port of the loopback address that is currently free, and a different one each time. Another process can take it before you use it, so
 * be prepared to retry.
 */
export async function findFreePort(): Promise<number> {
  for (let tried = 0; tried < ports; tried++) {
    const port = firstPort + next;
    next = (next + 1) % ports;
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${firstPort} to ${firstPort + ports - 1} is free.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
