import { connect } from "node:net";
import type { Socket } from "node:net";
import { cloneDatabase } from "@weft/testkit/database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";
import { UnsentAnswers } from "./unsent-answers.js";

describe("answers that wait for their clients", () => {
  test("are counted by tenant until they have left; short ones are not, and one of any length fits", () => {
    const unsent = new UnsentAnswers(1_000_000);
    const first = unsent.begin("loud", 600_000);
    expect(first).toBeTypeOf("function");
    expect(unsent.begin("loud", 600_000)).toBeUndefined();
    expect(unsent.begin("loud", 1_000)).toBeTypeOf("function");
    expect(unsent.begin("quiet", 5_000_000)).toBeTypeOf("function");
    first?.();
    expect(unsent.begin("loud", 600_000)).toBeTypeOf("function");
  });
});

let weft: TestGateway;
beforeAll(async () => void (weft = await startTestGateway(await cloneDatabase(), {})));
afterAll(() => weft.stop());

/** Answered with 12 MB, more than a connection holds by itself. */
const names = Array.from({ length: 16 }, (_, at) => `a${at}: echo(data: $data)`).join(" ");
const body = JSON.stringify({ query: `query ($data: JSON) { ${names} }`, variables: { data: "€".repeat(250_000) } });

async function deaf(token: string): Promise<Socket> {
  const { hostname, port } = new URL(weft.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.pause();
  const headers = `content-type: application/json\r\nauthorization: Bearer ${token}\r\ncontent-length: ${Buffer.byteLength(body)}`;
  await new Promise<void>((resolve) =>
    socket.write(`POST /graphql HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n${body}`, () => resolve()),
  );
  return socket;
}

test(
  "A62: a tenant whose clients ask for long answers and read none of them is refused further ones, and its neighbour is answered",
  { timeout: 60_000 },
  async () => {
    const [loud, neighbour] = [await weft.person(), await weft.person()];
    const sockets = await Promise.all(Array.from({ length: 8 }, () => deaf(loud.token)));
    const ask = async ({ token }: { token: string }): Promise<unknown> => {
      const response = await weft.post(JSON.parse(body), { authorization: `Bearer ${token}`, "accept-encoding": "identity" });
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return errors?.[0]?.extensions.code ?? "OK";
    };
    await until(async () => (await ask(loud)) === "RATE_LIMITED", { what: "too much waits", deadlineMs: 30_000 });
    expect(await ask(neighbour)).toBe("OK");
    for (const socket of sockets) socket.destroy();
    await until(async () => (await ask(loud)) === "OK", { what: "nothing waits any more", deadlineMs: 10_000 });
  },
);
