import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createTenantWithBuiltInRoles } from "@weft/identity";
import { decodeId } from "@weft/shared/ids";
import type { Services } from "@weft/platform/services";
import { closeServices, openServices } from "@weft/api/subgraph";
import { type AcceptedTransition, brokenInvariants, TestTenant, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { afterAll, beforeAll, expect, test } from "vitest";

// F4, F5: PostgreSQL is restarted and crashes while twenty tenants use the API.

const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id version } } } }`;
const submitRequest = `mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id state workflow { id version } } } }`;
const listRequests = "{ requests(first: 10) { edges { node { data } } } }";

interface Changed {
  readonly request: { readonly id: string; readonly workflow: { readonly id: string; readonly version: number } };
}

interface Tally {
  readonly accepted: AcceptedTransition[];
  /** Summaries of requests that were visible to users who must not see them. */
  readonly foreign: string[];
  /** Responses other than success, by code. */
  readonly refusals: Map<string, number>;
  /** Time of the last successful response, by tenant. */
  readonly servedAt: Map<string, number>;
}

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
const tenants: TestTenant[] = [];

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl, LOG_LEVEL: "error" } });
  await weft.start();
  const services = await openServices({ ...weft.env, DATABASE_POOL_SIZE: "4" });
  try {
    // A few at a time, so that a busy machine does not refuse what is only preparation.
    for (let made = 0; made < 20; made += 4) {
      tenants.push(...(await Promise.all([0, 1, 2, 3].map((nth) => aTenant(services, `tenant-${made + nth}`)))));
    }
  } finally {
    await closeServices(services);
  }
}, 300_000);

afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

async function aTenant(services: Services, slug: string): Promise<TestTenant> {
  const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Admin", password: "a quiet river 42" };
  const { tenantId } = await createTenantWithBuiltInRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
  const tenant = await TestTenant.open({ url: weft.url, tenantId, slug, name: slug, admin });
  await tenant.maintenance();
  return tenant;
}

/** Runs one tenant's work repeatedly: a request, its submission, a list. Failed calls are repeated with the same key, as clients are told to do. */
async function work(tenant: TestTenant, tally: Tally, signal: AbortSignal): Promise<void> {
  const persist = async <T>(query: string, variables: Record<string, unknown>): Promise<T | null> => {
    while (!signal.aborted) {
      const { data, errors } = await tenant.admin.send<T>(query, variables);
      if (errors === undefined && data) {
        tally.servedAt.set(tenant.slug, performance.now());
        return data;
      }
      const code = errors?.[0]?.extensions?.code ?? "no code";
      tally.refusals.set(code, (tally.refusals.get(code) ?? 0) + 1);
      await delay(50);
    }
    return null;
  };
  const accept = ({ request }: Changed): void =>
    void tally.accepted.push({ instanceId: decodeId("instance", request.workflow.id, "id"), version: request.workflow.version });

  for (let round = 0; !signal.aborted; round++) {
    const input = { typeKey: "maintenance", data: { summary: tenant.slug, estimate: 1 }, idempotencyKey: `create-${round}` };
    const created = await persist<{ createRequest: Changed }>(createRequest, { input });
    if (!created) break;
    accept(created.createRequest);
    const { id } = created.createRequest.request;
    const submitted = await persist<{ submitRequest: Changed }>(submitRequest, { input: { id, idempotencyKey: `submit-${round}` } });
    if (!submitted) break;
    accept(submitted.submitRequest);
    const listed = await persist<{ requests: { edges: { node: { data: { summary: string } } }[] } }>(listRequests, {});
    tally.foreign.push(...(listed?.requests.edges ?? []).map(({ node }) => node.data.summary).filter((summary) => summary !== tenant.slug));
  }
}

/** Log entries about bugs, for the message of a failure. */
const bugsIn = (output: string): string =>
  output
    .split("\n")
    .filter((line) => line.includes('"level":"error"') && !line.includes("SERVICE_UNAVAILABLE"))
    .slice(0, 6)
    .join("\n");

test(
  "twenty tenants during restarts and crashes of PostgreSQL: they are told to wait, served again within five seconds, and nothing is mixed up, half done or lost",
  { timeout: 240_000 },
  async () => {
    const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));
    const pauseMs = (nth: number): number => 1_500 + ((seed * (nth + 7)) % 1_500);
    const tally: Tally = { accepted: [], foreign: [], refusals: new Map(), servedAt: new Map() };
    const ending = new AbortController();
    const pid = weft.pid();
    const workers = tenants.map((tenant) => work(tenant, tally, ending.signal));
    // If a worker fails, the test must fail at once, instead of waiting for its successes.
    const failed = Promise.all(workers).then(() => undefined);
    failed.catch(() => undefined);

    const restart = (): Promise<void> => database.restart();
    const crash = (): Promise<void> => database.crash();
    const outages = [restart, crash, restart, crash, restart];
    for (const [nth, outage] of outages.entries()) {
      await delay(pauseMs(nth));
      await outage();
      const backAt = performance.now();
      const served = (): number => [...tally.servedAt.values()].filter((at) => at > backAt).length;
      await until(() => served() > 0, { what: `somebody is served again (SEED=${seed})`, deadlineMs: 5_000 });
      const firstMs = performance.now() - backAt;
      await until(() => served() === tenants.length, { what: `every tenant is served again (SEED=${seed})`, deadlineMs: 15_000 });
      console.log(
        `outage ${nth + 1}: the first was served after ${Math.round(firstMs)} ms, all after ${Math.round(performance.now() - backAt)} ms`,
      );
    }
    await delay(1_000);
    ending.abort();
    await failed;

    console.log(
      `SEED=${seed}: ${tally.accepted.length} accepted transitions, refused ${JSON.stringify(Object.fromEntries(tally.refusals))}`,
    );
    expect([...tally.refusals.keys()], bugsIn(weft.output())).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(tally.foreign).toEqual([]);
    expect(weft.pid()).toBe(pid);
    expect((await fetch(`${weft.url}/health/live`)).status).toBe(200);
    expect(weft.output()).not.toMatch(/"level":"fatal"/);
    expect(await brokenInvariants({ ownerUrl, accepted: tally.accepted })).toEqual([]);
  },
);
