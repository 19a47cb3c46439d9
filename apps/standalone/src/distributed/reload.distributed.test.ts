import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { composeSupergraph } from "@weft/gateway";
import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { type ApiClient, TestTenant, type TestUser, until } from "@weft/testkit";
import { openLive } from "@weft/testkit/live/live-client";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { parse, print, visit } from "graphql";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { allSubgraphs } from "../subgraphs.js";
import { vendorPortalFor } from "../supergraph.js";

// A gateway process that serves another supergraph when its file changes.

const perSecond = 200;
const seconds = 12;
const subgraphs = allSubgraphs();
const folder = mkdtempSync(join(tmpdir(), "weft-reload-"));
let installation: Installation;

vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  write(whole);
  installation = await startInstallation({
    workers: 1,
    settings: { WEFT_SUPERGRAPH_DIR: folder, WEFT_SUPERGRAPH_POLL_MS: "200", LOG_LEVEL: "info" },
  });
}, 300_000);

afterAll(async () => {
  await installation?.stop();
  rmSync(folder, { recursive: true });
}, 120_000);

/** Replaces the files as a deployment would: nobody reads a part of one. */
function write(supergraphSdl: string): void {
  const files = { "supergraph.graphql": supergraphSdl, "vendor-portal.graphql": vendorPortal };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  }
}

/** The supergraph, and the same without `User.username`. Composed before the load, because composing takes seconds of this process. */
const whole = composeSupergraph(subgraphs);
const vendorPortal = vendorPortalFor(subgraphs);
const smaller = composeSupergraph(
  subgraphs.map(({ name, sdl }) => ({
    name,
    sdl: print(
      visit(parse(sdl), {
        ObjectTypeDefinition: (type) =>
          type.name.value === "User"
            ? { ...type, fields: type.fields?.filter((field) => field.name.value !== "username") ?? [] }
            : undefined,
      }),
    ),
  })),
);

async function newTenant(slug: string): Promise<TestTenant> {
  const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Admin", password: "a quiet river 42" };
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    const { tenantId } = await createTenantWithBuiltInRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
    return await TestTenant.open({ url: installation.gateways[0]?.url ?? "", tenantId, slug, name: slug, admin });
  } finally {
    await closeServices(services);
  }
}

/** Sends operations at a steady rate. Returns how long each took, and what failed. */
async function sendAtRate(users: readonly TestUser[], operations: readonly string[]) {
  const failed: unknown[] = [];
  const latencies: number[] = [];
  const sent: Promise<void>[] = [];
  const send = async (user: ApiClient, query: string): Promise<void> => {
    const began = performance.now();
    const { data, errors } = await user.send(query).catch((error: unknown) => ({ data: null, errors: error }));
    if (errors !== undefined || !data) failed.push(errors);
    latencies.push(performance.now() - began);
  };
  const began = performance.now();
  for (let number = 0; number < perSecond * seconds; number++) {
    await delay(Math.max(0, began + (number * 1_000) / perSecond - performance.now()));
    sent.push(send(users[number % users.length] as TestUser, operations[number % operations.length] ?? ""));
  }
  await Promise.all(sent);
  return { failed, latencies: latencies.toSorted((a, b) => a - b) };
}

test("under 200 requests a second, a changed supergraph file is served without a restart, no request is dropped, and subscriptions go on", async () => {
  const tenants = await Promise.all(["acme", "globex", "initech", "hooli"].map(newTenant));
  const [acme] = tenants as [TestTenant];
  const gateway = installation.gateways[0] as Installation["gateways"][number];
  const operations = ["{ me { id name } }", "{ tenant { slug plan } }", "{ me { roles { key } } }", "{ __typename me { email } }"];
  for (const query of [...operations, "{ me { username } }"]) await acme.admin.run(query);
  const client = await openLive(gateway.url, { token: acme.admin.token });
  client.send({ type: "subscribe", id: "1", payload: { query: "subscription { configurationChanged { cursor } }" } });
  client.send({ type: "subscribe", id: "settled", payload: { query: "{ me { id } }" } });
  await client.message(({ id, type }) => id === "settled" && type === "complete");
  const pid = gateway.pid();

  const sending = sendAtRate(
    tenants.map(({ admin }) => admin),
    operations,
  );
  const isRefused = async (): Promise<boolean> => ((await acme.admin.send("{ me { username } }")).errors ?? []).length > 0;
  await delay(2_000);
  write(smaller);
  await until(isRefused, { what: "the smaller supergraph is served", deadlineMs: 60_000, everyMs: 100 });
  write("type Query { broken: Int }");
  await until(() => gateway.output().includes("cannot be served"), { what: "the broken supergraph is refused", deadlineMs: 60_000 });
  expect(await isRefused()).toBe(true);
  write(whole);
  await until(async () => !(await isRefused()), { what: "the first supergraph is served again", deadlineMs: 60_000, everyMs: 100 });

  const { failed, latencies } = await sending;
  const at = (share: number): number => Math.round(latencies[Math.floor(share * (latencies.length - 1))] ?? 0);
  console.log(`${latencies.length} requests during two reloads; latency ms: median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}`);
  expect(failed).toEqual([]);
  expect(gateway.pid()).toBe(pid);
  await acme.admin.run('mutation { updateConfiguration(input: { patch: { locale: "de" }, message: "A test" }) { __typename } }');
  expect(await client.payloads("1", 1)).toHaveLength(1);
  client.close();
});
