import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findFreePort } from "./free-port.js";

test("each port is found once, and none that the operating system assigns to others", async () => {
  const found = await Promise.all(Array.from({ length: 50 }, () => findFreePort()));
  expect(new Set(found).size).toBe(50);
  expect(Math.max(...found)).toBeLessThan(32_768);
});

test("a port on which a program listens is not found", async () => {
  const taken = (await findFreePort()) + 1;
  const server = createServer();
  // If it fails, another program listens there.
  await new Promise<unknown>((resolve) => server.once("error", resolve).listen(taken, "127.0.0.1", () => resolve(undefined)));
  try {
    expect(await findFreePort()).not.toBe(taken);
  } finally {
    server.close();
  }
});
