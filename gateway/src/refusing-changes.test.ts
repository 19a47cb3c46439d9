import { RateLimited } from "@weft/shared/errors";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "./testing/start-gateway.js";

const refusal = new RateLimited({ retryAfter: 5 }, "The demo data is still being created.");
let weft: TestGateway;
let closedTenant: string | undefined;
let isClosedToAnonymous = false;

beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), {
    gateway: () => ({
      refusalOfChanges: (viewer) => ((viewer === null ? isClosedToAnonymous : viewer.tenantId === closedTenant) ? refusal : undefined),
    }),
  });
});
afterAll(() => weft.stop());

test("users of a tenant that takes no changes can read; their changes are refused with a sentence and a time", async () => {
  const { tenantId, token } = await weft.person();
  const other = await weft.person();
  closedTenant = tenantId;
  expect(await weft.run("{ me { name } }", { token })).toEqual({ data: { me: { name: "Ada" } } });
  const { errors } = await weft.run('mutation Rename { rename(name: "Ada") }', { token });
  expect(errors).toEqual([
    {
      message: "The demo data is still being created. Try again in 5 s.",
      extensions: expect.objectContaining({ code: "RATE_LIMITED", retryAfter: 5 }) as unknown,
    },
  ]);
  expect((await weft.run('mutation Rename { rename(name: "Ada") }', { token: other.token })).errors).toBeUndefined();
  closedTenant = undefined;
  expect((await weft.run('mutation Rename { rename(name: "Ada") }', { token })).errors).toBeUndefined();
});

test("changes of clients without a login are refused in the same way, and they can still read and log in", async () => {
  isClosedToAnonymous = true;
  const codeOf = async (query: string) => (await weft.run(query)).errors?.[0]?.extensions?.["code"];
  for (const query of [
    'mutation { signUp(name: "Ada") }',
    'mutation { login(password: "a") signUp(name: "Ada") }',
    'mutation { ... { signUp(name: "Ada") } }',
  ])
    expect(await codeOf(query), query).toBe("RATE_LIMITED");
  for (const query of ["{ __typename }", 'mutation { login(password: "a") }']) expect(await codeOf(query), query).toBeUndefined();
  isClosedToAnonymous = false;
  expect(await codeOf('mutation { signUp(name: "Ada") }')).toBeUndefined();
});

test("changes that the process itself sends are not refused", async () => {
  const { tenantId, token } = await weft.person();
  closedTenant = tenantId;
  const response = await weft.gateway.fetch("http://localhost/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: 'mutation Rename { rename(name: "Ada") }' }),
  });
  expect(await response.json()).not.toHaveProperty("errors");
});
