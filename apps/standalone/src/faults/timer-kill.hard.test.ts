import { decodeId } from "@weft/shared/ids";
import { pause } from "@weft/platform/leadership";
import {
  type AcceptedTransition,
  brokenInvariants,
  fireTransition,
  startTestWeft,
  type TestTenant,
  type TestWeft,
  until,
} from "@weft/testkit";
import { type WorkerProcesses, workerProcessesOf } from "@weft/testkit/processes/worker-processes";
import { randomSource } from "@weft/testkit/random-source";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// Acceptance 4 of the clocks, F1, F2, F13, F14: worker processes are killed, stopped, and have wrong clocks while timers fire and chains escalate.

const OFFERS = 500;
const CLAIMS = 60;
const WORKERS = 7;
/** Where workers die: with the instances locked, with some of the effect written, with all of it written, and after the commit. */
const points = ["timers.locked", "app.endTimers", "timers.written", "timers.committed", "escalations.done"];
const seed = Number(process.env["SEED"] ?? 4_711);

/** A reminder, a transition and a second transition after it: three timers of each instance, unless a user is faster. */
const offer = `weft: 1
key: offer
name: Offer
data: { properties: { until: { type: string, format: date-time } } }
initial: open
states:
  open:
    timers:
      remind: { at: data.until - PT1S, remind: [owner] }
      expire: { at: data.until, fire: expire }
    transitions: { expire: { to: grace, auto: timer }, accept: { to: done } }
  grace:
    timers: { close: { after: PT1S, fire: close } }
    transitions: { close: { to: over, auto: timer }, accept: { to: done } }
  over: { final: rejected }
  done: { final: completed }
`;
/** Three levels, unless a user is faster. The last one starts a workflow and ends the claim. */
const claim = `weft: 1
key: claim
name: Claim
data: { properties: { level: { type: string, enum: [low, high] } } }
initial: open
escalations:
  slow:
    on: { state: open }
    levels:
      - { after: PT1H, notify: { owner: true }, priority: high }
      - { after: PT2H, reassign: { roles: [workflow_manager] }, raise: { field: data.level, to: high } }
      - { after: PT3H, start: { definition: review }, fire: give_up }
states:
  open:
    task: { title: Check it, candidates: { roles: [operations] } }
    transitions: { give_up: { to: over }, accept: { to: done } }
  over: { final: rejected }
  done: { final: completed }
`;
const review =
  "weft: 1\nkey: review\nname: Review\ninitial: open\nstates: { open: { transitions: { close: { to: closed } } }, closed: { final: completed } }\n";
const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "offer", data: $data }) { instance { id } } }`;

let weft: TestWeft;
let workers: WorkerProcesses;
let owner: postgres.Sql;
let tenant: TestTenant;

beforeAll(async () => {
  weft = await startTestWeft({ settings: { DATABASE_LOCK_TIMEOUT_MS: 10_000 } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  workers = await workerProcessesOf(weft);
  tenant = await weft.tenant();
  for (const source of [offer, review, claim]) await tenant.definition(source);
});
afterAll(async () => {
  await workers.stop();
  await owner.end();
  await weft.stop();
});

/** The database's time, which is the only one that counts. In milliseconds. */
async function databaseNow(): Promise<number> {
  const [row] = await owner<{ now: string }[]>`select clock_timestamp()::text as now`;
  return Date.parse(row?.now ?? "");
}

/** Starts an offer that expires at this time. Returns its ID of the API. */
async function anOffer(untilMs: number): Promise<string> {
  const data = { until: new Date(untilMs).toISOString() };
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { data });
  return startWorkflow.instance.id;
}

/** Starts a claim, whose first level is due in an hour. Returns its ID of the API. */
async function aClaim(): Promise<string> {
  const startClaim = `mutation { startWorkflow(input: { definitionKey: "claim", data: {} }) { instance { id } } }`;
  return (await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(startClaim)).startWorkflow.instance.id;
}

/** The states of claims, with the levels that occurred, in order. */
const levelsOf = (ids: readonly string[]): Promise<{ state: string; levels: string }[]> => owner<{ state: string; levels: string }[]>`
  select i.state, coalesce((select string_agg(e.level || ' ' || e.outcome, ', ' order by e.occurred_at, e.level) from workflows.escalations e
           where e.tenant_id = i.tenant_id and e.instance_id = i.id), '') as levels
    from workflows.instances i where i.id = any(${ids.map((id) => decodeId("instance", id))})`;

async function inParallel<T>(items: readonly T[], width: number, run: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items].toReversed();
  const take = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: width }, take));
}

interface Course {
  readonly id: string;
  /** What happened to it, in the order of its history. */
  readonly steps: string;
  /** Its timers with their status, in the order of their names. */
  readonly timers: string;
  readonly reminders: number;
}
const coursesOf = (ids: readonly string[]): Promise<Course[]> => owner<Course[]>`
  select i.id, i.state || ': ' || (select string_agg(coalesce(h.transition, h.kind), ' ' order by h.version) from workflows.history h
           where h.tenant_id = i.tenant_id and h.instance_id = i.id) as steps,
         (select string_agg(t.name || ' ' || t.status, ', ' order by t.name) from workflows.timers t where t.tenant_id = i.tenant_id and t.instance_id = i.id) as timers,
         (select count(*)::int from events.log e where e.tenant_id = i.tenant_id and e.subject_id = i.id and e.type = 'workflow.reminded') as reminders
    from workflows.instances i where i.id = any(${ids.map((id) => decodeId("instance", id))}) order by i.id`;

const finished = async (ids: readonly string[]): Promise<number> => {
  const [row] = await owner<{ count: number }[]>`select count(*)::int as count from workflows.instances
    where id = any(${ids.map((id) => decodeId("instance", id))}) and finished_at is not null`;
  return row?.count ?? 0;
};

const isRelayed = async (): Promise<boolean> => {
  const [row] = await owner<{ count: number }[]>`select count(*)::int as count from events.outbox`;
  return row?.count === 0;
};

test(
  `F1, F13: workers are killed at random while more than a thousand timers fire, chains escalate, and users act: each effect once, in order (seed ${seed})`,
  { timeout: 300_000 },
  async () => {
    const random = randomSource(seed);
    const later = (await databaseNow()) + 3_600_000;
    const plans = Array.from({ length: OFFERS }, (_, n) => ({ after: Math.floor(n / 5) * 100, isAccepted: random.chance(0.35) }));
    const offers: { id: string; after: number; isAccepted: boolean }[] = [];
    await inParallel(plans, 12, async (plan) => offers.push({ ...plan, id: await anOffer(later + plan.after) }));
    const ids = offers.map(({ id }) => id);
    const claims: string[] = [];
    await inParallel(
      Array.from({ length: CLAIMS }, (_, n) => n),
      12,
      async () => claims.push(await aClaim()),
    );
    const all = await Promise.all(Array.from({ length: WORKERS }, () => workers.start()));
    // Some die where they do something about a timer, the others at any moment.
    const doomed = all.splice(0, points.length);
    for (const [n, worker] of doomed.entries()) worker.arm(`${points[n]}:${1 + random.below(2)}`);
    let [diedAtPoints, killed] = [0, 0];
    for (const worker of doomed) void worker.ended().then(() => diedAtPoints++);
    await owner`update workflows.escalation_runs set anchored_at = anchored_at - interval '4 hours' where tenant_id = ${tenant.id} and ended_at is null`;
    // Now their timers are due from in a second to in ten, and the levels of the chains follow each other.
    const begin = (await databaseNow()) + 2_000;
    await owner`update workflows.timers set due_at = due_at + ${begin - later} * interval '1 millisecond' where tenant_id = ${tenant.id} and status = 'ARMED'`;
    await owner`update workflows.timers set due_at = to_timestamp(${begin / 1000}::float8) + random() * interval '8 seconds' where tenant_id = ${tenant.id} and kind = 'ESCALATION'`;

    const accepted: AcceptedTransition[] = [];
    const refused: string[] = [];
    const users = inParallel(
      offers.filter(({ isAccepted }) => isAccepted).toSorted((a, b) => a.after - b.after),
      8,
      async ({ id, after }) => {
        // Before it expires, at the same moment, or after it.
        const target = begin + after + random.below(1_500) - 300;
        await pause(Math.max(1, target - Date.now()), new AbortController().signal);
        const { data, errors } = await tenant.admin.send<{ fireTransition: { instance: { version: number } } }>(fireTransition, {
          input: { instanceId: id, transition: "accept" },
        });
        const version = data?.fireTransition?.instance.version;
        if (version !== undefined) accepted.push({ instanceId: decodeId("instance", id), version });
        else refused.push(errors?.[0]?.extensions?.code ?? "no code");
      },
    );
    const acceptedClaims: AcceptedTransition[] = [];
    const reviewers = inParallel(random.some(claims, 0.3), 2, async (id) => {
      await pause(random.below(400), new AbortController().signal);
      const { data } = await tenant.admin.send<{ fireTransition: { instance: { version: number } } }>(fireTransition, {
        input: { instanceId: id, transition: "accept" },
      });
      const version = data?.fireTransition?.instance.version;
      if (version !== undefined) acceptedClaims.push({ instanceId: decodeId("instance", id), version });
    });
    const ended = (async () => {
      while ((await finished([...ids, ...claims])) < OFFERS + CLAIMS) {
        const [victim] = all.length > 1 ? all.splice(random.below(all.length), 1) : [];
        if (victim) {
          await pause(random.below(1_500), new AbortController().signal);
          await victim.end("SIGKILL");
          killed++;
        } else {
          // Others take the place of those that died.
          all.push(...(await Promise.all([workers.start(), workers.start()])));
        }
      }
    })();
    await Promise.all([users, reviewers, ended]);
    await until(isRelayed, { what: "every event is numbered", deadlineMs: 30_000 });

    expect(diedAtPoints).toBeGreaterThanOrEqual(2);
    // On a busy machine the work can be done before the next workers have started.
    expect(killed).toBeGreaterThanOrEqual(1);
    const courses = await coursesOf(ids);
    const possible = [
      "over: START expire close | close FIRED, expire FIRED, remind FIRED | 1",
      "done: START expire accept | close CLEARED, expire FIRED, remind FIRED | 1",
      "done: START accept | expire CLEARED, remind FIRED | 1",
      "done: START accept | expire CLEARED, remind CLEARED | 0",
    ];
    for (const { steps, timers, reminders } of courses) expect(possible).toContain(`${steps} | ${timers} | ${reminders}`);
    // One of them won each time, and what was accepted is what happened.
    expect(courses.filter(({ steps }) => steps.startsWith("done"))).toHaveLength(accepted.length);
    expect(refused.filter((code) => code !== "TRANSITION_REJECTED" && code !== "CONFLICT")).toEqual([]);
    const escalated = await levelsOf(claims);
    expect(escalated).toHaveLength(CLAIMS);
    for (const { state, levels } of escalated)
      expect(state === "over" ? ["1 DONE, 2 DONE, 3 DONE"] : ["", "1 DONE", "1 DONE, 2 DONE"]).toContain(levels);
    const over = escalated.filter(({ state }) => state === "over").length;
    expect(over + acceptedClaims.length).toBe(CLAIMS);
    // Each of the last levels has started one workflow.
    const [started] = await owner<{ count: number }[]>`select count(*)::int as count from workflows.instances
      where tenant_id = ${tenant.id} and definition_key = 'review'`;
    expect(started?.count).toBe(over);
    const [fired] = await owner<
      { count: number }[]
    >`select count(*)::int as count from workflows.timers where tenant_id = ${tenant.id} and status = 'FIRED'`;
    expect(fired?.count).toBeGreaterThanOrEqual(1_000);
    const [waits] = await owner<{ deadlocks: number }[]>`select deadlocks::int from pg_stat_database where datname = ${weft.database.name}`;
    expect(waits?.deadlocks).toBe(0);
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl, accepted: [...accepted, ...acceptedClaims] })).toEqual([]);
    await Promise.all([...all, ...doomed].map((worker) => worker.end("SIGKILL")));
  },
);

test("F2: a worker that stops in the middle of a transaction loses it: another fires the timers, and its late result is refused", async () => {
  const stalled = await workers.start({ settings: { DATABASE_IDLE_TIMEOUT_MS: "1000" } });
  stalled.arm("timers.written:1:stop");
  const now = await databaseNow();
  const ids = await Promise.all([1, 2, 3].map(() => anOffer(now + 1_500)));
  await until(() => stalled.isStopped(), { what: "it has written what the timers do, and has not committed", deadlineMs: 30_000 });
  expect(await finished(ids)).toBe(0);
  const other = await workers.start();
  await until(async () => (await finished(ids)) === 3, { what: "the other has fired the timers", deadlineMs: 30_000 });
  const before = await coursesOf(ids);
  for (const { steps, reminders } of before) expect({ steps, reminders }).toEqual({ steps: "over: START expire close", reminders: 1 });
  stalled.resume();
  await other.end("SIGKILL");
  // It goes on with what is due now.
  const next = await anOffer((await databaseNow()) + 1_000);
  await until(async () => (await finished([next])) === 1, { what: "the one that had stopped fires timers", deadlineMs: 30_000 });
  expect(await coursesOf(ids)).toEqual(before);
  await until(isRelayed, { what: "every event is numbered", deadlineMs: 30_000 });
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  await stalled.end("SIGKILL");
});

test("F14: workers whose clocks are wrong and jump fire each timer at the database's time, never earlier, and once", async () => {
  const days = 86_400_000;
  const all = await Promise.all([
    workers.start({ clockOffsetsMs: [40 * days] }),
    workers.start({ clockOffsetsMs: [0, -40 * days, 3_600_000, 400 * days] }),
  ]);
  const now = await databaseNow();
  const far = await anOffer(now + 3_600_000);
  const near = await Promise.all(Array.from({ length: 30 }, (_, n) => anOffer(now + 2_000 + n * 100)));
  await until(async () => (await finished(near)) === near.length, { what: "the timers that are due have fired", deadlineMs: 40_000 });
  await until(isRelayed, { what: "every event is numbered", deadlineMs: 30_000 });
  for (const { steps, timers, reminders } of await coursesOf(near))
    expect(`${steps} | ${timers} | ${reminders}`).toBe("over: START expire close | close FIRED, expire FIRED, remind FIRED | 1");
  expect(await coursesOf([far])).toMatchObject([{ steps: "open: START", timers: "expire ARMED, remind ARMED", reminders: 0 }]);
  // Everything that was recorded bears the database's time.
  const [times] = await owner<{ wrong: number }[]>`
    select (select count(*) from workflows.history where tenant_id = ${tenant.id} and at not between now() - interval '10 minutes' and now())::int
         + (select count(*) from events.log where tenant_id = ${tenant.id} and occurred_at not between now() - interval '10 minutes' and now())::int as wrong`;
  expect(times?.wrong).toBe(0);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  await Promise.all(all.map((worker) => worker.end("SIGKILL")));
});
