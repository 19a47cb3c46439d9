import { startTestWeft, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ settings: { LIMIT_RATE_USER: "30/minute", LIMIT_RATE_TENANT: "1000/minute" } })));
afterAll(() => weft.stop());

test("REST and GraphQL share the rates of a user, with the same headers, and a problem beyond them", async () => {
  const { admin } = await weft.tenant();
  const authorization = `Bearer ${admin.token}`;
  const get = (): Promise<Response> => fetch(`${weft.url}/api/v1/buildings`, { headers: { authorization } });
  const left = ({ headers }: Response): number => Number(/"user-minute";r=(\d+);t=\d+/.exec(headers.get("ratelimit") ?? "")?.[1]);
  const first = await get();
  expect(first.headers.get("ratelimit-policy")).toMatch(/^"user-minute";q=30;w=60/);
  const graphql = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ query: "{ me { id } }" }),
  });
  expect(left(graphql)).toBe(left(first) - 1);
  for (let remaining = left(graphql) - 1; remaining >= 0; remaining--) expect(left(await get())).toBe(remaining);
  const refused = await get();
  expect(refused.status).toBe(429);
  expect(left(refused)).toBe(0);
  const problem = (await refused.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ code: "RATE_LIMITED", retryAfter: Number(refused.headers.get("retry-after")) });
});

test("vendors are not told how much the organization that they work for uses", async () => {
  const tenant = await weft.tenant();
  const { user } = await tenant.vendor();
  const policies = async (token: string): Promise<string | null> =>
    (await fetch(`${weft.url}/api/v1/requests`, { headers: { authorization: `Bearer ${token}` } })).headers.get("ratelimit-policy");
  expect(await policies(user.token)).toBe('"user-minute";q=30;w=60');
  expect(await policies(tenant.admin.token)).toMatch(/^"user-minute";q=30;w=60, "tenant-minute";q=\d+;w=60$/);
});
