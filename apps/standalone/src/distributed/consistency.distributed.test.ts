import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { TestTenant, type TestUser } from "@weft/testkit";
import { type LiveClient, openLive } from "@weft/testkit/live/live-client";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { type RandomSource, randomSource } from "@weft/testkit/random-source";
import { sized } from "@weft/testkit/sizes";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Writes at one gateway, then reads at the same or the other one, with and without the token of the write. Events are delayed: the worker that relays them is
// stopped again and again, and in the second half Redis is gone, so that no gateway and no subgraph hears of a change.

vi.setConfig({ testTimeout: 1_800_000 });

const pairs = sized({ part: 1_000, whole: 10_000 });
const lanes = 5;

let installation: Installation;
const tenants: Lane[] = [];

/** A tenant whose pairs run one after the other. */
interface Lane {
  readonly tenant: TestTenant;
  readonly probe: TestUser;
  readonly roleId: string;
  readonly random: RandomSource;
  made: number;
}

beforeAll(async () => {
  installation = await startInstallation({ gateways: 2 });
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    for (let lane = 0; lane < lanes; lane++) tenants.push(await newLane(services, `lane${lane}`));
  } finally {
    await closeServices(services);
  }
}, 300_000);

afterAll(async () => installation?.stop(), 120_000);

async function newLane(services: Awaited<ReturnType<typeof openServices>>, slug: string): Promise<Lane> {
  const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Admin", password: "a quiet river 42" };
  const { tenantId } = await createTenantWithBuiltInRoles(services, { slug, name: slug, plan: "ENTERPRISE", admin });
  const tenant = await TestTenant.open({ url: urlOf(0), tenantId, slug, name: slug, admin });
  const roleId = await tenant.role("probe", []);
  return { tenant, probe: await tenant.user("probe"), roleId, random: randomSource(Number(/\d+/.exec(slug)?.[0])), made: 0 };
}

const urlOf = (gateway: number): string => installation.gateways[gateway]?.url ?? "";

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
  readonly extensions?: { readonly consistency?: { readonly token: string } };
}

async function send(
  gateway: number,
  { token }: TestUser,
  query: string,
  { variables, ...consistency }: { variables?: object; after?: string | undefined; returnToken?: true },
): Promise<Answer> {
  const response = await fetch(`${urlOf(gateway)}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables, extensions: { consistency } }),
  });
  return (await response.json()) as Answer;
}

/** Runs a mutation. Returns its data and the token. */
async function write(
  gateway: number,
  user: TestUser,
  query: string,
  variables: object,
): Promise<{ data: Record<string, unknown>; after: string }> {
  const { data, errors, extensions } = await send(gateway, user, query, { variables, returnToken: true });
  const after = extensions?.consistency?.token;
  if (errors || !data || after === undefined) throw new Error(`The write failed: ${JSON.stringify({ data, errors, extensions })}.`);
  return { data, after };
}

/** One pair: writes at one gateway and reads at another one. Returns what was read and is older than the write; undefined if nothing is. */
type Pair = (
  lane: Lane,
  at: { readonly writer: number; readonly reader: number },
  withToken: (after: string) => string | undefined,
) => Promise<string | undefined>;

const building: Pair = async (lane, { writer, reader }, withToken) => {
  const code = `B${++lane.made}`;
  const create = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }";
  const { after } = await write(writer, lane.tenant.admin, create, { input: { code, name: code } });
  const list = "query ($code: String!) { buildings(first: 1, filter: { code: { eq: $code } }) { edges { node { code } } } }";
  const { data, errors } = await send(reader, lane.tenant.admin, list, { variables: { code }, after: withToken(after) });
  const { edges } = (data?.["buildings"] ?? { edges: [] }) as { edges: readonly object[] };
  return edges.length === 1 ? undefined : `the list has no ${code}: ${JSON.stringify(errors)}`;
};

const rights: Pair = async (lane, { writer, reader }, withToken) => {
  const isAllowed = ++lane.made % 2 === 0;
  const change = "mutation ($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { id } } }";
  const permissions = isAllowed ? [{ permission: "building.read", scope: "TENANT" }] : [];
  // Its viewer is in the cache of the reader, with the rights before.
  await send(reader, lane.probe, "{ __typename me { id } }", {});
  const { after } = await write(writer, lane.tenant.admin, change, { input: { roleId: lane.roleId, permissions } });
  const { data, errors } = await send(reader, lane.probe, "{ buildings(first: 1) { edges { node { id } } } }", { after: withToken(after) });
  const wasAllowed = (data?.["buildings"] ?? null) !== null;
  return wasAllowed === isAllowed ? undefined : `the user was ${wasAllowed ? "still" : "not yet"} allowed: ${JSON.stringify(errors)}`;
};

const zones = ["Europe/Zurich", "Asia/Tokyo", "America/Lima", "Africa/Cairo"];

const configuration: Pair = async (lane, { writer, reader }, withToken) => {
  const timeZone = zones[++lane.made % zones.length] ?? "";
  const preferences = "{ notificationPreferences { timeZone } }";
  await send(reader, lane.tenant.admin, preferences, {});
  const { after } = await write(writer, lane.tenant.admin, updateConfiguration, { input: { message: "A test", patch: { timeZone } } });
  const { data, errors } = await send(reader, lane.tenant.admin, preferences, { after: withToken(after) });
  const shown = (data?.["notificationPreferences"] as { timeZone: string } | null | undefined)?.timeZone;
  return shown === timeZone ? undefined : `the time zone was ${shown} and not ${timeZone}: ${JSON.stringify(errors)}`;
};

const updateConfiguration =
  "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";

interface Changed {
  readonly data: { readonly configurationChanged: { readonly version: number } };
}

/** The first payload after a subscription has begun must be of the next write, however late the events are. */
const subscription: Pair = async (lane, { writer, reader }, withToken) => {
  const set = async (): Promise<{ version: number; after: string }> => {
    const timeZone = zones[++lane.made % zones.length] ?? "";
    const { data, after } = await write(writer, lane.tenant.admin, updateConfiguration, {
      input: { message: "A test", patch: { timeZone } },
    });
    return { version: (data["updateConfiguration"] as { configuration: { version: number } }).configuration.version, after };
  };
  const socket: LiveClient = await openLive(urlOf(reader), { token: lane.tenant.admin.token, init: { livePings: true } });
  try {
    const seen = await set();
    const extensions = { consistency: { after: withToken(seen.after) } };
    socket.send({ type: "subscribe", id: "1", payload: { query: "subscription { configurationChanged { version } }", extensions } });
    await socket.message(({ type }) => type === "ping");
    const next = await set();
    const [first] = (await socket.payloads("1", 1, 30_000)) as unknown as Changed[];
    const version = first?.data.configurationChanged.version;
    return version === next.version ? undefined : `the first event was of version ${version}, after version ${seen.version} had been seen`;
  } finally {
    socket.close();
  }
};

/** Stops the worker again and again, so that events are numbered late. Returns a function that ends this. */
function delayEvents(): () => Promise<void> {
  const pid = installation.workers[0]?.pid() ?? 0;
  const random = randomSource(7);
  let isOver = false;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const stopping = (async () => {
    while (!isOver) {
      process.kill(pid, "SIGSTOP");
      await pause(random.below(400));
      process.kill(pid, "SIGCONT");
      await pause(random.below(150));
    }
  })();
  return () => {
    isOver = true;
    return stopping;
  };
}

const weighted: readonly Pair[] = [
  building,
  building,
  building,
  rights,
  rights,
  rights,
  configuration,
  configuration,
  configuration,
  subscription,
];

/** Runs random pairs in all lanes. Returns what was older. */
async function olderOf(count: number, kinds: readonly Pair[], withToken: (after: string) => string | undefined): Promise<string[]> {
  const older: string[] = [];
  let left = count;
  await Promise.all(
    tenants.map(async (lane) => {
      while (left-- > 0) {
        const pair = lane.random.pick(kinds);
        const writer = lane.random.below(2);
        const reader = lane.random.chance(0.8) ? 1 - writer : writer;
        const found = await pair(lane, { writer, reader }, withToken);
        if (found !== undefined) older.push(`${pair.name}: ${found}`);
      }
    }),
  );
  return older;
}

test("of random writes at one gateway and reads at another one with the token of the write, none shows an older state; without the token, some do", async () => {
  const stop = delayEvents();
  try {
    const startedAt = performance.now();
    expect(await olderOf(pairs / 2, weighted, (after) => after)).toEqual([]);
    await installation.redis.kill();
    expect(await olderOf(pairs / 2, weighted, (after) => after)).toEqual([]);
    const seconds = (performance.now() - startedAt) / 1_000;
    const withoutToken: Record<string, number> = {};
    for (const kind of [building, rights, configuration, subscription])
      withoutToken[kind.name] = (await olderOf(30, [kind], () => undefined)).length;
    process.stdout.write(
      `${pairs} pairs in ${seconds.toFixed(0)} s, none older. Without a token, of 30 of each kind: ${JSON.stringify(withoutToken)}\n`,
    );
    // The test can see what it looks for. Lists are never older, because there is nothing between a write and them.
    expect(withoutToken).toMatchObject({ building: 0 });
    expect(withoutToken["rights"]).toBeGreaterThan(0);
    expect(withoutToken["configuration"]).toBeGreaterThan(0);
    expect(withoutToken["subscription"]).toBeGreaterThan(0);
  } finally {
    await stop();
  }
});
