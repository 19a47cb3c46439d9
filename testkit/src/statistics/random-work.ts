/** Compares the statistics with a recount of all rows after random operations through the API. */
import { decodeId, encodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { expect } from "vitest";
import { readRows, recount, type Recount, type Recounted } from "./recount.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";
import { until } from "../until.js";

const loan = (extra = "") => `weft: 1
key: loan
name: Loan
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review:
    task: { title: Review, candidates: { roles: [operations] } }
    transitions:
      again: { to: review }
      back: { to: draft }
      approve: { to: check }
      reject: { to: rejected }
  check:
    tasks: { risk: { title: Risk, candidates: { roles: [operations] } }, legal: { title: Legal, candidates: { roles: [operations] } } }
    decide: { accept: all }
    transitions: { accept: { to: sub }, stop: { to: stopped } }
  sub: { children: { piece: { definition: part } }, join: { then: finish, otherwise: fail }, transitions: { finish: { to: done }, fail: { to: stopped } } }
  done: { final: completed }
  rejected: { final: rejected }
  stopped: { final: cancelled }
${extra}`;
const part = `weft: 1
key: part
name: Part
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

const statistics = `query ($filter: WorkflowStatisticsFilter, $groupBy: StatisticsGrouping) { workflowStatistics(filter: $filter, groupBy: $groupBy) {
  from to timeZone pendingEvents unfinished
  totals { started completed rejected cancelled successRate cycleTime { count averageSeconds medianSeconds p90Seconds } }
  previous { started completed rejected cancelled }
  groups { definitionKey definitionVersion team { id } user { id } vendor { id } unfinished totals { started completed rejected cancelled } }
  throughput { date started completed rejected cancelled }
  states { definitionKey state running suspended failed share time { count averageSeconds medianSeconds p90Seconds } }
  transitions { definitionKey from to transition kind count share }
  bottleneck { definitionKey state share reason staysPerInstance }
  workload { user { id } claimed overdue completed } } }`;

type Durations = { count: number; averageSeconds: number | null; medianSeconds: number | null; p90Seconds: number | null };
type Totals = { started: number; completed: number; rejected: number; cancelled: number; successRate: number | null; cycleTime: Durations };
export interface Answer {
  from: string;
  to: string;
  timeZone: string;
  pendingEvents: number;
  unfinished: number;
  totals: Totals;
  previous: Totals;
  groups: {
    definitionKey: string | null;
    definitionVersion: number | null;
    team: { id: string } | null;
    user: { id: string } | null;
    unfinished: number;
    totals: Totals;
  }[];
  throughput: { date: string; started: number; completed: number; rejected: number; cancelled: number }[];
  states: { definitionKey: string; state: string; running: number; suspended: number; failed: number; share: number; time: Durations }[];
  transitions: { definitionKey: string; from: string; to: string; transition: string | null; kind: string; count: number; share: number }[];
  bottleneck: { definitionKey: string; state: string; share: number; reason: string; staysPerInstance: number | null } | null;
  workload: { user: { id: string }; claimed: number; overdue: number; completed: number }[];
}

export const ask = async (who: TestUser, filter: object = {}, groupBy?: string): Promise<Answer> =>
  (await who.run<{ workflowStatistics: Answer }>(statistics, { filter, groupBy })).workflowStatistics;

/** A number generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const closeTo = (actual: number | null, exact: number): void => {
  // Time in the database has microseconds; the recount reads milliseconds.
  expect(Math.abs((actual ?? Number.NaN) * 1_000 - exact)).toBeLessThanOrEqual(0.0101 * exact + 1.5);
};

function sameDurations(actual: Durations, sorted: readonly number[]): void {
  expect(actual.count).toBe(sorted.length);
  if (sorted.length === 0) return;
  const at = (q: number) => sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
  closeTo(actual.medianSeconds, at(0.5));
  closeTo(actual.p90Seconds, at(0.9));
  closeTo(actual.averageSeconds, sorted.reduce((a, b) => a + b, 0) / sorted.length);
}

const noZeros = (counts: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** Compares an answer with a recount of the rows. */
function same(answer: Answer, exact: Recounted): void {
  const { started, completed, rejected, cancelled } = exact;
  expect(answer.totals).toMatchObject({ started, completed, rejected, cancelled });
  expect(answer.unfinished).toBe(exact.unfinished);
  sameDurations(answer.totals.cycleTime, exact.cycleTimes);
  const days = answer.throughput.filter((day) => day.started + day.completed + day.rejected + day.cancelled > 0);
  expect(Object.fromEntries(days.map((day) => [day.date, [day.started, day.completed, day.rejected, day.cancelled]]))).toEqual(exact.byDay);
  for (const { definitionKey, state, time } of answer.states) sameDurations(time, exact.stays[`${definitionKey} ${state}`] ?? []);
  expect(answer.states.filter(({ time }) => time.count > 0).length).toBe(Object.keys(exact.stays).length);
  const present = answer.states.flatMap(({ definitionKey, state, running, suspended, failed }) => [
    [`${definitionKey} ${state} RUNNING`, running] as const,
    [`${definitionKey} ${state} SUSPENDED`, suspended] as const,
    [`${definitionKey} ${state} FAILED`, failed] as const,
  ]);
  expect(noZeros(Object.fromEntries(present))).toEqual(exact.present);
  expect(
    Object.fromEntries(
      answer.transitions.map(({ definitionKey, from, kind, transition, to, count }) => [
        `${definitionKey} ${from} ${kind} ${transition} ${to}`,
        count,
      ]),
    ),
  ).toEqual(exact.departures);
  const done = answer.workload.map(({ user, completed: count }) => [decodeId("user", user.id), count] as const);
  expect(noZeros(Object.fromEntries(done))).toEqual(exact.completedTasks);
}

/** Does random things through the API, while the tenant's clock advances by random times. */
async function live(weft: SharedWeft, tenant: TestTenant, { seed, steps }: { readonly seed: number; readonly steps: number }) {
  const random = generator(seed);
  const teams = [await tenant.team("north"), await tenant.team("south")];
  await tenant.definition(part);
  await tenant.definition(loan());
  const second = await tenant.definition(loan("description: The second version\n"));
  const [manager, olga] = [await tenant.user("workflow_manager"), await tenant.user("operations", { teams: ["north"] })];
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  let offset = 0;
  const advance = async (ms: number) => {
    offset += ms;
    await owner`update identity.tenants set clock_offset_ms = ${offset}, is_sandbox = true where tenant_id = ${tenant.id}`;
  };
  const ids: string[] = [];
  const attempt = async (who: TestUser, mutation: string, variables: object): Promise<void> => {
    // Many are not open now: a rejection changes nothing.
    await who.send(mutation, { ...variables });
  };
  const mutations = {
    fire: "mutation ($id: ID!, $name: String!) { fireTransition(input: { instanceId: $id, transition: $name }) { instance { id } } }",
    cancel: 'mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, reason: "No" }) { instance { id } } }',
    suspend: 'mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Wait" }) { instance { id } } }',
    resume: 'mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id, reason: "On" }) { instance { id } } }',
    rollback:
      'mutation ($id: ID!, $v: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $v, data: CURRENT, reason: "Back" }) { instance { id } } }',
    comment: 'mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, audience: PUBLIC, comment: "Hm" }) { instance { id } } }',
  };
  for (let step = 0; step < steps; step++) {
    await advance(random(4) === 0 ? random(3 * 86_400_000) : random(4_000_000));
    const id = ids[random(ids.length)] ?? "";
    const what = random(20);
    if (what < 5 || ids.length === 0) {
      const teamId = [null, ...teams][random(3)];
      const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
        "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
        { input: { definitionKey: "loan", ...(teamId && { teamId }) } },
      );
      ids.push(startWorkflow.instance.id);
    } else if (what < 12) {
      const name = ["submit", "submit", "approve", "approve", "again", "back", "reject", "stop"][random(8)];
      await attempt(olga, mutations.fire, { id, name });
    } else if (what < 15) {
      const { tasks } = await olga.run<{ tasks: { edges: { node: { id: string; state: string } }[] } }>(
        "{ tasks(queue: OFFERED_TO_ME, first: 50) { edges { node { id state } } } }",
      );
      const task = tasks.edges[random(tasks.edges.length)]?.node;
      if (task) {
        await attempt(olga, "mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: task.id });
        if (random(3) > 0)
          await attempt(olga, "mutation ($id: ID!, $t: String!) { completeTask(input: { id: $id, transition: $t }) { task { id } } }", {
            id: task.id,
            t: task.state === "check" ? "accept" : "approve",
          });
      }
    } else if (what === 15) await attempt(manager, mutations.cancel, { id });
    else if (what === 16) await attempt(manager, random(2) === 0 ? mutations.suspend : mutations.resume, { id });
    else if (what === 17) await attempt(manager, mutations.rollback, { id, v: 1 + random(3) });
    else if (what === 18) await attempt(manager, mutations.comment, { id });
    else {
      const { workflowInstances } = await manager.run<{ workflowInstances: { edges: { node: { id: string } }[] } }>(
        '{ workflowInstances(filter: { definitionKey: { eq: "part" }, status: { eq: RUNNING } }) { edges { node { id } } } }',
      );
      const child = workflowInstances.edges[0]?.node.id;
      if (child) await attempt(manager, mutations.fire, { id: child, name: "close" });
    }
    if (step === Math.floor(steps / 2))
      await migrate(manager, { from: second, to: await tenant.definition(loan("description: The third version\n")) });
  }
  await advance(60_000);
  await owner.end();
  return { manager, teams };
}

async function migrate(manager: TestUser, { from, to }: { from: string; to: string }): Promise<void> {
  const { migrateInstances } = await manager.run<{ migrateInstances: { operation: { id: string } } }>(
    "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
    { input: { from, to } },
  );
  const { id } = migrateInstances.operation;
  const read = "query ($id: ID!) { bulkOperation(id: $id) { status } }";
  await until(async () => (await manager.run<{ bulkOperation: { status: string } }>(read, { id })).bulkOperation.status !== "RUNNING", {
    what: "the instances are migrated",
  });
}

/** Works at random, and compares all statistics with a recount. Returns how many instances were started. */
export async function compareWithRecount(
  weft: SharedWeft,
  { seed, steps, timeZone }: { readonly seed: number; readonly steps: number; readonly timeZone: string },
): Promise<number> {
  const tenant = await weft.tenant();
  const { manager, teams } = await live(weft, tenant, { seed, steps });
  const compare = async (filter: object, where: Recount["where"], who = tenant.admin): Promise<Answer> => {
    const answer = await ask(who, { timeZone, ...filter });
    expect(answer.pendingEvents).toBe(0);
    const period = { from: new Date(answer.from), to: new Date(answer.to), timeZone };
    const rows = await readRows(weft.database.ownerUrl, tenant.id);
    same(answer, recount(rows, { ...period, ...(where && { where }) }));
    return answer;
  };
  const all = await compare({}, undefined);
  const length = Date.parse(all.to) - Date.parse(all.from);
  const rows = await readRows(weft.database.ownerUrl, tenant.id);
  const before = recount(rows, { from: new Date(Date.parse(all.from) - length), to: new Date(all.from), timeZone });
  expect(all.previous).toMatchObject({ started: before.started, completed: before.completed, cancelled: before.cancelled });
  const from = new Date(Date.parse(all.to) - 11 * 86_400_000 - 5_000_000).toISOString();
  await compare({ from, to: new Date(Date.parse(all.to) - 4 * 86_400_000).toISOString() }, undefined);
  await compare({ definitionKey: "part" }, ({ key }) => key === "part");
  await compare({ definitionKey: "loan", definitionVersion: 3 }, ({ key, number }) => key === "loan" && number === 3);
  await compare({ teamId: teams[0] }, ({ team }) => team === decodeId("team", teams[0] ?? ""));
  // Without the roll-up.
  await compare({ assigneeId: manager.id }, ({ assignee }) => assignee === decodeId("user", manager.id));

  for (const [groupBy, keyOf] of [
    ["DEFINITION", (row: { key: string }) => row.key],
    ["VERSION", (row: { key: string; number: number }) => `${row.key} ${row.number}`],
    ["TEAM", (row: { team: string | null }) => row.team && encodeId("team", row.team)],
  ] as const) {
    const { groups } = await ask(tenant.admin, { timeZone, from: all.from, to: all.to }, groupBy);
    const shown = groups.filter(
      ({ totals, unfinished }) => totals.started + totals.completed + totals.rejected + totals.cancelled + unfinished > 0,
    );
    const period = { from: new Date(all.from), to: new Date(all.to), timeZone };
    for (const { definitionKey, definitionVersion, team, totals, unfinished } of shown) {
      const name = team ? team.id : definitionVersion === null ? definitionKey : `${definitionKey} ${definitionVersion}`;
      const exact = recount(rows, { ...period, where: (row) => keyOf(row) === name });
      expect({ ...totals, unfinished }).toEqual({
        started: exact.started,
        completed: exact.completed,
        rejected: exact.rejected,
        cancelled: exact.cancelled,
        unfinished: exact.unfinished,
      });
    }
    const names = new Set(rows.instances.map(keyOf).filter((name) => name !== null));
    expect(shown.length).toBeLessThanOrEqual(names.size);
    expect(shown.length).toBeGreaterThan(0);
  }
  // When everything is rolled up, the answer is the same, without events that the query counts itself.
  const sql = postgres(weft.database.ownerUrl, { max: 1 });
  await until(
    async () => {
      const [row] = await sql`select h.position = c.position as equal from events.position_heads h join events.consumer_cursors c
        on c.tenant_id = h.tenant_id and c.consumer = 'statistics' where h.tenant_id = ${tenant.id}`;
      const [outbox] = await sql`select count(*)::int as count from events.outbox where tenant_id = ${tenant.id}`;
      return row?.["equal"] === true && outbox?.["count"] === 0;
    },
    { what: "the events are rolled up" },
  );
  await compare({}, undefined);
  // Nothing negative or zero is left in the cells.
  const wrong =
    await sql`select * from workflows.statistics s, jsonb_each_text(s.counts) e where s.tenant_id = ${tenant.id} and e.value::int <= 0`;
  expect(wrong).toEqual([]);
  await sql.end();
  return all.totals.started;
}
