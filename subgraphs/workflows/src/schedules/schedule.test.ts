import { setClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dueSchedules } from "./run/due-schedules.js";

const report = `weft: 1
key: report
name: Report
data: { type: object, properties: { day: { type: string }, amount: { type: number, minimum: 0 } } }
initial: open
states:
  open: { transitions: { finish: { to: done } } }
  done: { final: completed }
`;

interface Run {
  readonly plannedAt: string;
  readonly kind: string;
  readonly status: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly instance: { readonly id: string; readonly data: Record<string, unknown>; readonly owner: { readonly id: string } } | null;
}
interface Schedule {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly nextRunAt: string | null;
  readonly nextRuns: { readonly plannedAt: string; readonly startsAt: string }[];
  readonly failuresInRow: number;
  readonly pauseReason: string | null;
  readonly owner: { readonly id: string };
}

const fields = "id status version nextRunAt failuresInRow pauseReason owner { id } nextRuns { plannedAt startsAt }";
const create = `mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { ${fields} } } }`;
const update = `mutation ($input: UpdateScheduleInput!) { updateSchedule(input: $input) { schedule { ${fields} } } }`;
const pause = `mutation ($input: PauseScheduleInput!) { pauseSchedule(input: $input) { schedule { ${fields} } } }`;
const resume = `mutation ($id: ID!) { resumeSchedule(input: { id: $id }) { schedule { ${fields} } } }`;
const runNow = `mutation ($id: ID!) { runScheduleNow(input: { id: $id }) { run { kind status } } }`;
const backfill = `mutation ($input: BackfillScheduleInput!) { backfillSchedule(input: $input) { count } }`;
const read = `query ($id: ID!) { schedule(id: $id) { ${fields}
  runs(first: 100) { totalCount edges { node { plannedAt kind status code message instance { id data owner { id } } } } } } }`;

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});
beforeEach(async () => {
  acme = await weft.tenant();
  ({ admin } = acme);
  await acme.definition(report);
  await goTo("2026-03-02T08:00:00Z");
});

/** Sets the tenant's clock. The worker has not run in between, as after an outage. */
async function goTo(at: string): Promise<void> {
  await setClock(sql, acme, at);
  await weft.weft.worker.idle();
}

async function created(input: Record<string, unknown>, who = admin): Promise<Schedule> {
  const base = { name: "Daily report", definitionKey: "report" };
  return (await who.run<{ createSchedule: { schedule: Schedule } }>(create, { input: { ...base, ...input } })).createSchedule.schedule;
}
async function readBack(id: string): Promise<Schedule & { runs: Run[] }> {
  await weft.weft.worker.idle();
  const { schedule } = await admin.run<{ schedule: Schedule & { runs: { edges: { node: Run }[] } } }>(read, { id });
  return { ...schedule, runs: schedule.runs.edges.map(({ node }) => node).toReversed() };
}
const statuses = ({ runs }: { runs: Run[] }): string[] => runs.map(({ plannedAt, status }) => `${plannedAt.slice(5, 16)} ${status}`);
async function finish(instanceId: string): Promise<void> {
  await admin.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "finish" }) { instance { id } } }', {
    id: instanceId,
  });
  await weft.weft.worker.idle();
}

test(
  "each planned time starts one workflow, with the placeholders of its data replaced, and nextRuns tells what fires",
  { tags: "slow" },
  async () => {
    const schedule = await created({ cron: "0 9 * * *", timeZone: "Europe/Vienna", data: { day: "{{plannedDate}}" } });
    expect(schedule).toMatchObject({ status: "ACTIVE", owner: { id: admin.id } });
    const planned = schedule.nextRuns;
    expect(planned).toHaveLength(10);
    expect(planned[0]?.plannedAt).toBe("2026-03-03T08:00:00.000Z");
    for (const { startsAt } of planned) await goTo(new Date(Date.parse(startsAt) + 1_000).toISOString());
    const { runs, nextRunAt } = await readBack(schedule.id);
    expect(runs.map(({ plannedAt }) => plannedAt)).toEqual(planned.map(({ plannedAt }) => plannedAt));
    expect(new Set(runs.map(({ status, kind }) => `${kind} ${status}`))).toEqual(new Set(["SCHEDULED RUNNING"]));
    expect(runs[0]?.instance).toMatchObject({ data: { day: "2026-03-03" }, owner: { id: admin.id } });
    expect(nextRunAt).toBe("2026-03-13T08:00:00.000Z");
    await finish(runs[0]?.instance?.id ?? "");
    expect((await readBack(schedule.id)).runs[0]).toMatchObject({ status: "COMPLETED" });
    // Nothing is left to do.
    await goTo("2026-03-13T07:59:00Z");
    expect((await readBack(schedule.id)).runs).toHaveLength(10);
  },
);

test("with jitter, runs start when nextRuns says, and not before", async () => {
  const schedule = await created({ every: "PT1H", jitter: "PT30M" });
  const [first] = schedule.nextRuns;
  const startsAt = Date.parse(first?.startsAt ?? "");
  expect(startsAt).toBeGreaterThan(Date.parse(first?.plannedAt ?? ""));
  await goTo(new Date(startsAt - 20_000).toISOString());
  expect((await readBack(schedule.id)).runs).toEqual([]);
  await goTo(new Date(startsAt + 1_000).toISOString());
  expect((await readBack(schedule.id)).runs).toMatchObject([{ plannedAt: first?.plannedAt, status: "RUNNING" }]);
});

test("after 48 hours without a worker, each policy starts exactly the expected runs", { tags: "slow" }, async () => {
  const ids: Record<string, string> = {};
  for (const missedRuns of ["SKIP", "RUN_ONCE", "RUN_ALL"]) ids[missedRuns] = (await created({ cron: "0 */6 * * *", missedRuns })).id;
  const short = await created({ cron: "0 */6 * * *", missedRuns: "RUN_ALL", catchUpWindow: "PT13H" });
  await goTo("2026-03-04T08:00:00Z");
  const days = ["03-02T12:00", "03-02T18:00", "03-03T00:00", "03-03T06:00", "03-03T12:00", "03-03T18:00", "03-04T00:00", "03-04T06:00"];
  const all = (status: string): string[] => days.map((day) => `${day} ${status}`);
  expect(statuses(await readBack(ids["SKIP"] ?? ""))).toEqual(all("MISSED"));
  expect(statuses(await readBack(ids["RUN_ONCE"] ?? ""))).toEqual([...all("MISSED").slice(0, 7), "03-04T06:00 RUNNING"]);
  expect(statuses(await readBack(ids["RUN_ALL"] ?? ""))).toEqual(all("RUNNING"));
  // The time before the window is beyond remedy, and only its first run is recorded.
  const late = statuses(await readBack(short.id));
  expect(late[0]).toBe("03-02T12:00 MISSED");
  expect(late.filter((line) => line.endsWith("RUNNING"))).toEqual(all("RUNNING").slice(6));
  for (const id of [...Object.values(ids), short.id]) expect((await readBack(id)).nextRunAt).toBe("2026-03-04T12:00:00.000Z");
  // Missed runs can be made up for, once.
  const period = { id: ids["SKIP"], from: "2026-03-02T12:00:00Z", to: "2026-03-03T06:00:00Z" };
  expect(await admin.run(backfill, { input: period })).toMatchObject({ backfillSchedule: { count: 3 } });
  expect(await admin.run(backfill, { input: period })).toMatchObject({ backfillSchedule: { count: 0 } });
  const after = await readBack(ids["SKIP"] ?? "");
  expect(statuses(after)).toEqual([...all("RUNNING").slice(0, 3), ...all("MISSED").slice(3)]);
  expect(after.runs.slice(0, 4).map(({ kind }) => kind)).toEqual(["BACKFILL", "BACKFILL", "BACKFILL", "SCHEDULED"]);
});

test("several workers start each run once", async () => {
  const { id, nextRuns } = await created({ every: "PT1H", missedRuns: "RUN_ALL" });
  const { services } = weft.weft;
  await sql`update identity.tenants set clock_offset_ms = clock_offset_ms + 10 * 3600 * 1000 + 1000 where tenant_id = ${acme.id}`;
  const workers = Array.from({ length: 4 }, () => dueSchedules(services).run(acme.id, 100, new AbortController().signal));
  await Promise.all(workers);
  const { runs } = await readBack(id);
  expect(runs.map(({ plannedAt }) => plannedAt)).toEqual(nextRuns.map(({ plannedAt }) => plannedAt));
  expect(new Set(runs.map(({ instance }) => instance?.id)).size).toBe(10);
  const { workflowInstances } = await admin.run<{ workflowInstances: { totalCount: number } }>("{ workflowInstances { totalCount } }");
  expect(workflowInstances.totalCount).toBe(10);
});

test(
  "a daily run at 02:30 starts once on the night without that time, and once on the night that has it twice",
  { tags: "slow" },
  async () => {
    for (const [before, after, planned] of [
      ["2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00.000Z"],
      ["2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00.000Z"],
    ] as const) {
      await goTo(before);
      const { id } = await created({ cron: "30 2 * * *", timeZone: "Europe/Berlin" });
      await goTo(after);
      expect((await readBack(id)).runs).toMatchObject([{ plannedAt: planned, status: "RUNNING" }]);
    }
  },
);

test("each overlap policy decides what happens while an earlier workflow has not ended", { tags: "slow" }, async () => {
  const ids: Record<string, string> = {};
  for (const overlap of ["ALLOW", "SKIP", "QUEUE", "CANCEL_OLD"])
    ids[overlap] = (await created({ cron: "0 * * * *", overlap, queueLimit: 1 })).id;
  for (const hour of ["09", "10", "11"]) await goTo(`2026-03-02T${hour}:00:10Z`);
  const of = async (overlap: string) => (await readBack(ids[overlap] ?? "")).runs.map(({ status }) => status);
  expect(await of("ALLOW")).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
  expect(await of("SKIP")).toEqual(["RUNNING", "SKIPPED", "SKIPPED"]);
  expect(await of("QUEUE")).toEqual(["RUNNING", "QUEUED", "SKIPPED"]);
  expect(await of("CANCEL_OLD")).toEqual(["CANCELLED", "CANCELLED", "RUNNING"]);
  const [first] = (await readBack(ids["QUEUE"] ?? "")).runs;
  await finish(first?.instance?.id ?? "");
  expect(await of("QUEUE")).toEqual(["COMPLETED", "RUNNING", "SKIPPED"]);
});

test("a paused schedule starts nothing, resumes at the end of the pause or by hand, and can be backfilled", { tags: "slow" }, async () => {
  const { id } = await created({ cron: "0 * * * *" });
  const paused = await admin.run<{ pauseSchedule: { schedule: Schedule } }>(pause, {
    input: { id, reason: "Audit", until: "2026-03-02T11:30:00Z" },
  });
  expect(paused.pauseSchedule.schedule).toMatchObject({ status: "PAUSED", pauseReason: "Audit", nextRunAt: "2026-03-02T12:00:00.000Z" });
  await goTo("2026-03-02T11:00:10Z");
  expect((await readBack(id)).runs).toEqual([]);
  await goTo("2026-03-02T12:00:10Z");
  expect(await readBack(id)).toMatchObject({ status: "ACTIVE", pauseReason: null, runs: [{ plannedAt: "2026-03-02T12:00:00.000Z" }] });
  await admin.run(pause, { input: { id, reason: "Again" } });
  expect(await readBack(id)).toMatchObject({ nextRunAt: null, nextRuns: [] });
  await goTo("2026-03-02T15:10:00Z");
  // A run that a user requests starts all the same.
  expect(await admin.run(runNow, { id })).toMatchObject({ runScheduleNow: { run: { kind: "MANUAL", status: "QUEUED" } } });
  expect((await readBack(id)).runs).toMatchObject([{ kind: "SCHEDULED" }, { kind: "MANUAL", status: "RUNNING" }]);
  await admin.run(resume, { id });
  expect(await readBack(id)).toMatchObject({ nextRunAt: "2026-03-02T16:00:00.000Z" });
  await admin.run(backfill, { input: { id, from: "2026-03-02T09:00:00Z", to: "2026-03-02T15:05:00Z" } });
  const { runs } = await readBack(id);
  expect(runs.map(({ kind, plannedAt }) => `${plannedAt.slice(11, 13)} ${kind}`)).toEqual([
    "09 BACKFILL",
    "10 BACKFILL",
    "11 BACKFILL",
    "12 SCHEDULED",
    "13 BACKFILL",
    "14 BACKFILL",
    "15 BACKFILL",
    "15 MANUAL",
  ]);
  expect(await admin.refusal(resume, { id })).toBe("CONFLICT");
});

test("a backfill looks at a limited number of planned times, whether or not they had a run", async () => {
  const { id } = await created({ every: "PT1M", missedRuns: "SKIP" });
  await sql`update workflows.schedules set planned_since = '2016-03-02T08:00:00Z' where tenant_id = ${acme.id}`;
  // One statement instead of the five million runs of ten years.
  await sql`insert into workflows.schedule_runs (tenant_id, id, schedule_id, planned_at, kind, status, created_at)
    select s.tenant_id, gen_random_uuid(), s.id, m, 'SCHEDULED', 'SKIPPED', now() from workflows.schedules s,
      generate_series('2026-02-20T08:00:00Z'::timestamptz, '2026-02-26T08:00:00Z', interval '1 minute') m where s.tenant_id = ${acme.id}`;
  const refused = await admin.refused(backfill, { input: { id, from: "2026-02-20T08:00:00Z", to: "2026-02-26T08:00:00Z" } });
  expect(refused.extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.to", message: "More than 5000 runs are planned in the period. Choose a shorter period." }],
  });
  const short = { id, from: "2026-02-26T07:59:00Z", to: "2026-02-26T08:03:00Z" };
  expect(await admin.run(backfill, { input: short })).toEqual({ backfillSchedule: { count: 2 } });
});

test("a schedule with one time runs once and has ended", async () => {
  const { id } = await created({ runAt: "2026-03-02T10:00:00Z" });
  await goTo("2026-03-02T10:00:01Z");
  expect(await readBack(id)).toMatchObject({ status: "ENDED", nextRuns: [], runs: [{ status: "RUNNING" }] });
  await goTo("2026-03-05T10:00:00Z");
  expect((await readBack(id)).runs).toHaveLength(1);
});

test(
  "runs start with the rights that the owner has then, and a schedule whose runs fail pauses itself and notifies its owner",
  { tags: "slow" },
  async () => {
    const manager = await acme.user("workflow_manager");
    const { id } = await created({ cron: "0 * * * *", maxFailures: 2 }, manager);
    await sql`update identity.users set status = 'DISABLED' where tenant_id = ${acme.id} and name like 'workflow_manager%'`;
    await goTo("2026-03-02T09:00:10Z");
    expect(await readBack(id)).toMatchObject({
      status: "ACTIVE",
      failuresInRow: 1,
      runs: [{ status: "FAILED", code: "FORBIDDEN", message: "The owner of the schedule is no longer active." }],
    });
    await goTo("2026-03-02T10:00:10Z");
    expect(await readBack(id)).toMatchObject({ status: "PAUSED", failuresInRow: 2, pauseReason: "2 consecutive runs failed." });
    const { notifications } = await admin.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(
      "{ notifications(first: 5) { edges { node { kind title } } } }",
    );
    expect(notifications.edges.map(({ node }) => node)).toEqual([
      { kind: "SCHEDULE_FAILED", title: "A schedule was paused after failed runs: Daily report" },
    ]);
    // Whoever changes it becomes its owner.
    expect(await admin.run(update, { input: { id, name: "Mine" } })).toMatchObject({
      updateSchedule: { schedule: { owner: { id: admin.id } } },
    });
    await admin.run(resume, { id });
    await goTo("2026-03-02T11:00:10Z");
    expect((await readBack(id)).runs.at(-1)).toMatchObject({ status: "RUNNING" });
  },
);

test("a schedule that cannot be processed delays no other schedule of the tenant", async () => {
  await created({ cron: "0 * * * *", name: "Broken" });
  const other = await created({ cron: "30 * * * *", name: "Other" });
  await sql`update workflows.schedules set time_zone = 'Mars/Olympus' where tenant_id = ${acme.id} and name = 'Broken'`;
  await goTo("2026-03-02T09:30:10Z");
  expect((await readBack(other.id)).runs.map(({ status }) => status)).toEqual(["MISSED", "RUNNING"]);
});

test(
  "a schedule at whose start three processes have ended is paused, its run tells why, the others run, and it can be resumed",
  { tags: "slow" },
  async () => {
    const [poison, healthy] = [await created({ name: "Poison", every: "PT1H" }), await created({ name: "Healthy", every: "PT1H" })];
    await weft.weft.worker.idle();
    // As the processes leave it.
    await sql`update workflows.schedules set attempts = 3, attempted_at = now() - interval '1 minute' where tenant_id = ${acme.id} and name = 'Poison'`;
    await goTo("2026-03-02T09:00:01Z");
    const message = "The process that started the workflow ended unexpectedly 3 times. See the log for the cause.";
    expect(await readBack(poison.id)).toMatchObject({
      status: "PAUSED",
      failuresInRow: 1,
      runs: [{ status: "FAILED", code: "INTERNAL", message, instance: null }],
    });
    expect(await readBack(healthy.id)).toMatchObject({ status: "ACTIVE", failuresInRow: 0, runs: [{ status: "RUNNING" }] });
    await admin.run(resume, { id: poison.id });
    await goTo("2026-03-02T10:00:01Z");
    expect((await readBack(poison.id)).runs).toMatchObject([{ status: "FAILED" }, { status: "RUNNING" }]);
  },
);

test("a definition that no longer accepts the data fails the run with the reason", async () => {
  const { id } = await created({ cron: "0 * * * *", data: { amount: 5 } });
  await acme.definition(report.replace("minimum: 0", "minimum: 10"));
  await goTo("2026-03-02T09:00:10Z");
  expect((await readBack(id)).runs).toMatchObject([
    { status: "FAILED", code: "BAD_USER_INPUT", message: expect.stringContaining("data.amount") as unknown, instance: null },
  ]);
});

test("invalid schedules are refused with every problem", async () => {
  const refused = async (input: Record<string, unknown>) => {
    const error = await admin.refused(create, { input: { name: "S", definitionKey: "report", ...input } });
    const problems = (error.extensions?.["problems"] ?? []) as { path: string }[];
    return { code: error.extensions?.code, paths: problems.map(({ path }) => path) };
  };
  expect(await refused({})).toEqual({ code: "BAD_USER_INPUT", paths: ["input.cron"] });
  expect(await refused({ cron: "0 25 * * *", timeZone: "Mars/Olympus" })).toEqual({
    code: "BAD_USER_INPUT",
    paths: ["input.timeZone", "input.cron"],
  });
  expect(await refused({ cron: "* * * * * *" })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.cron"] });
  expect(await refused({ cron: "0 0 30 2 *" })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.cron"] });
  expect(await refused({ every: "PT30S" })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.every"] });
  expect(await refused({ every: "P1D" })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.every"] });
  expect(await refused({ runAt: "2026-03-01T00:00:00Z" })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.runAt"] });
  expect(await refused({ cron: "0 9 * * *", definitionKey: "none" })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.definitionKey"] });
  expect(await refused({ cron: "0 9 * * *", data: { amount: -1 } })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.data.amount"] });
  expect(await refused({ cron: "0 9 * * *", data: { day: "{{today}}" } })).toEqual({ code: "BAD_USER_INPUT", paths: ["input.data"] });
  const operations = await acme.user("operations");
  expect(await operations.refusal(create, { input: { name: "S", definitionKey: "report", cron: "0 9 * * *" } })).toBe("FORBIDDEN");
});

test("nextRuns shows what an expression means before it is saved", async () => {
  const next = "query ($input: NextRunsInput!) { nextRuns(input: $input) { plannedAt } }";
  const input = { cron: "30 2 * * *", timeZone: "Europe/Berlin", after: "2026-03-28T12:00:00Z", first: 2 };
  expect(await admin.run(next, { input })).toEqual({
    nextRuns: [{ plannedAt: "2026-03-29T01:00:00.000Z" }, { plannedAt: "2026-03-30T00:30:00.000Z" }],
  });
});
