import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Makes a server listen on a free loopback port. Returns the port. */
export function listenOnLoopback(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
