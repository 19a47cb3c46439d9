import { join } from "node:path";
import { type ApiResult, brokenInvariants, type Feed, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoPassword } from "@weft/shared/demo";

// F22: SIGTERM while requests are being processed.

const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }`;
const transitions = "subscription { workflowTransitioned { version } }";

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
}, 300_000);
afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

/** Another process on the same database has the same keys. */
const keysFile = (): string => join(weft.env["WEFT_DATA_DIR"] ?? "", "keys.json");

const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@acme.com`, demoPassword(`${name}@acme.com`));

test(
  "F22: on SIGTERM requests in flight are completed, new ones refused, sockets closed with 1012, and the process exits with 0 within 20 s",
  { timeout: 120_000 },
  async () => {
    const rita = await login("requester");
    const sockets: Feed<object>[] = [];
    for (let nth = 0; nth < 5; nth++) sockets.push(await rita.subscribe<object>("workflowTransitioned", transitions));
    const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
    const [held, locked] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()];
    // Blocks every writer of requests, so that requests are certainly in progress when the signal arrives.
    const holder = owner.begin(async (sql) => {
      const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await sql`lock table requests.requests in share mode`;
      locked.resolve(row?.pid ?? 0);
      await held.promise;
    });
    const holderPid = await locked.promise;
    const look = postgres(ownerUrl, { max: 1, onnotice: () => {} });
    const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 1 } };
    const inFlight = Array.from({ length: 8 }, (): Promise<ApiResult> => rita.send(createRequest, { input }));
    const waiting = async (): Promise<number> =>
      (await look`select from pg_stat_activity where application_name = 'weft app' and wait_event_type = 'Lock'`).length;
    await until(async () => (await waiting()) === 8, { what: `eight writers wait for ${holderPid}`, deadlineMs: 20_000 });

    const told = performance.now();
    process.kill(weft.pid(), "SIGTERM");
    for (const socket of sockets) expect(await socket.untilClosed(10_000)).toMatchObject({ code: 1012 });
    const late = await rita.send("{ me { id } }").then(
      ({ errors }) => errors?.[0]?.extensions?.code ?? "answered",
      () => "refused",
    );
    expect(["refused", "SERVICE_UNAVAILABLE"]).toContain(late);
    held.resolve();
    await holder;
    const answers = await Promise.all(inFlight);
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(await weft.ended(), weft.output().slice(-3_000)).toBe(0);
    expect(performance.now() - told).toBeLessThan(20_000);
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
    await Promise.all([owner.end(), look.end()]);
  },
);

test("F22: requests that hang are cut off after the drain timeout, and the process still exits with 0", { timeout: 120_000 }, async () => {
  const patient = { DATABASE_LOCK_TIMEOUT_MS: "60000", DATABASE_STATEMENT_TIMEOUT_MS: "60000", WEFT_REQUEST_TIMEOUT_MS: "60000" };
  const other = await standaloneProcess({
    program: "server",
    settings: { ...patient, DATABASE_OWNER_URL: ownerUrl, WEFT_KEYS_FILE: keysFile(), WEFT_DRAIN_TIMEOUT_MS: "2000" },
  });
  await other.start();
  const rita = await TestUser.login(other.url, "requester@acme.com", demoPassword("requester@acme.com"));
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const [held, locked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holder = owner.begin(async (sql) => {
    await sql`lock table requests.requests in share mode`;
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 1 } };
  const look = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const hanging = rita.send(createRequest, { input }).then(
    ({ errors }) => errors?.[0]?.extensions?.code,
    () => "cut off",
  );
  const isWaiting = async (): Promise<boolean> =>
    (await look`select from pg_stat_activity where application_name = 'weft app' and wait_event_type = 'Lock'`).length === 1;
  await until(isWaiting, { what: "the writer waits", deadlineMs: 20_000 });
  const told = performance.now();
  process.kill(other.pid(), "SIGTERM");
  expect(await other.ended(), other.output().slice(-3_000)).toBe(0);
  expect(performance.now() - told).toBeLessThan(20_000);
  expect(["cut off", "SERVICE_UNAVAILABLE"]).toContain(await hanging);
  held.resolve();
  await holder;
  await Promise.all([owner.end(), look.end(), other.remove()]);
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});
