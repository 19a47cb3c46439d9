import { IncomingMessage, ServerResponse } from "node:http";
import { connect, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";
import { UnsentAnswers, watchSending } from "./unsent-answers.js";

describe("responses that wait for their clients", () => {
  test("are counted by tenant until they are sent; short ones are not, and a single one may have any length", () => {
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

describe("the end of a response is reported once", () => {
  const watched = (response: ServerResponse): number[] => {
    const ends: number[] = [];
    watchSending(response, 1, () => ends.push(1));
    return ends;
  };
  const response = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

  test("when it was sent, also if its connection closes later", () => {
    const sent = response();
    const ends = watched(sent);
    sent.emit("finish");
    expect(ends).toEqual([1]);
    sent.emit("close");
    expect(ends).toEqual([1]);
  });

  test("when its connection closes before it was sent", () => {
    const unsent = response();
    const ends = watched(unsent);
    expect(ends).toEqual([]);
    unsent.emit("close");
    expect(ends).toEqual([1]);
  });

  test("when its connection was closed already", () => {
    expect(watched(response().destroy())).toEqual([1]);
  });
});

let weft: TestGateway;
beforeAll(async () => void (weft = await startTestGateway(await cloneDatabase(), {})));
afterAll(() => weft.stop());

/** The response has 12 MB, which is more than the buffers of a connection hold. */
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
  "A62: a tenant whose clients request long answers without reading them is refused more, and other tenants are answered",
  { tags: "slow", timeout: 60_000 },
  async () => {
    const [loud, neighbor] = [await weft.person(), await weft.person()];
    const sockets: Socket[] = [];
    const ask = async ({ token }: { token: string }): Promise<unknown> => {
      const response = await weft.post(JSON.parse(body), { authorization: `Bearer ${token}`, "accept-encoding": "identity" });
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return errors?.[0]?.extensions.code ?? "OK";
    };
    // A response that is read takes the place of one that is not, whose request is then refused. So others follow, with more and more time to begin.
    const isRefused = async (): Promise<boolean> => {
      sockets.push(...(await Promise.all(Array.from({ length: 5 }, () => deaf(loud.token)))));
      await delay(20 * sockets.length);
      return (await ask(loud)) === "RATE_LIMITED";
    };
    await until(isRefused, { what: "too much waits", deadlineMs: 30_000 });
    expect(await ask(neighbor)).toBe("OK");
    for (const socket of sockets) socket.destroy();
    await until(async () => (await ask(loud)) === "OK", { what: "nothing waits any more", deadlineMs: 10_000 });
  },
);
