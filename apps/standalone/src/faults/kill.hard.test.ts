import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { type AcceptedTransition, type ApiClient, brokenInvariants, fireTransition, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { setTimeout as delay } from "node:timers/promises";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";
import { calendarsForgottenMs, submitBoundaries } from "./submit-boundaries.js";

// F3, F21, and kills of a working server. The server child runs alone, on a database that outlives it.

const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id version } } } }`;
const submitRequest = `mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id state workflow { version } } } }`;
const readRequest = "query ($id: ID!) { request(id: $id) { state workflow { version history { version } } } }";
const transitions = "subscription ($after: String) { workflowTransitioned(after: $after) { cursor version instance { id } } }";

interface Draft {
  readonly id: string;
  readonly instanceId: string;
}

interface Transition {
  readonly cursor: string;
  readonly version: number;
  readonly instance: { readonly id: string };
}

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
let [rita, olga, ada]: TestUser[] = [];

/** In the demo organization without service levels. */
const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@globex.com`, demoPassword(`${name}@globex.com`));

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  [rita, olga, ada] = [await login("requester"), await login("operations"), await login("admin")];
}, 300_000);

afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

async function draft(who: ApiClient = rita as TestUser): Promise<Draft> {
  const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 12_000 } };
  const { createRequest: made } = await who.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(createRequest, {
    input,
  });
  return { id: made.request.id, instanceId: made.request.workflow.id };
}

/** Returns the existing transitions as a subscriber that missed nothing saw them: in the order of their positions. */
async function transitionsInOrder(afterPosition: number): Promise<string[]> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const rows = await sql<{ id: string; version: number }[]>`
    select l.subject_id as id, l.subject_version as version from events.positions p
      join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
     where l.type in ('workflow.transitioned', 'workflow.cancelled') and p.position > ${afterPosition}
       and l.tenant_id = (select tenant_id from identity.tenants where slug = 'globex') order by p.position`;
  await sql.end();
  return rows.map(({ id, version }) => `${id} ${version}`);
}

async function lastPosition(): Promise<number> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const [row] = await sql<{ position: string }[]>`
    select position from events.position_heads where tenant_id = (select tenant_id from identity.tenants where slug = 'globex')`;
  const [waiting] = await sql<{ count: number }[]>`select count(*)::int as count from events.outbox`;
  await sql.end();
  if (waiting?.count !== 0) throw new Error(`${waiting?.count} events have no position yet`);
  return Number(row?.position ?? 0);
}

/** Returns whether no consumer waits for events in any tenant. */
async function consumersHaveCaughtUp(): Promise<boolean> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const [row] = await sql<{ count: number }[]>`select ((select count(*) from events.outbox)
    + (select count(*) from events.position_heads h join events.consumer_cursors c using (tenant_id) where c.position <> h.position))::int as count`;
  await sql.end();
  return row?.count === 0;
}

/** Returns the number of notifications about the request's events. */
async function notified({ instanceId }: Draft): Promise<number> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const id = decodeId("instance", instanceId, "id");
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from audit.notifications n
    join events.log l on l.tenant_id = n.tenant_id and l.id = n.event_id where l.subject_id = ${id} or l.related->>'instance' = ${id}`;
  await sql.end();
  return row?.count ?? 0;
}

const seen = (payloads: readonly Transition[]): string[] =>
  payloads.map(({ instance, version }) => `${decodeId("instance", instance.id, "id")} ${version}`);

/** Locks an instance, so that calls on it wait, and those on others are written together. `isWaitedFor` resolves when somebody waits for a lock. */
async function whileLocked<T>({ instanceId }: Draft, run: (isWaitedFor: () => Promise<unknown>) => Promise<T>): Promise<T> {
  const sql = postgres(ownerUrl, { max: 2, onnotice: () => {} });
  const isWaiting = async (): Promise<boolean> =>
    (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length > 0;
  try {
    const { result } = await sql.begin(async (locking) => {
      await locking`select from workflows.instances where id = ${decodeId("instance", instanceId, "id")} for update`;
      return { result: await run(() => until(isWaiting, { what: "a call waits for the lock" })) };
    });
    return result;
  } finally {
    await sql.end();
  }
}

/** Restarts the server, as its supervisor would. */
async function comeBack(): Promise<void> {
  await weft.ended();
  await weft.start();
}

describe("F3: kill -9 at every SQL boundary of submitRequest", () => {
  const title = "$where: all or nothing, and the retry has the first result";
  test.each(drawn(submitBoundaries, { of: 6 }))(title, { timeout: 120_000 }, async ({ point, isCommitted }) => {
    const { id } = await draft();
    const submit = () =>
      (rita as TestUser).run<{ submitRequest: { request: object } }>(submitRequest, {
        input: { id, expectedVersion: 1, idempotencyKey: `submit ${id}` },
      });
    await delay(calendarsForgottenMs);
    weft.arm(point);
    await expect(submit()).rejects.toThrow(/fetch failed/);
    await comeBack();
    const { request } = await (rita as TestUser).run<{ request: object }>(readRequest, { id });
    const history = [{ version: 1 }, { version: 2 }];
    expect(request).toEqual(
      isCommitted
        ? { state: "triage", workflow: { version: 2, history } }
        : { state: "draft", workflow: { version: 1, history: history.slice(0, 1) } },
    );
    for (let tries = 0; tries < 2; tries++) {
      expect((await submit()).submitRequest.request).toEqual({ id, state: "triage", workflow: { version: 2 } });
    }
    expect((await (rita as TestUser).run<{ request: object }>(readRequest, { id })).request).toEqual({
      state: "triage",
      workflow: { version: 2, history },
    });
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
  });
});

describe("F3: kill -9 at every SQL boundary of a batch of transitions", () => {
  const boundaries = [
    { where: "before the read", point: "app.readBatch:1" },
    { where: "before the write", point: "app.runBatch:1" },
    { where: "after the commit", point: "app.runBatch>app.committed:1" },
  ];
  test.each(drawn(boundaries, { of: 6 }))(
    "$where: each transition is applied completely or not at all, and the retries return the first results",
    { timeout: 120_000 },
    async ({ point }) => {
      const submitted = async (): Promise<Draft[]> => {
        // One by one: their numbers come from one row, and sixteen concurrent calls may wait too long for it on a busy machine.
        const made: Draft[] = [];
        while (made.length < 16) made.push(await draft());
        for (const { id } of made) await (rita as TestUser).run(submitRequest, { input: { id } });
        return made;
      };
      const fire = ({ instanceId }: Draft) =>
        (olga as TestUser).run<{ fireTransition: { instance: { version: number } } }>(fireTransition, {
          input: { instanceId, transition: "escalate", idempotencyKey: `escalate ${instanceId}` },
        });
      let drafts: Draft[] = [];
      // The first call can also be written without a batch: then the point can be passed by, and others follow.
      for (let rejected = 0, tries = 0; rejected === 0; tries++) {
        expect(tries, "batches that did not reach the point").toBeLessThan(5);
        drafts = await submitted();
        const [first, ...others] = drafts as [Draft, ...Draft[]];
        const answers = await whileLocked(first, async (isWaitedFor) => {
          const firstAnswer = fire(first);
          await Promise.race([Promise.allSettled([firstAnswer]), isWaitedFor()]);
          weft.arm(point);
          const answered = await Promise.allSettled(others.map(fire));
          return { answered, firstAnswer: Promise.allSettled([firstAnswer]) };
        });
        const all = [...answers.answered, ...(await answers.firstAnswer)];
        rejected = all.filter(({ status }) => status === "rejected").length;
        // The calls that shared the transaction have no response.
        if (rejected > 0) expect(rejected).toBeGreaterThan(1);
      }
      await comeBack();
      expect(await brokenInvariants({ ownerUrl })).toEqual([]);
      const again = await Promise.all(drafts.map(fire));
      expect(again.map(({ fireTransition: fired }) => fired.instance.version)).toEqual(drafts.map(() => 3));
      const states = await Promise.all(drafts.map(({ id }) => (rita as TestUser).run<{ request: object }>(readRequest, { id })));
      const history = [{ version: 1 }, { version: 2 }, { version: 3 }];
      expect(states.map(({ request }) => request)).toEqual(drafts.map(() => ({ state: "approval", workflow: { version: 3, history } })));
      expect(await brokenInvariants({ ownerUrl })).toEqual([]);
    },
  );
});

test.for([
  { where: "between numbering the events and publishing them", point: "submitRequest>relay.numbered:1" },
  { where: "before it commits that consumers have passed over events", point: "worker.passOver>worker.commit:1" },
])(
  "F21: if the server is killed $where, a subscriber misses none and receives none twice, and so do the consumers",
  { timeout: 120_000 },
  async ({ point }) => {
    const position = await until(lastPosition, { what: "every event has a position" });
    const feed = await (ada as TestUser).subscribe<Transition>("workflowTransitioned", transitions);
    const first = await draft();
    await (rita as TestUser).run(submitRequest, { input: { id: first.id } });
    await feed.until((payloads) => payloads.length === 1);
    await (olga as TestUser).run(fireTransition, { input: { instanceId: first.instanceId, transition: "escalate" } });
    await feed.until((payloads) => payloads.length === 2);
    const second = await draft();
    await until(lastPosition, { what: "every event has a position" });
    await until(consumersHaveCaughtUp, { what: "every consumer has caught up", deadlineMs: 30_000 });
    weft.arm(point);
    // The transition is committed. Its response may or may not arrive before the process ends.
    await (rita as TestUser).run(submitRequest, { input: { id: second.id } }).catch(() => undefined);
    await comeBack();
    const again = await (ada as TestUser).subscribe<Transition>("workflowTransitioned", transitions, {
      after: feed.payloads.at(-1)?.cursor,
    });
    await (olga as TestUser).run(fireTransition, { input: { instanceId: second.instanceId, transition: "escalate" } });
    await again.until((payloads) => payloads.length >= 2);
    expect(seen([...feed.payloads, ...again.payloads])).toEqual(await transitionsInOrder(position));
    await Promise.all([feed.stop(), again.stop()]);
    await until(consumersHaveCaughtUp, { what: "every consumer has caught up", deadlineMs: 30_000 });
    const notices = await notified(second);
    expect(notices).toBeGreaterThan(0);
    expect(notices).toBe(await notified(first));
  },
);

test(
  "kill -9 in the middle of a burst of transitions: accepted transitions are stored, and a subscriber with its cursor receives every event once",
  { timeout: 180_000 },
  async () => {
    const position = await until(lastPosition, { what: "every event has a position" });
    const accepted: AcceptedTransition[] = [];
    const payloads: Transition[] = [];
    let isOver = false;
    const note = (instanceId: string, version: number) =>
      void accepted.push({ instanceId: decodeId("instance", instanceId, "id"), version });
    /** One user after the other fires transitions. Failures while the server is down are ignored. */
    const burst = async (): Promise<void> => {
      while (!isOver) {
        try {
          const { id, instanceId } = await draft();
          note(instanceId, 1);
          await (rita as TestUser).run(submitRequest, { input: { id } });
          note(instanceId, 2);
          await (olga as TestUser).run(fireTransition, { input: { instanceId, transition: "escalate" } });
          note(instanceId, 3);
        } catch {
          if (!isOver) await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    for (let kill = 0; kill < 3; kill++) {
      isOver = false;
      const feed = await (ada as TestUser).subscribe<Transition>("workflowTransitioned", transitions, { after: payloads.at(-1)?.cursor });
      const before = accepted.length;
      const people = Array.from({ length: 6 }, () => burst());
      await until(() => accepted.length > before + 20, { what: "the burst is under way", deadlineMs: 30_000 });
      process.kill(weft.pid(), "SIGKILL");
      isOver = true;
      await Promise.all(people);
      await feed.untilClosed();
      payloads.push(...feed.payloads);
      await comeBack();
      expect(await brokenInvariants({ ownerUrl, accepted })).toEqual([]);
    }
    await until(lastPosition, { what: "every event has a position" });
    const all = await transitionsInOrder(position);
    const rest = await (ada as TestUser).subscribe<Transition>("workflowTransitioned", transitions, { after: payloads.at(-1)?.cursor });
    await rest.until((late) => payloads.length + late.length >= all.length, 15_000);
    expect(seen([...payloads, ...rest.payloads])).toEqual(all);
    await rest.stop();
    console.log(`three kills: ${accepted.length} accepted transitions, ${all.length} events`);
  },
);

test("F26: an unhandled rejection is logged with its request's ID, and the server restarts", { timeout: 120_000 }, async () => {
  const { id } = await draft();
  weft.arm("submitRequest>>app.commit:1:reject");
  const answer = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${rita?.token}`, "x-request-id": "the-unlucky-one" },
    body: JSON.stringify({ query: submitRequest, variables: { input: { id } } }),
  }).catch((error: unknown) => error);
  expect(answer).toBeInstanceOf(Error);
  expect(await weft.ended()).toBe(1);
  const line = weft
    .output()
    .split("\n")
    .find((text) => text.includes("chaos at app.commit"));
  expect(JSON.parse(line ?? "{}")).toMatchObject({ level: "fatal", requestId: "the-unlucky-one", err: { message: "chaos at app.commit" } });
  await weft.start();
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});
