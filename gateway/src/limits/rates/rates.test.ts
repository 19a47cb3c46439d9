import { newApiKey } from "@weft/shared/api-keys";
import { newId } from "@weft/shared/ids";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "../../testing/start-gateway.js";
import type { TestAnswer, TestGateway, TestPerson } from "../../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  const settings = { LIMIT_RATE_USER: "1000/second, 5/minute, 8/hour", LIMIT_RATE_API_KEY: "4/minute", WEFT_TRUSTED_PROXIES: "127.0.0.1" };
  weft = await startTestGateway(await cloneDatabase(), { settings });
});
afterAll(() => weft.stop());

/** Sets the configuration of a tenant: that of its operators, or its own. */
async function configure({ tenantId, userId }: TestPerson, level: "CONTRACT" | "TENANT", document: object): Promise<void> {
  await weft.sql`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${tenantId}, ${level}, ${tenantId}, 1, ${weft.sql.json(document as never)}, ${userId}, 'A test')`;
  await weft.pubsub.publish("configuration", JSON.stringify({ tenantId }));
}

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly answer: TestAnswer;
}

async function send({ token }: { token: string }, query = "{ me { name } }", headers: Record<string, string> = {}): Promise<Sent> {
  const response = await weft.post({ query }, { authorization: `Bearer ${token}`, ...headers });
  return { status: response.status, headers: response.headers, answer: (await response.json()) as TestAnswer };
}

const remaining = ({ headers }: Sent, policy: string): number =>
  Number(new RegExp(`"${policy}";r=(\\d+);t=\\d+`).exec(headers.get("ratelimit") ?? "")?.[1]);

test("responses say which rates apply, what remains of them, and in how many seconds they begin anew", async () => {
  const ada = await weft.person();
  const first = await send(ada);
  expect(first.headers.get("ratelimit-policy")).toBe(
    '"user-second";q=1000;w=1, "user-minute";q=5;w=60, "user-hour";q=8;w=3600, "tenant-minute";q=1200;w=60',
  );
  expect(first.headers.get("ratelimit")).toBe(
    '"user-second";r=999;t=1, "user-minute";r=4;t=60, "user-hour";r=7;t=3600, "tenant-minute";r=1199;t=60',
  );
  expect(first.headers.get("retry-after")).toBeNull();
  for (const left of [3, 2, 1, 0]) expect(remaining(await send(ada), "user-minute")).toBe(left);
});

test("beyond a rate, responses have the status 429, and say when to try again in the headers and in the error", async () => {
  const ada = await weft.person();
  for (let index = 0; index < 5; index++) expect((await send(ada)).status).toBe(200);
  const refused = await send(ada);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toMatch(/^(?:5\d|60)$/);
  expect(remaining(refused, "user-minute")).toBe(0);
  const [error] = refused.answer.errors ?? [];
  expect(error?.message).toMatch(/^You exceeded the limit of 5 operations per minute\. Try again in \d+ s\.$/);
  expect(error?.extensions).toMatchObject({
    code: "RATE_LIMITED",
    retryAfter: Number(refused.headers.get("retry-after")),
    rateLimit: { policy: "user-minute", limit: 5, remaining: 0, windowSeconds: 60 },
  });
  const { resetAt } = (error?.extensions ?? {})["rateLimit"] as { resetAt: string };
  expect(Math.abs(Date.parse(resetAt) - Date.now() - 60_000)).toBeLessThan(10_000);
  // Nothing was used up by what was refused.
  expect(remaining(refused, "user-hour")).toBe(3);
});

test("pages of other origins can read the headers of rates", async () => {
  const { headers } = await fetch(`${weft.url}/graphql`, { headers: { origin: weft.url } });
  expect(headers.get("access-control-expose-headers")).toContain("ratelimit, ratelimit-policy");
});

test("sockets and requests of a user share a rate", async () => {
  const ada = await weft.person();
  const socket = await openLive(weft.url, { token: ada.token });
  for (const id of ["a", "b", "c", "d"]) {
    socket.send({ type: "subscribe", id, payload: { query: "{ me { name } }" } });
    await socket.message((message) => message.id === id);
  }
  expect(remaining(await send(ada), "user-minute")).toBe(0);
  socket.send({ type: "subscribe", id: "e", payload: { query: "{ me { name } }" } });
  expect(await socket.message(({ id }) => id === "e")).toMatchObject({
    type: "error",
    payload: [
      { extensions: { code: "RATE_LIMITED", retryAfter: expect.any(Number) as number, rateLimit: { policy: "user-minute", limit: 5 } } },
    ],
  });
  socket.close();
});

test("the flood of one user takes nothing from the others of the organization, at the same address", async () => {
  const ada = await weft.person();
  const bob = await weft.person({ tenantId: ada.tenantId });
  const flood = await Promise.all(Array.from({ length: 30 }, () => send(ada)));
  expect(flood.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(remaining(await send(bob), "user-minute")).toBe(4);
});

test("plans can set other rates, and organizations can lower them for themselves, but not raise them", async () => {
  const ada = await weft.person();
  await configure(ada, "CONTRACT", { rates: { user: { perMinute: 50, perDay: 100 } } });
  await configure(ada, "TENANT", { ownRates: { user: { perMinute: 2, perDay: 1_000, perHour: 20 } } });
  const answer = await send(ada);
  expect(answer.headers.get("ratelimit-policy")).toContain('"user-minute";q=2;w=60, "user-hour";q=20;w=3600, "user-day";q=100;w=86400');
  expect(answer.headers.get("ratelimit-policy")).not.toContain("user-second");
  await send(ada);
  expect((await send(ada)).status).toBe(429);
});

test("the API keys of a user have a rate together, one key can have a lower one, and both leave the user's alone", async () => {
  const ada = await weft.person();
  const keyOf = async (operationsPerMinute: number | null): Promise<{ token: string }> => {
    const id = newId();
    const { text, secretHash, hint } = newApiKey({ tenantId: ada.tenantId, id });
    await weft.sql`insert into identity.api_keys (tenant_id, id, user_id, name, secret_hash, hint, permissions, operations_per_minute, created_by)
      values (${ada.tenantId}, ${id}, ${ada.userId}, 'Test', ${secretHash}, ${hint}, '[]', ${operationsPerMinute}, ${ada.userId})`;
    return { token: text };
  };
  const [one, other] = [await keyOf(null), await keyOf(2)];
  for (const left of [1, 0]) expect(remaining(await send(other), "key-minute")).toBe(left);
  expect((await send(other)).answer.errors?.[0]?.message).toMatch(/^The API key exceeded its limit of 2 operations per minute\./);
  for (const left of [1, 0]) expect(remaining(await send(one), "keys-minute")).toBe(left);
  expect((await send(one)).answer.errors?.[0]?.message).toMatch(
    /^The API keys of the user exceeded their limit of 4 operations per minute\./,
  );
  expect(remaining(await send(ada), "user-minute")).toBe(4);
});

test("operations can have rates by their root fields, for each user or for all together", async () => {
  const ada = await weft.person();
  const bob = await weft.person({ tenantId: ada.tenantId });
  await configure(ada, "CONTRACT", {
    rates: { user: { perMinute: 100 }, operations: { me: { perHour: 2 }, whoAmI: { per: "TENANT", perHour: 3 } } },
  });
  expect((await send(ada)).headers.get("ratelimit-policy")).toContain('"operation-me-hour";q=2;w=3600');
  expect((await send(ada, "query { ...f } fragment f on Query { again: me { name } }")).status).toBe(200);
  expect((await send(ada)).answer.errors?.[0]?.message).toMatch(/^The limit of 2 operations with "me" per hour is exceeded\./);
  expect((await send(ada, "{ greeting }")).status).toBe(200);
  // Each alias is a call.
  expect((await send(bob, "{ a: me { name } b: me { name } }")).status).toBe(200);
  expect((await send(bob)).status).toBe(429);
  for (const person of [ada, bob, ada]) expect((await send(person, "{ whoAmI }")).status).toBe(200);
  expect((await send(bob, "{ whoAmI }")).status).toBe(429);
});

test("an operation that is more than a limit allows is not told to try again", async () => {
  const ada = await weft.person();
  await configure(ada, "CONTRACT", { rates: { operations: { me: { perHour: 2 } } } });
  const { status, headers, answer } = await send(ada, "{ a: me { name } b: me { name } c: me { name } }");
  expect([status, headers.get("retry-after")]).toEqual([400, null]);
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "QUERY_LIMIT_EXCEEDED", limit: "operation-me-hour", actual: 3, max: 2 });
});

test('a rate of the field "user" is not that of the user', async () => {
  const ada = await weft.person();
  await configure(ada, "CONTRACT", { rates: { user: { perMinute: 3 }, operations: { user: { perMinute: 1 } } } });
  for (const left of [2, 1, 0]) expect(remaining(await send(ada), "user-minute")).toBe(left);
});

test("the users at an address can have a rate together", async () => {
  const ada = await weft.person();
  const bob = await weft.person({ tenantId: ada.tenantId });
  await configure(ada, "TENANT", { ownRates: { address: { perMinute: 3 } } });
  const from = (address: string) => ({ "x-forwarded-for": address });
  for (const person of [ada, bob, ada]) expect((await send(person, undefined, from("192.0.2.1"))).status).toBe(200);
  expect((await send(bob, undefined, from("192.0.2.1"))).status).toBe(429);
  expect((await send(bob, undefined, from("192.0.2.2"))).status).toBe(200);
});

test("metrics count refusals by whose rate it is, and its window", async () => {
  const ada = await weft.person();
  for (let index = 0; index < 6; index++) await send(ada);
  expect(await (await fetch(`${weft.url}/metrics`)).text()).toMatch(
    /^weft_rate_refusals_total\{scope="user",unit="operations",window="60"\} [1-9]\d*$/m,
  );
});
