import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { turnOf } from "@weft/platform/fairness";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  const settings = { LIMIT_OPERATIONS_IN_FLIGHT: 3, LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: 2, LIMIT_OPERATIONS_WAITING_PER_TENANT: 4 };
  weft = await startTestGateway(await cloneDatabase(), { settings });
});
afterAll(() => weft.stop());

/** Holds the lock that `locked` waits for, until it is released. */
async function holdLock(): Promise<() => Promise<void>> {
  const held = await weft.sql.reserve();
  await held`select pg_advisory_lock(4711)`;
  return async () => {
    await held`select pg_advisory_unlock(4711)`;
    held.release();
  };
}

test(
  "a tenant's flood delays only that tenant: excess operations are refused at once, other tenants are answered, and waiting operations are answered later",
  { tags: "slow" },
  async () => {
    const [loud, neighbor] = [await weft.person(), await weft.person()];
    const letGo = await holdLock();
    // Two run, four wait, and the others are refused before the lock is released.
    const flood = Array.from({ length: 10 }, () => weft.run("{ locked }", { token: loud.token }));
    const refused = await Promise.all(
      [0, 1, 2, 3].map(() =>
        Promise.any(flood.map(async (answer) => ((await answer).errors ? answer : Promise.reject(new Error("answered"))))),
      ),
    );
    expect(refused[0]?.errors?.[0]).toMatchObject({ extensions: { code: "RATE_LIMITED", retryAfter: 1 } });
    expect(await weft.run("{ me { name } }", { token: neighbor.token })).toEqual({ data: { me: { name: "Ada" } } });
    expect(await weft.run("{ greeting }")).toEqual({ data: { greeting: "hello world" } });
    const metrics = await (await fetch(`${weft.url}/metrics`)).text();
    expect(metrics).toContain("weft_operations_waiting 4");
    await letGo();
    const answers = await Promise.all(flood);
    expect(answers.filter(({ data }) => data?.["locked"] === loud.userId)).toHaveLength(6);
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.["code"]))).toEqual(
      Array(4).fill("RATE_LIMITED"),
    );
  },
);

test("a client that disconnects while it waits gives up its place in the queue", async () => {
  const loud = await weft.person();
  const letGo = await holdLock();
  const running = [1, 2].map(() => weft.run("{ locked }", { token: loud.token }));
  // The two have their turn before the others come; otherwise one of them could be among the four that wait.
  const heldUp = async (): Promise<unknown> =>
    (
      await weft.sql`select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`
    )[0]?.["count"];
  await expect.poll(heldUp, { timeout: 30_000 }).toBe(2);
  const leaving = new AbortController();
  const left = [1, 2, 3, 4].map(() =>
    fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${loud.token}` },
      body: JSON.stringify({ query: "{ locked }" }),
      signal: leaving.signal,
    }),
  );
  const waiting = async (): Promise<string | undefined> =>
    /^weft_operations_waiting \d+$/m.exec(await (await fetch(`${weft.url}/metrics`)).text())?.[0];
  await expect.poll(waiting, { timeout: 30_000 }).toBe("weft_operations_waiting 4");
  leaving.abort();
  await Promise.allSettled(left);
  await expect.poll(waiting, { timeout: 30_000 }).toBe("weft_operations_waiting 0");
  const next = weft.run("{ locked }", { token: loud.token });
  await letGo();
  for (const answer of await Promise.all([...running, next])) expect(answer.data).toEqual({ locked: loud.userId });
});

async function allow(allowed: number): Promise<void> {
  await weft.sql`insert into app.shared_configurations (level, key, version, document, message)
    select 'PLAN', 'FREE', max(version) + 1, ${weft.sql.json({ limits: { operationsPerMinute: allowed } })}::jsonb, 'A test'
      from app.shared_configurations where level = 'PLAN' and key = 'FREE'`;
  await weft.pubsub.publish("configuration", JSON.stringify({ tenantId: null }));
}

test("a plan's operations per minute are enforced exactly, for each tenant separately, and a change of the limit applies at once", async () => {
  const [ada, bob] = [await weft.person(), await weft.person()];
  const codes = async (token: string, count: number) => {
    const answered: unknown[] = [];
    for (let index = 0; index < count; index++)
      answered.push((await weft.run("{ me { name } }", { token })).errors?.[0]?.extensions?.["code"] ?? "OK");
    return answered;
  };
  await allow(3);
  expect(await codes(ada.token, 5)).toEqual(["OK", "OK", "OK", "RATE_LIMITED", "RATE_LIMITED"]);
  const refusal = await weft.run("{ me { name } }", { token: ada.token });
  expect(refusal.errors?.[0]?.message).toMatch(
    /^Your organization exceeded the 3 operations per minute that its plan allows\. Try again in \d+ s\.$/,
  );
  expect(await codes(bob.token, 4)).toEqual(["OK", "OK", "OK", "RATE_LIMITED"]);
  expect(await weft.run("{ greeting }")).toEqual({ data: { greeting: "hello world" } });
  await allow(6);
  // What was refused does not count.
  expect(await codes(ada.token, 4)).toEqual(["OK", "OK", "OK", "RATE_LIMITED"]);
});

test("the start of a subscription counts as an operation because it runs a query", async () => {
  const { token } = await weft.person();
  await allow(3);
  const socket = await openLive(weft.url, { token });
  for (const id of ["a", "b", "c", "d"])
    socket.send({ type: "subscribe", id, payload: { query: "subscription { requestChanged { cursor } }" } });
  expect(await socket.message(({ type }) => type === "error")).toMatchObject({
    id: "d",
    payload: [{ extensions: { code: "RATE_LIMITED", retryAfter: expect.any(Number) as number } }],
  });
  expect((await weft.run("{ me { name } }", { token })).errors?.[0]?.extensions?.["code"]).toBe("RATE_LIMITED");
  socket.close();
});

test("operations over WebSocket are counted before validation, and only once", async () => {
  const { token } = await weft.person();
  await allow(4);
  const socket = await openLive(weft.url, { token });
  const codes: unknown[] = [];
  for (const [id, query] of [
    ["a", "{ greeting }"],
    ["b", "subscription { nothing }"],
    ["c", "{ nothing }"],
    ["d", "{ greeting }"],
    ["e", "subscription { nothing }"],
    ["f", "{ greeting }"],
  ] as const) {
    socket.send({ type: "subscribe", id, payload: { query } });
    const { type, payload } = await socket.message((message) => message.id === id);
    codes.push(type === "next" ? payload : (payload as { extensions: { code: string } }[])[0]?.extensions.code);
  }
  const answered = { data: { greeting: "hello world" } };
  expect(codes).toEqual([answered, "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VALIDATION_FAILED", answered, "RATE_LIMITED", "RATE_LIMITED"]);
  socket.close();
});

test("clients without a login share the turns of their network: a million addresses of one machine are one turn", () => {
  const turns = (addresses: string[]) => new Set(addresses.map((address) => turnOf({ viewer: null, address })));
  expect(turns(["2001:db8::1", "2001:db8::ffff", "2001:db8:0:0:aaaa::1"]).size).toBe(1);
  expect(turns(["2001:db8::1", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"]).size).toBe(4);
});
