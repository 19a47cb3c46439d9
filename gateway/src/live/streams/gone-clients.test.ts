import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openStream, type StreamClient } from "@weft/testkit/live/stream-client";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { rawConnection, streamRequest } from "../../testing/raw-request.js";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  // After each stream that it cuts, `fetch` opens a connection for later, which would hold up the end of the gateway.
  weft = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_SOCKETS_PER_USER: 2, WEFT_DRAIN_TIMEOUT_MS: 500 } });
});
afterAll(() => weft.stop());

const query = "subscription { requestChanged { cursor } }";

const openStreams = async (): Promise<number> =>
  Number(/^weft_live_streams\{protocol="sse"\} (\d+)$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[1]);

/** Expects that nothing is left of earlier streams: the user can open as many as ever. */
async function expectAllFree({ token, tenantId }: TestPerson): Promise<void> {
  await until(async () => (await openStreams()) === 0, { what: "no stream is open" });
  const streams: StreamClient[] = [];
  for (let index = 0; index < 2; index++) streams.push(await openStream(`${weft.url}/graphql`, { token, body: { query } }));
  onTestFinished(() => {
    for (const stream of streams) stream.close();
  });
  await weft.emit(tenantId);
  for (const stream of streams) expect(await stream.results(1)).toMatchObject([{ data: { requestChanged: {} } }]);
  for (const stream of streams) stream.close();
  await until(async () => (await openStreams()) === 0, { what: "they have ended" });
}

test("a client that leaves while its login is looked up leaves nothing behind", async () => {
  const person = await weft.person();
  const { socket } = rawConnection(weft.url);
  const { head, body } = streamRequest(`${weft.url}/graphql`, { token: person.token, query });
  const connections = async (): Promise<number> =>
    Number(/^weft_connections (\d+)$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[1]);
  await weft.sql.begin(async (lock) => {
    await lock`lock table identity.sessions in access exclusive mode`;
    socket.write(head + body);
    const isWaiting = async (): Promise<boolean> => {
      const [row] = await lock<{ n: number }[]>`select count(*)::int as n from pg_locks
        where not granted and relation = 'identity.sessions'::regclass and database = (select oid from pg_database where datname = current_database())`;
      return row !== undefined && row.n > 0;
    };
    await until(isWaiting, { what: "the lookup waits" });
    const before = await connections();
    socket.resetAndDestroy();
    await until(async () => (await connections()) < before, { what: "the gateway has seen the end of the connection" });
  });
  await expectAllFree(person);
});

test("a stream that is requested before another one of its connection has ended is refused, and both leave nothing behind", async () => {
  const person = await weft.person();
  const { socket, text } = rawConnection(weft.url);
  const { head, body } = streamRequest(`${weft.url}/graphql`, { token: person.token, query });
  const refused = async (): Promise<number> =>
    Number(
      /^weft_operation_duration_seconds_count\{transport="http",code="BAD_REQUEST"\} (\d+)$/m.exec(
        await (await fetch(`${weft.url}/metrics`)).text(),
      )?.[1] ?? 0,
    );
  const before = await refused();
  socket.write(head + body + head + body);
  await until(() => text().includes("text/event-stream"), { what: "the first one is open" });
  await until(async () => (await refused()) === before + 1, { what: "the second one is refused" });
  expect(await openStreams()).toBe(1);
  socket.destroy();
  await expectAllFree(person);
});
