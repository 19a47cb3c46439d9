import { decodeId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { workerProcessesOf } from "@weft/testkit/processes/worker-processes";
import { drawn, sized } from "@weft/testkit/sizes";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// Acceptance 5 of the clocks: ninety days of timers, deadlines, service levels, schedules and triggers equal what a pure calculation expects.

const START = Date.parse("2030-03-01T00:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NUDGES = 30;

const duty = `weft: 1
key: duty
name: Duty
data: { type: object, properties: {} }
initial: open
slas: { reply: { target: P2D, warn: [50%] } }
states:
  open:
    task: { title: Do it, candidates: { roles: [operations] }, due: P3D }
    timers:
      nudge: { after: P1D, every: P1D, times: ${NUDGES}, remind: [owner] }
      expire: { after: P40D, fire: expire }
    transitions: { expire: { to: closed } }
  closed: { final: completed }
`;
const visit = `weft: 1
key: visit
name: Visit
data: { type: object, properties: {} }
initial: open
states:
  open: { timers: { close: { after: PT1H, fire: close } }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`;
const review = `weft: 1
key: review
name: Review
data: { type: object, properties: {} }
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

/** The source of an effect, in the order in which they act at the same time: timers, schedules, deadlines, service levels, and the trigger after them. */
function rankOf(effect: string): number {
  if (/ (workflow.started review)$/.test(effect)) return 4;
  if (/ (sla.warning|sla.breached) /.test(effect)) return 3;
  if (/ task.overdue /.test(effect)) return 2;
  return / (workflow.started|schedule.run_started) /.test(effect) ? 1 : 0;
}

/** What the days bring to two duties, in order: the time, the type of the event, and the definition of the instance. */
function expectedEffects(days: number): string[] {
  const effects: string[] = [];
  const add = (at: number, ...lines: string[]): void => void effects.push(...lines.map((line) => `${new Date(at).toISOString()} ${line}`));
  for (let day = 1; day <= NUDGES; day++) add(START + day * DAY, ...Array.from({ length: 2 }, () => "workflow.reminded duty"));
  add(START + 40 * DAY, ...["workflow.transitioned duty", "task.closed duty", "sla.missed duty"].flatMap((one) => [one, one]));
  add(START + 3 * DAY, "task.overdue duty", "task.overdue duty");
  add(START + DAY, "sla.warning duty", "sla.warning duty");
  add(START + 2 * DAY, "sla.breached duty", "sla.breached duty");
  // The trigger reacts to the breaches.
  add(START + 2 * DAY, "workflow.started review", "workflow.started review");
  for (let day = 0; day < days; day++) {
    // 02:30 in Vienna. On March 31, that time is skipped: the run starts at 03:00.
    const midnight = START + day * DAY;
    const summer = Date.parse("2030-03-31T00:00:00Z");
    const at = midnight + (midnight < summer ? 1.5 : midnight === summer ? 1 : 0.5) * HOUR;
    add(at, "workflow.started visit", "schedule.run_started visit");
    add(at + HOUR, "workflow.transitioned visit");
  }
  return inOrder(effects);
}

/** Sorts effects by time and source. Those of the same time and source are sorted by their text, because instances that act together are one transaction. */
const inOrder = (effects: readonly string[]): string[] =>
  effects.toSorted((a, b) => a.slice(0, 24).localeCompare(b.slice(0, 24)) || rankOf(a) - rankOf(b) || a.localeCompare(b));

const places = (effects: readonly string[]): string[] => effects.map((effect) => `${effect.slice(0, 24)} ${rankOf(effect)}`);

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

/** A tenant whose time is the start, and stands until its clock is advanced. */
async function prepared(): Promise<TestTenant> {
  const tenant = await weft.tenant("Sandbox", { isSandbox: true });
  await owner`update identity.tenants set clock_stands_at = ${new Date(START).toISOString()}::timestamptz where tenant_id = ${tenant.id}`;
  for (const source of [duty, visit, review]) await tenant.definition(source);
  await tenant.admin.run(
    `mutation { createSchedule(input: { name: "Nightly", definitionKey: "visit", cron: "30 2 * * *", timeZone: "Europe/Vienna" }) { schedule { id } } }`,
  );
  await tenant.admin.run(
    `mutation { createTrigger(input: { name: "Review", eventType: "sla.breached", action: START, definitionKey: "review" }) { trigger { id } } }`,
  );
  for (let n = 0; n < 2; n++)
    await tenant.admin.run(`mutation { startWorkflow(input: { definitionKey: "duty", data: {} }) { instance { id } } }`);
  return tenant;
}

/** The events after the start, in order. */
async function effectsOf({ id }: TestTenant): Promise<string[]> {
  const rows = await owner<{ at: Date; type: string; key: string; position: number }[]>`
    select l.occurred_at as at, l.type, i.definition_key as key, p.position::int as position from events.log l
      join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
      join workflows.instances i on i.tenant_id = l.tenant_id and i.id = coalesce((l.related->>'instance')::uuid, l.subject_id)
     where l.tenant_id = ${id} and l.occurred_at > ${new Date(START).toISOString()}::timestamptz and l.type !~ '^notification[.]' and l.type <> 'sla.recorded' order by p.position`;
  return rows.map(({ at, type, key }) => `${at.toISOString()} ${type} ${key}`);
}

interface Advance {
  readonly id: string;
  readonly status: string;
  readonly message: string | null;
}
const advance = `mutation ($input: AdvanceClockInput!) { advanceClock(input: $input) { advance { id status message } } }`;
const read = `query ($id: ID!) { clockAdvance(id: $id) { id status message } }`;

/** Advances the clock and waits for the end. */
async function advanced({ admin }: TestTenant, input: object): Promise<Advance> {
  const { id } = (await admin.run<{ advanceClock: { advance: Advance } }>(advance, { input })).advanceClock.advance;
  return until(
    async () => {
      const { clockAdvance } = await admin.run<{ clockAdvance: Advance }>(read, { id });
      return clockAdvance.status === "RUNNING" ? null : clockAdvance;
    },
    { what: "the advance has ended", deadlineMs: 380_000 },
  );
}

test("ninety days at once equal a pure calculation, and a few days at a time", { timeout: 400_000 }, async () => {
  const DAYS = 90;
  const daysAtATime = sized({ part: 9, whole: 1 });
  const expected = expectedEffects(DAYS);
  const [atOnce, inParts, neighbor] = [await prepared(), await prepared(), await prepared()];
  await weft.weft.worker.idle();
  const untouched = await owner`select * from workflows.timers where tenant_id = ${neighbor.id} order by id`;
  const [all] = await Promise.all([
    advanced(atOnce, { by: `P${DAYS}D` }),
    (async () => {
      for (let day = daysAtATime; day <= DAYS; day += daysAtATime)
        expect(await advanced(inParts, { to: new Date(START + day * DAY).toISOString() })).toMatchObject({ status: "COMPLETED" });
    })(),
  ]);
  expect(all).toMatchObject({ status: "COMPLETED", message: null });
  const effects = await effectsOf(atOnce);
  expect(places(effects)).toEqual(places(expected));
  expect(inOrder(effects)).toEqual(expected);
  expect(await effectsOf(inParts)).toEqual(effects);
  expect(await effectsOf(neighbor)).toEqual([]);
  expect(await owner`select * from workflows.timers where tenant_id = ${neighbor.id} order by id`).toEqual(untouched);
  const [still] =
    await owner`select clock_stands_at, clock_offset_ms::int as offset from identity.tenants where tenant_id = ${neighbor.id}`;
  expect(still).toMatchObject({ clock_stands_at: new Date(START), offset: 0 });
});

test("an advance that would never end is stopped: the clock runs on from where it stood, and the rest happens when it is advanced again", async () => {
  const limited = await startTestWeft({ settings: { LIMIT_CLOCK_STEPS: 10 } });
  try {
    const tenant = await limited.tenant("Sandbox", { isSandbox: true });
    await tenant.definition(duty.replace("every: P1D", "every: PT1S"));
    await tenant.admin.run(`mutation { startWorkflow(input: { definitionKey: "duty", data: {} }) { instance { id } } }`);
    const failed = await advanced(tenant, { by: "P2D" });
    expect(failed).toMatchObject({ status: "FAILED", message: expect.stringContaining("LIMIT_CLOCK_STEPS") as string });
    const { clockAdvance, tenant: now } = await tenant.admin.run<{
      clockAdvance: { reachedAt: string; fromAt: string };
      tenant: { now: string };
    }>(`query ($id: ID!) { clockAdvance(id: $id) { fromAt reachedAt } tenant { now } }`, { id: failed.id });
    expect(Date.parse(clockAdvance.reachedAt) - Date.parse(clockAdvance.fromAt)).toBeLessThan(DAY + 60_000);
    expect(Date.parse(now.now)).toBeGreaterThanOrEqual(Date.parse(clockAdvance.reachedAt));
    expect(await advanced(tenant, { by: "PT1S" })).toMatchObject({ status: "COMPLETED" });
  } finally {
    await limited.stop();
  }
});

test(
  "a worker is killed again and again during an advance: another one continues, and the effects are the same",
  { timeout: 400_000 },
  async () => {
    const tenant = await prepared();
    await weft.weft.worker.idle();
    const workers = await workerProcessesOf(weft);
    try {
      const { id } = (await tenant.admin.run<{ advanceClock: { advance: Advance } }>(advance, { input: { by: "P45D" } })).advanceClock
        .advance;
      const points = ["clock.quiet:20", "clock.moved:5", "timers.written:4", "timers.committed:3", "schedule.recorded:3"];
      for (const point of drawn(points, { of: 3 })) {
        const victim = await workers.start();
        victim.arm(point);
        await victim.ended();
        expect(await tenant.admin.run(read, { id })).toMatchObject({ clockAdvance: { status: "RUNNING" } });
      }
      await workers.start();
      await until(async () => (await tenant.admin.run<{ clockAdvance: Advance }>(read, { id })).clockAdvance.status === "COMPLETED", {
        what: "the last worker has finished the advance",
        deadlineMs: 380_000,
      });
      const effects = await effectsOf(tenant);
      expect(places(effects)).toEqual(places(expectedEffects(45)));
      expect(inOrder(effects)).toEqual(expectedEffects(45));
      const [row] = await owner<{ events: number; effects: number }[]>`
      select (select count(*)::int from events.log l where l.tenant_id = a.tenant_id and l.occurred_at > a.from_at and l.type <> 'sla.recorded') as events,
             (select sum(value::int)::int from jsonb_each_text(a.effects)) as effects
        from identity.clock_advances a where a.id = ${decodeId("clockAdvance", id)}`;
      expect(row?.effects).toBe(row?.events);
    } finally {
      await workers.stop();
    }
  },
);
