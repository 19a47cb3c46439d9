import { decodeId, pause } from "@weft/shared";
import { brokenInvariants, fireTransition, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { type WorkerProcess, type WorkerProcesses, workerProcessesOf } from "@weft/testkit/processes/worker-processes";
import { type RandomSource, randomSource } from "@weft/testkit/random-source";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLAIMS = 120;
const WORKERS = 5;
const seed = Number(process.env["SEED"] ?? 1_847);

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

let weft: TestWeft;
let workers: WorkerProcesses;
let owner: postgres.Sql;
let tenant: TestTenant;

beforeAll(async () => {
  weft = await startTestWeft({ settings: { DATABASE_LOCK_TIMEOUT_MS: 10_000 } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  workers = await workerProcessesOf(weft);
  tenant = await weft.tenant();
  await tenant.definition(review);
  await tenant.definition(claim);
});
afterAll(async () => {
  await workers.stop();
  await owner.end();
  await weft.stop();
});

const idsOf = (ids: readonly string[]): string[] => ids.map((id) => decodeId("instance", id));

const finished = async (ids: readonly string[]): Promise<number> => {
  const [row] = await owner<{ count: number }[]>`select count(*)::int as count from workflows.instances
    where id = any(${idsOf(ids)}) and finished_at is not null`;
  return row?.count ?? 0;
};

/** Makes the levels of every chain due, the first of each within a second. */
async function makeDue(): Promise<void> {
  await owner`update workflows.escalation_runs set anchored_at = anchored_at - interval '4 hours' where tenant_id = ${tenant.id} and ended_at is null`;
  await owner`update workflows.timers set due_at = now() + random() * interval '1 second' where tenant_id = ${tenant.id} and status = 'ARMED'`;
}

/** Kills a worker: at once, or where it does a level, if it does so soon. */
async function killOne(victim: WorkerProcess, random: RandomSource): Promise<void> {
  const point = random.pick(["", "escalations.done", "escalations.done", "timers.written", "app.commit", "timers.committed"]);
  victim.arm(point === "" ? "" : `${point}:1`);
  await Promise.race([victim.ended(), pause(point === "" ? random.below(200) : 600, new AbortController().signal)]);
  await victim.end("SIGKILL");
}

test(
  `workers are killed at random while chains escalate and users act: each level once, in order, with one effect (seed ${seed})`,
  { timeout: 240_000 },
  async () => {
    const random = randomSource(seed);
    const ids: string[] = [];
    for (let n = 0; n < CLAIMS; n++) {
      const start = `mutation { startWorkflow(input: { definitionKey: "claim", data: {} }) { instance { id } } }`;
      ids.push((await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start)).startWorkflow.instance.id);
    }
    const all = await Promise.all(Array.from({ length: WORKERS }, () => workers.start()));
    await makeDue();
    const accepted: { instanceId: string; version: number }[] = [];
    const users = (async () => {
      for (const id of ids.filter(() => random.chance(0.3))) {
        const { data } = await tenant.admin.send<{ fireTransition: { instance: { version: number } } }>(fireTransition, {
          input: { instanceId: id, transition: "accept" },
        });
        const version = data?.fireTransition?.instance.version;
        if (version !== undefined) accepted.push({ instanceId: decodeId("instance", id), version });
      }
    })();
    const ended = (async () => {
      while ((await finished(ids)) < CLAIMS) {
        const [victim] = all.length > 1 ? all.splice(random.below(all.length), 1) : [];
        if (victim) await killOne(victim, random);
        else all.push(await workers.start());
      }
    })();
    await Promise.all([users, ended]);
    const isRelayed = async (): Promise<boolean> =>
      (await owner<{ count: number }[]>`select count(*)::int as count from events.outbox`)[0]?.count === 0;
    await until(isRelayed, { what: "every event is numbered", deadlineMs: 30_000 });

    const courses = await owner<{ id: string; state: string; levels: string }[]>`
      select i.id, i.state, coalesce((select string_agg(e.level || ' ' || e.outcome, ', ' order by e.occurred_at, e.level) from workflows.escalations e
               where e.tenant_id = i.tenant_id and e.instance_id = i.id), '') as levels
        from workflows.instances i where i.id = any(${idsOf(ids)})`;
    expect(courses).toHaveLength(CLAIMS);
    for (const { state, levels } of courses)
      expect(state === "over" ? ["1 DONE, 2 DONE, 3 DONE"] : ["", "1 DONE", "1 DONE, 2 DONE"]).toContain(levels);
    const given = courses.filter(({ state }) => state === "over").length;
    expect(given + accepted.length).toBe(CLAIMS);
    // Each of the last levels has started one workflow.
    const [started] = await owner<{ count: number }[]>`select count(*)::int as count from workflows.instances
      where tenant_id = ${tenant.id} and definition_key = 'review'`;
    expect(started?.count).toBe(given);
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl, accepted })).toEqual([]);
    await Promise.all(all.map((worker) => worker.end("SIGKILL")));
  },
);
