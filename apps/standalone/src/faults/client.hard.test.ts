import { setTimeout as delay } from "node:timers/promises";
import { createWeftClient, NetworkError, UnknownOutcomeError, type WeftClient } from "@weft/client";
import { demoPassword } from "@weft/shared/demo";
import { TestUser, until } from "@weft/testkit";
import { openBrowser } from "@weft/testkit/browser/open-browser";
import { serveFollower } from "@weft/testkit/clients/follower-page";
import { startTcpProxy, type TcpProxy } from "@weft/testkit/network/tcp-proxy";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { randomSource, type RandomSource } from "@weft/testkit/random-source";
import { sized } from "@weft/testkit/sizes";
import { beaconDefinition, type BeaconTransitioned, beaconTransitions, startBeacon } from "@weft/testkit/tenants/beacon";
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

// What an application with @weft/client sees while its network breaks and its server is killed.

const flash = "mutation Flash($input: FireTransitionInput!) { fireTransition(input: $input) { instance { version } } }";
const history = "query History($id: ID!) { workflowInstance(id: $id) { version history { version comment } } }";

/** Mutations of one run. */
const count = sized({ part: 25, whole: 500 });

let database: OwnPostgres;
let weft: StandaloneProcess;
let proxy: TcpProxy;
let instanceId: string;
let manager: TestUser;
beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  const ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@globex.com`, demoPassword(`${name}@globex.com`));
  const admin = await login("admin");
  manager = await login("manager");
  const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
    { source: beaconDefinition },
  );
  await admin.run("mutation ($id: ID!) { publishDefinition(input: { id: $id, acceptWarnings: true }) { definition { id } } }", {
    id: createDefinition.definition.id,
  });
  instanceId = await startBeacon(manager);
}, 300_000);
afterAll(async () => {
  await proxy.close();
  await weft.remove();
  await database.remove();
}, 120_000);

/** What goes wrong during a mutation. Each heals. */
const faults: Readonly<Record<string, (random: RandomSource) => Promise<void>>> = {
  none: async () => {},
  cut: async (random) => {
    await delay(random.below(40));
    proxy.cut();
    await delay(random.below(400));
    proxy.heal();
  },
  silence: async (random) => {
    await delay(random.below(40));
    proxy.blackHole();
    await delay(random.below(1_500));
    // What was kept back arrives late, or never.
    if (random.chance(0.5)) proxy.cut();
    proxy.heal();
  },
  kill: async (random) => {
    await delay(random.below(60));
    await weft.end("SIGKILL");
    await weft.start();
  },
};

async function flashThrough(client: WeftClient, random: RandomSource): Promise<{ done: string[]; unknown: string[] }> {
  const [done, unknown]: [string[], string[]] = [[], []];
  for (let call = 0; call < count; call++) {
    const comment = `call-${call}`;
    const fault = random.pick(["none", "cut", "cut", "silence", "silence", "kill"]);
    const fired = client
      .mutate<{ fireTransition: { instance: { version: number } } }>(flash, { input: { instanceId, transition: "flash", comment } })
      .then(
        () => done.push(comment),
        (error: unknown) => {
          if (!(error instanceof NetworkError)) throw error;
          unknown.push(comment);
        },
      );
    await Promise.all([fired, faults[fault]?.(random)]);
  }
  return { done, unknown };
}

test(
  "each mutation happens once or is reported, and a subscriber gets each event once, whatever happens to the network and the server",
  { timeout: sized({ part: 400_000, whole: 4_000_000 }) },
  async () => {
    const seed = randomInt(2 ** 31);
    console.log(`seed ${seed}`);
    const client = createWeftClient({ url: `http://127.0.0.1:${proxy.port}`, timeoutMs: 3_000, retryForMs: 60_000 });
    await client.session.logIn({ login: manager.login, password: manager.password });
    const { liveCursor } = await client.query<{ liveCursor: string }>("{ liveCursor }");
    const seen: number[] = [];
    const failed: unknown[] = [];
    client.subscribe<BeaconTransitioned>(
      beaconTransitions,
      { instanceId, after: liveCursor },
      { next: ({ workflowTransitioned }) => seen.push(workflowTransitioned.version), error: (error) => failed.push(error) },
    );
    try {
      const { done, unknown } = await flashThrough(client, randomSource(seed));
      const { workflowInstance } = await client.query<{
        workflowInstance: { version: number; history: { version: number; comment: string | null }[] };
      }>(history, { id: instanceId });
      const comments = workflowInstance.history.flatMap(({ comment }) => (comment === null ? [] : [comment]));
      expect(new Set(comments).size, `seed ${seed}: none happened twice`).toBe(comments.length);
      expect(
        done.filter((comment) => !comments.includes(comment)),
        `seed ${seed}: what succeeded happened`,
      ).toEqual([]);
      expect(
        comments.filter((comment) => !done.includes(comment) && !unknown.includes(comment)),
        `seed ${seed}: what happened is known`,
      ).toEqual([]);
      // For a minute, it is sent again: only a longer outage is reported.
      expect(unknown, `seed ${seed}`).toEqual([]);
      await until(() => seen.length >= comments.length, {
        what: `seed ${seed}: all events have come, after ${seen.length}`,
        deadlineMs: 60_000,
      });
      expect(seen, `seed ${seed}: each event once, in order`).toEqual(comments.map((_, index) => index + 2));
      expect(failed).toEqual([]);
    } finally {
      client.close();
    }
  },
);

test("a page in a browser survives a stop and a crash of the server: it says that it is behind, and gets each event once", async () => {
  const followed = await startBeacon(manager);
  await using browser = await openBrowser();
  const pages = await serveFollower(weft.url);
  try {
    const page = await browser.page();
    await page.goto(`${pages.url}/`);
    await page.until("window.weft !== undefined");
    await page.evaluate(`weft.session.logIn(${JSON.stringify({ login: manager.login, password: manager.password })})`);
    await page.evaluate(`void follow(${JSON.stringify(followed)})`);
    const untilStatus = (status: string): Promise<void> => page.until(`statuses.at(-1) === "${status}"`, `it is ${status}`);
    await untilStatus("live");
    let version = 1;
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await weft.end(signal);
      await untilStatus("behind");
      await weft.start();
      for (let time = 0; time < 3; time++, version++) await manager.run(flash, { input: { instanceId: followed, transition: "flash" } });
      await untilStatus("live");
      await page.until(`versions.at(-1) === ${version}`, `version ${version} has come`);
    }
    expect(await page.evaluate("[versions, errors]")).toEqual([[2, 3, 4, 5, 6, 7], []]);
  } finally {
    await pages.close();
  }
}, 120_000);

test("a mutation during a longer outage is reported, with the key with which it can be repeated", { timeout: 120_000 }, async () => {
  const client = createWeftClient({ url: `http://127.0.0.1:${proxy.port}`, timeoutMs: 2_000, retryForMs: 3_000 });
  await client.session.logIn({ login: manager.login, password: manager.password });
  const input = { instanceId, transition: "flash", comment: "later" };
  proxy.cut();
  const error = await client.mutate(flash, { input }).catch((caught: unknown) => caught);
  proxy.heal();
  expect(error).toBeInstanceOf(UnknownOutcomeError);
  const { idempotencyKey } = error as UnknownOutcomeError;
  await client.mutate(flash, { input }, { idempotencyKey: idempotencyKey ?? "" });
  await client.mutate(flash, { input }, { idempotencyKey: idempotencyKey ?? "" });
  const { workflowInstance } = await client.query<{ workflowInstance: { history: { comment: string | null }[] } }>(history, {
    id: instanceId,
  });
  expect(workflowInstance.history.filter(({ comment }) => comment === "later").length).toBe(1);
  client.close();
});
