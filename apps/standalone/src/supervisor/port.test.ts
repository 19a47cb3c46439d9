import { createServer } from "node:http";
import { listenOnLoopback } from "@weft/testkit/network/listen";
import { expect, test } from "vitest";
import { assertPortFree, PortBusy } from "./port.js";

test("a port whose server is ending is free when it has ended, and one that stays in use is busy", async () => {
  const other = createServer();
  const address = { host: "127.0.0.1", port: await listenOnLoopback(other) };
  let waits = 0;
  const wait = (): Promise<void> => Promise.resolve(void waits++);
  await expect(assertPortFree(address, { forMs: 300, wait })).rejects.toThrow(PortBusy);
  expect(waits).toBe(3);
  await assertPortFree(address, { wait: () => new Promise((resolve) => other.close(resolve)) });
});
