import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startRedisServer } from "./redis-server.js";

async function ping(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("PING\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString("utf8");
}

test("a test's own Redis can be killed and restarts on the same port", async () => {
  const redis = await startRedisServer();
  expect(await ping(redis.port)).toBe("+PONG\r\n");
  await redis.kill();
  await expect(ping(redis.port)).rejects.toThrow(/ECONNREFUSED/);
  await redis.start();
  expect(await ping(redis.port)).toBe("+PONG\r\n");
  await redis.stop();
  await expect(ping(redis.port)).rejects.toThrow(/ECONNREFUSED/);
});
