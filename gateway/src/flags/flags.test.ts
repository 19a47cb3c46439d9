import type { FlagProvider } from "@weft/platform/flags";
import { encodeId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { openLive } from "@weft/testkit/live/live-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

/** Flags that are off, for tenants by their slug. Everything else is on. */
const off = new Set<string>();
const refuse = (): never => {
  throw new Error("Weft's flags are booleans.");
};
const provider: FlagProvider = {
  metadata: { name: "test" },
  runsOn: "server",
  resolveBooleanEvaluation: async (key, _byDefault, { tenant }) => ({
    value: !off.has(`${key} ${tenant as string}`),
    reason: "TARGETING_MATCH",
  }),
  resolveStringEvaluation: refuse,
  resolveNumberEvaluation: refuse,
  resolveObjectEvaluation: refuse,
};

let weft: TestWeft;
let acme: TestTenant;
let other: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({
    settings: { WEFT_API_VARIANTS: "desk=area/people", WEFT_MANAGEMENT_PORT: 0 },
    edge: { flagProvider: provider },
  });
  [acme, other] = [await weft.tenant("Acme"), await weft.tenant("Other")];
});
afterAll(() => weft.stop());
beforeEach(() => off.clear());

const turnOff = (flag: string): void => void off.add(`${flag} ${acme.slug}`);

const rest = async ({ token }: TestUser) => {
  const response = await fetch(`${weft.url}/api/v1/requests`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const inVariant = async ({ token }: TestUser): Promise<string> => {
  const response = await fetch(`${weft.url}/variants/desk/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: "{ me { name } }" }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string; service?: string } }[] };
  return errors?.[0] === undefined ? "OK" : `${errors[0].extensions.code} ${errors[0].extensions.service}`;
};

/** Subscribes, and returns the type of the first answer, or the code of the error. */
async function subscribe({ token }: TestUser, query = "subscription { unreadNotificationCountChanged { __typename } }"): Promise<string> {
  const live = await openLive(weft.url, { token });
  live.send({ type: "subscribe", id: "1", payload: { query } });
  live.send({ type: "subscribe", id: "2", payload: { query: "{ me { name } }" } });
  expect((await live.message(({ id }) => id === "2")).type).toBe("next");
  const answered = live.messages.find(({ id }) => id === "1");
  live.close();
  if (answered?.type !== "error") return "OK";
  const [error] = answered.payload as { extensions: { code: string; service?: string } }[];
  return `${error?.extensions.code} ${error?.extensions.service}`;
}

test("the REST API can be off for one tenant, whose operations over GraphQL go on", async () => {
  turnOff("rest-api");
  expect(await rest(acme.admin)).toMatchObject({ status: 503, body: { code: "SERVICE_UNAVAILABLE", service: "rest-api" } });
  expect((await rest(other.admin)).status).toBe(200);
  expect(await acme.admin.run("{ me { name } }")).toEqual({ me: { name: "Admin of Acme" } });
  off.clear();
  expect((await rest(acme.admin)).status).toBe(200);
});

test("new subscriptions can be off for one tenant, whose queries on the same connection go on", async () => {
  turnOff("live-subscriptions");
  expect([await subscribe(acme.admin), await subscribe(other.admin)]).toEqual(["SERVICE_UNAVAILABLE live-subscriptions", "OK"]);
});

test("configured variants of the API can be off for one tenant", async () => {
  turnOff("api-variants");
  expect([await inVariant(acme.admin), await inVariant(other.admin)]).toEqual(["SERVICE_UNAVAILABLE api-variants", "OK"]);
  expect(await acme.admin.run("{ me { name } }")).toEqual({ me: { name: "Admin of Acme" } });
});

test("operators see each flag with its value for a tenant, and how often it decided", async () => {
  turnOff("rest-api");
  await rest(acme.admin);
  const { managementUrl } = weft.weft.gateway;
  const flagsOf = async (query: string) => {
    const { flags } = (await (await fetch(`${managementUrl}/flags${query}`)).json()) as {
      flags: { key: string; value: boolean; reason: string }[];
    };
    return flags.find(({ key }) => key === "rest-api");
  };
  expect(await flagsOf(`?id=${encodeId("tenant", acme.id)}&slug=${acme.slug}`)).toMatchObject({ value: false, reason: "TARGETING_MATCH" });
  expect(await flagsOf("")).toMatchObject({ value: true, default: true });
  for (const query of ["?id=usr_1&slug=acme", `?id=${encodeId("tenant", acme.id)}`, `?slug=${acme.slug}`])
    expect((await fetch(`${managementUrl}/flags${query}`)).status, query).toBe(400);
  expect((await fetch(`${weft.url}/flags`)).status).toBe(404);
  expect(await (await fetch(`${managementUrl}/metrics`)).text()).toContain(
    'weft_flag_evaluations_total{flag="rest-api",value="off",reason="TARGETING_MATCH"}',
  );
});
