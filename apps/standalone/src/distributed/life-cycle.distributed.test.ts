import { createPlatformTenant, createTenantWithBuiltInRoles, createUserWithRoles } from "@weft/identity";
import { encodeId } from "@weft/shared/ids";
import { closeServices, openServices } from "@weft/api/subgraph";
import { ApiClient, aSecondMs, type Feed, TestUser, until } from "@weft/testkit";
import { fastestOf } from "@weft/testkit/cost/fastest-of";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

// The operator uses gateway a, which forwards to identity. The affected user is connected to gateway b.

let installation: Installation;
let tenantId = "";
let operator: TestUser;
let [a, b] = ["", ""];

vi.setConfig({ testTimeout: 60_000 });

const password = "a quiet river 42";
const personOf = (email: string) => ({ email, username: email.split("@")[0] ?? email, name: email, password });
const ada = "ada@acme.example";

beforeAll(async () => {
  installation = await startInstallation({ gateways: 2 });
  [a, b] = [installation.gateways[0]?.url ?? "", installation.gateways[1]?.url ?? ""];
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    const platform = await createPlatformTenant(services, { name: "Platform", admin: personOf("root@platform.example") });
    await createUserWithRoles(services, platform.tenantId, { ...personOf("otto@platform.example"), roles: ["platform_operator"] });
    const made = await createTenantWithBuiltInRoles(services, { slug: "acme", name: "Acme", plan: "ENTERPRISE", admin: personOf(ada) });
    tenantId = encodeId("tenant", made.tenantId);
  } finally {
    await closeServices(services);
  }
  operator = await TestUser.login(a, "otto@platform.example", password);
}, 300_000);

afterAll(async () => installation?.stop(), 120_000);

const change = (name: string) => `mutation Change($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { __typename } }`;
const ping = "{ me { id } }";
const follow = (who: TestUser): Promise<Feed<unknown>> =>
  who.subscribe("notificationReceived", "subscription { notificationReceived { cursor } }");

/** Returns the time from the response of the change until the user is refused with this code and the socket is closed. */
async function reachedAfterMs(who: TestUser, feed: Feed<unknown>, code: string): Promise<number[]> {
  const changedAt = performance.now();
  const refused = until(async () => (await who.send(ping)).errors?.[0]?.extensions?.code === code, { what: code, deadlineMs: 5_000 });
  const closed = feed.untilClosed();
  const since = <T>(happened: Promise<T>) => happened.then(() => performance.now() - changedAt);
  return Promise.all([since(refused), since(closed)]);
}

/** Suspends the tenant at one gateway while a user works at the other, then reactivates it. */
async function suspension(): Promise<number[]> {
  const person = await TestUser.login(b, ada, password);
  const feed = await follow(person);
  await operator.run(change("deactivateTenant"), { input: { tenantId, reason: "A test" } });
  const reached = await reachedAfterMs(person, feed, "TENANT_SUSPENDED");
  await expect(TestUser.login(b, ada, password)).rejects.toThrow("TENANT_SUSPENDED");
  await operator.run(change("reactivateTenant"), { input: { tenantId, reason: "A test" } });
  await until(async () => (await person.send(ping)).errors === undefined, { what: "the session goes on", deadlineMs: aSecondMs });
  return reached;
}

/** An operator acts at one gateway, and the tenant's administrator ends the session at the other. */
async function endOfActing(): Promise<number[]> {
  const { actAsTenant } = await operator.run<{ actAsTenant: { accessToken: string; session: { id: string } } }>(
    "mutation Act($input: ActAsTenantInput!) { actAsTenant(input: $input) { accessToken session { id } } }",
    { input: { tenantId, reason: "A test" } },
  );
  const inside = await TestUser.withToken(b, actAsTenant.accessToken);
  const feed = await follow(inside);
  const admin = await TestUser.login(a, ada, password);
  await admin.run(change("endOperatorSession"), { input: { id: actAsTenant.session.id } });
  return reachedAfterMs(inside, feed, "UNAUTHENTICATED");
}

let made = 0;

/** Creates a user of the tenant, who is connected to gateway b. */
async function aUser(admin: TestUser): Promise<TestUser> {
  const email = `user-${++made}@acme.example`;
  await admin.run(change("createUser"), { input: { email, name: "User", roleKeys: ["viewer"], password } });
  return TestUser.firstLogin(b, email, password);
}

/** Ends what a user acts with at gateway a, while the user is connected to gateway b: sessions in each way, and a key. */
async function revocations(): Promise<number[]> {
  const admin = await TestUser.login(a, ada, password);
  const reached: number[] = [];
  const ended = async (who: TestUser, end: () => Promise<unknown>): Promise<void> => {
    const feed = await follow(who);
    expect((await who.send(ping)).errors).toBeUndefined();
    await end();
    reached.push(...(await reachedAfterMs(who, feed, "UNAUTHENTICATED")));
  };
  const atA = (who: TestUser): ApiClient => new ApiClient(a, who.token);

  const leaving = await aUser(admin);
  await ended(leaving, () => atA(leaving).run("mutation { logout { sessionId } }"));

  const renewing = await aUser(admin);
  // The password is changed in another session, which stays open.
  const other = await TestUser.login(a, renewing.login, renewing.password);
  const passwords = { currentPassword: renewing.password, newPassword: `${password} and a lake` };
  await ended(renewing, () => other.run(change("changePassword"), { input: passwords }));
  expect((await other.send(ping)).errors).toBeUndefined();

  const lost = await aUser(admin);
  await ended(lost, () => admin.run("mutation ($id: ID!) { revokeUserSessions(input: { userId: $id }) { endedCount } }", { id: lost.id }));

  const dismissed = await aUser(admin);
  await ended(dismissed, () => admin.run(change("deactivateUser"), { input: { id: dismissed.id } }));

  const { createApiKey } = await admin.run<{ createApiKey: { key: string; apiKey: { id: string } } }>(
    "mutation Change($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }",
    { input: { name: `Key ${++made}`, permissions: [{ permission: "user.read", scope: "TENANT" }] } },
  );
  const robot = await TestUser.withToken(b, createApiKey.key);
  await ended(robot, () => admin.run(change("revokeApiKey"), { input: { id: createApiKey.apiKey.id } }));
  process.stdout.write(`what was revoked is refused at the other gateway after ${reached.map((ms) => ms.toFixed(0)).join(", ")} ms\n`);
  return reached;
}

const bothReachedAfterMs = async (): Promise<number[]> => [...(await suspension()), ...(await endOfActing())];

describe("in less than a second, with and without Redis,", () => {
  test("a suspended tenant is refused at every gateway and its sockets are closed; an operator's ended session is refused everywhere", async () => {
    for (const ms of await fastestOf(bothReachedAfterMs, 1_000)) expect(ms).toBeLessThan(1_000);
    await installation.redis.kill();
    try {
      for (const ms of await fastestOf(bothReachedAfterMs, 1_000)) expect(ms).toBeLessThan(1_000);
    } finally {
      await installation.redis.start();
    }
  });

  test("an ended session is refused at every gateway after a logout, a new password, a revocation and a deactivation; so is a revoked key", async () => {
    for (const ms of await fastestOf(revocations, 1_000)) expect(ms).toBeLessThan(1_000);
    await installation.redis.kill();
    try {
      for (const ms of await fastestOf(revocations, 1_000)) expect(ms).toBeLessThan(1_000);
    } finally {
      await installation.redis.start();
    }
  });
});
