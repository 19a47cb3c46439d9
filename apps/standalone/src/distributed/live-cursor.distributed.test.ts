import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { TestUser } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const password = "a quiet river 42";
let installation: Installation;
let [here, there]: (TestUser | undefined)[] = [];

beforeAll(async () => {
  installation = await startInstallation({ gateways: 2 });
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    const admin = { email: "admin@acme.example", username: "admin", name: "Ada", password };
    await createTenantWithBuiltInRoles(services, { slug: "acme", name: "Acme", plan: "ENTERPRISE", admin });
  } finally {
    await closeServices(services);
  }
  [here, there] = await Promise.all(installation.gateways.map(({ url }) => TestUser.login(url, "admin@acme.example", password)));
}, 300_000);

afterAll(async () => installation?.stop(), 120_000);

interface Changed {
  readonly version: number;
  readonly cursor: string;
}

test("a cursor from one gateway's list starts a subscription at another one, which delivers the events written in between", async () => {
  if (!here || !there) throw new Error("Nobody is logged in.");
  const loaded = await here.run<{ liveCursor: string; users: { edges: object[] } }>(
    "{ users(first: 5) { edges { node { id } } } liveCursor }",
  );
  expect(loaded.users.edges).toHaveLength(1);
  const update = `mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }`;
  await here.run(update, { input: { message: "A test", patch: { security: { fourEyesPublishing: true } } } });
  const feed = await there.subscribe<Changed>(
    "configurationChanged",
    "subscription ($after: String) { configurationChanged(after: $after) { cursor version } }",
    { after: loaded.liveCursor },
  );
  const [first] = await feed.until((payloads) => payloads.length > 0);
  expect(first?.version).toBeGreaterThan(0);
  expect(first?.cursor).not.toBe(loaded.liveCursor);
  await feed.stop();
});
