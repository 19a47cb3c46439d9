import { startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import { openLive } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => {
  const settings = { LIMIT_RATE_USER: "200/minute, 100000 cost/hour", LIMIT_RATE_API_KEY: "none", LIMIT_RATE_TENANT: "1000/hour" };
  weft = await startTestWeft({ settings });
});
afterAll(() => weft.stop());

interface RateLimit {
  readonly policy: string;
  readonly used: number;
  readonly remaining: number;
  readonly resetAt: string;
}
const query = "{ limits { policy scope unit field limit used remaining windowSeconds resetAt } }";
const limitsOf = async (user: TestUser): Promise<RateLimit[]> => (await user.run<{ limits: RateLimit[] }>(query)).limits;

test("limits shows the rates of the caller and of the organization, with what is left of each", async () => {
  const { admin } = await weft.tenant();
  const first = await limitsOf(admin);
  expect(first).toMatchObject([
    { policy: "user-minute", scope: "USER", unit: "OPERATIONS", field: null, limit: 200, windowSeconds: 60 },
    { policy: "user-cost-hour", scope: "USER", unit: "COST", field: null, limit: 100_000, windowSeconds: 3_600 },
    { policy: "tenant-hour", scope: "TENANT", unit: "OPERATIONS", field: null, limit: 1_000, windowSeconds: 3_600 },
  ]);
  const second = await limitsOf(admin);
  for (const [place, { policy, used, remaining, resetAt }] of first.entries()) {
    const cost = policy === "user-cost-hour" ? 10 : 1;
    expect(second[place]).toMatchObject({ policy, used: used + cost, remaining: remaining - cost });
    expect(Date.parse(second[place]?.resetAt ?? "") - Date.parse(resetAt)).toBeLessThan(1_000);
  }
});

test.each([
  ["three IDs", "{ nodes(ids: $ids) { id } }", 3],
  ["400 days of each calendar", "{ workCalendars { days(first: 400) { date } } }", 10 * (1 + 400)],
])("an operation with %s costs each of them", async (_what, selection, cost) => {
  const { admin } = await weft.tenant();
  const headers = { authorization: `Bearer ${admin.token}`, "content-type": "application/json", "graphql-cost": "report" };
  const document = selection.includes("$ids") ? `query ($ids: [ID!]!) ${selection}` : selection;
  const body = JSON.stringify({ query: document, variables: { ids: [admin.id, admin.id, admin.id] } });
  const response = await fetch(`${weft.url}/graphql`, { method: "POST", headers, body });
  expect(await response.json()).toMatchObject({ extensions: { cost: { requested: cost } } });
});

test("limits shows each user their own, over sockets and REST, too", async () => {
  const tenant = await weft.tenant();
  const user = await tenant.user("requester");
  const [before] = await limitsOf(user);
  await tenant.admin.run("{ me { id } }");
  const socket = await openLive(weft.url, { token: user.token });
  socket.send({ type: "subscribe", id: "a", payload: { query } });
  const { payload } = await socket.message(({ id }) => id === "a");
  expect(payload).toMatchObject({ data: { limits: [{ policy: "user-minute", used: (before?.used ?? 0) + 1 }, {}, {}] } });
  socket.close();
  const rest = await fetch(`${weft.url}/api/v1/limits`, { headers: { authorization: `Bearer ${user.token}` } });
  expect(await rest.json()).toMatchObject({ items: [{ policy: "user-minute", used: (before?.used ?? 0) + 2 }, {}, {}] });
});

test("administrators can lower the rates of their organization, and not those of its plan", async () => {
  const tenant = await weft.tenant();
  const change = async (patch: object): Promise<unknown> => {
    const response = await fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tenant.admin.token}` },
      body: JSON.stringify({
        query: "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
        variables: { input: { message: "Slower", patch } },
      }),
    });
    const { errors } = (await response.json()) as { errors?: { message: string }[] };
    return errors?.[0]?.message;
  };
  expect(await change({ rates: { user: { perMinute: 1_000_000 } } })).toContain("cannot be set at the level TENANT");
  expect(await change({ ownRates: { user: { costPerMinute: 5 } } })).toContain("5 is less than 1000");
  expect(
    await change({ ownRates: { user: { perMinute: 150, perHour: 900 }, operations: { me: { per: "TENANT", perDay: 7 } } } }),
  ).toBeUndefined();
  const { limits } = await tenant.admin.run<{ limits: object[] }>("{ me { id } limits { policy field limit } }");
  expect(limits).toEqual([
    { policy: "user-minute", field: null, limit: 150 },
    { policy: "user-hour", field: null, limit: 900 },
    { policy: "user-cost-hour", field: null, limit: 100_000 },
    { policy: "operation-me-tenant-day", field: "me", limit: 7 },
    { policy: "tenant-hour", field: null, limit: 1_000 },
  ]);
});

test("limits hides from vendors what the organization uses, and requires a login", async () => {
  const tenant = await weft.tenant();
  const { user } = await tenant.vendor();
  expect((await limitsOf(user)).map(({ policy }) => policy)).toEqual(["user-minute", "user-cost-hour"]);
  const answer = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ limits { used } }" }),
  });
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
});
