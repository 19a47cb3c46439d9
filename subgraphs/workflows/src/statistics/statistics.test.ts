import { asTenant } from "@weft/platform/db";
import { selectIntervals } from "@weft/api/periods";
import { advanceClock, fireTransition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { ask, compareWithRecount } from "@weft/testkit/statistics/random-work";
import { beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review: { transitions: { back: { to: draft }, approve: { to: done } } }
  done: { final: completed }
`;

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function started(who: TestUser, ...transitions: string[]): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    'mutation { startWorkflow(input: { definitionKey: "loan" }) { instance { id } } }',
  );
  const { id } = startWorkflow.instance;
  for (const name of transitions)
    await who.run(
      "mutation ($id: ID!, $name: String!) { fireTransition(input: { instanceId: $id, transition: $name }) { instance { id } } }",
      {
        id,
        name,
      },
    );
  return id;
}

async function aTenant(): Promise<{ tenant: TestTenant; manager: TestUser; requester: TestUser }> {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  return { tenant, manager: await tenant.user("workflow_manager"), requester: await tenant.user("requester") };
}

test("equals a recount of all rows after random operations", { tags: "slow", timeout: 30_000 }, async () => {
  expect(await compareWithRecount(weft, { seed: 4, timeZone: "Asia/Kathmandu", steps: 30 })).toBeGreaterThan(3);
});

test("a query counts what was committed before it, also before the roll-up has", async () => {
  const { manager } = await aTenant();
  for (let count = 1; count <= 3; count++) {
    await started(manager, "submit", "approve");
    expect(await ask(manager)).toMatchObject({
      pendingEvents: 0,
      unfinished: 0,
      totals: { started: count, completed: count, successRate: 1 },
    });
  }
});

test("users who see only some instances get statistics of those, and users of vendors none", async () => {
  const { tenant, manager } = await aTenant();
  const vendor = await tenant.vendor();
  await started(manager);
  await started(tenant.admin);
  const narrow = await tenant.user("requester");
  expect((await ask(manager)).totals.started).toBe(2);
  const query = "{ workflowStatistics { totals { started } unfinished throughput { started } } }";
  const { workflowStatistics } = await narrow.run<{ workflowStatistics: { totals: { started: number }; unfinished: number } }>(query);
  expect(workflowStatistics).toMatchObject({ totals: { started: 0 }, unfinished: 0 });
  expect(await vendor.user.refusal(query)).toBe("FORBIDDEN");
  const neighbor = await aTenant();
  expect((await ask(neighbor.manager)).totals.started).toBe(0);
  // A team of another tenant matches nothing.
  expect((await ask(neighbor.manager, { teamId: await tenant.team("north") })).totals.started).toBe(0);
});

test("the bottleneck is the state with the most time, and says whether instances come back to it", async () => {
  const { manager } = await aTenant();
  await started(manager, "submit", "back", "submit", "back", "submit", "approve");
  const { bottleneck, states } = await ask(manager);
  expect(bottleneck).toMatchObject({ definitionKey: "loan", reason: "REPEATED_STAYS", staysPerInstance: 3 });
  expect(bottleneck?.state).toBe(states[0]?.state);
  expect(states.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
});

test("states have the titles of the newest version that has them, and where work has ended is no bottleneck", async () => {
  const { tenant, manager } = await aTenant();
  const repair = (states: string): string => `weft: 1\nkey: repair\nname: Repair\ninitial: open\nstates:\n  ${states}\n`;
  const states = `open: { title: Waiting for a look, transitions: { close: { to: closed } } }
  closed: { title: Put away, closed: true, transitions: { reopen: { to: open }, end: { to: ended } } }
  ended: { final: completed }`;
  await tenant.definition(
    repair(`${states}\n  old: { title: Old state, transitions: { end: { to: ended } } }`.replace("{ close:", "{ age: { to: old }, close:")),
  );
  const start = async (...transitions: string[]): Promise<void> => {
    const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "repair" }) { instance { id } } }',
    );
    for (const transition of transitions)
      await manager.run(fireTransition, { input: { instanceId: startWorkflow.instance.id, transition } });
  };
  await start("age");
  await tenant.definition(repair(states));
  await start("close");
  await advanceClock(weft, tenant, { hours: 2 });
  await start("close", "end");
  const { workflowStatistics, dashboard } = await manager.run<{
    workflowStatistics: { states: { state: string; stateTitle: string; isEnded: boolean }[]; bottleneck: { stateTitle: string } };
    dashboard: { states: object[] };
  }>(
    `{ workflowStatistics(filter: { definitionKey: "repair" }) { states { state stateTitle isEnded } bottleneck { stateTitle } }
       dashboard(definitionKey: "repair") { states { state stateTitle isEnded running } } }`,
  );
  expect(Object.fromEntries(workflowStatistics.states.map(({ state, stateTitle, isEnded }) => [state, [stateTitle, isEnded]]))).toEqual({
    open: ["Waiting for a look", false],
    old: ["Old state", false],
    closed: ["Put away", true],
  });
  expect(workflowStatistics.bottleneck).toEqual({ stateTitle: "Waiting for a look" });
  expect(dashboard.states).toEqual([
    { state: "closed", stateTitle: "Put away", isEnded: true, running: 1 },
    { state: "old", stateTitle: "Old state", isEnded: false, running: 1 },
  ]);
});

test("the titles of states take the same statements, however many there are", async () => {
  const { tenant, manager } = await aTenant();
  await started(manager, "submit");
  const query = "{ workflowStatistics { states { stateTitle isEnded } bottleneck { stateTitle } } }";
  await manager.run(query);
  const few = (await weft.statements(() => manager.run(query))).length;
  for (const key of ["one", "two", "three"]) {
    await tenant.definition(loan.replace("key: loan", `key: ${key}`));
    await manager.run(`mutation { startWorkflow(input: { definitionKey: "${key}" }) { instance { id } } }`);
  }
  await manager.run(query);
  expect(await weft.statements(() => manager.run(query))).toHaveLength(few);
});

test("shows the SLA clocks of the period, of the period before, and of each group, as the SLA report does", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(loan.replace("review: {", "review: { sla: PT1H,"));
  const manager = await tenant.user("workflow_manager");
  const north = await tenant.team("north");
  const startIn = async (teamId: string | null): Promise<string> => {
    const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation ($teamId: ID) { startWorkflow(input: { definitionKey: "loan", teamId: $teamId }) { instance { id } } }',
      { teamId },
    );
    await manager.run(fireTransition, { input: { instanceId: startWorkflow.instance.id, transition: "submit" } });
    return startWorkflow.instance.id;
  };
  const [late, inTime] = [await startIn(north), await startIn(null)];
  await manager.run(fireTransition, { input: { instanceId: inTime, transition: "approve" } });
  await advanceClock(weft, tenant, { hours: 2 });
  await manager.run(fireTransition, { input: { instanceId: late, transition: "approve" } });
  const sums = "met missed breachedOpen cancelled complianceRate medianConsumedSeconds p90ConsumedSeconds";
  const both = `query ($from: DateTime, $to: DateTime) {
    workflowStatistics(groupBy: TEAM, filter: { from: $from, to: $to }) { sla { ${sums} } previousSla { ${sums} } groups { team { id } sla { ${sums} } } }
    slaReport(groupBy: TEAM, filter: { from: $from, to: $to }) { totals { ${sums} } groups { team { id } totals { ${sums} } } } }`;
  interface Both {
    workflowStatistics: { sla: { met: number }; previousSla: { met: number }; groups: { team: object; sla: object }[] };
    slaReport: { totals: object; groups: { team: object; totals: object }[] };
  }
  const { workflowStatistics, slaReport } = await manager.run<Both>(both);
  expect(workflowStatistics.sla).toMatchObject({ met: 1, missed: 1, breachedOpen: 0, complianceRate: 0.5 });
  expect(workflowStatistics.sla).toEqual(slaReport.totals);
  expect(workflowStatistics.groups).toEqual(slaReport.groups.map(({ team, totals }) => ({ team, sla: totals })));
  expect(workflowStatistics.groups).toMatchObject([{ team: { id: north }, sla: { met: 0, missed: 1 } }]);
  expect(workflowStatistics.previousSla).toMatchObject({ met: 0, missed: 0, complianceRate: null });
  const later = new Date(Date.now() + 3 * 3_600_000).toISOString();
  const next = await manager.run<Both>(both, { from: later, to: new Date(Date.parse(later) + 86_400_000).toISOString() });
  expect(next.workflowStatistics).toMatchObject({ sla: { met: 0, missed: 0 }, previousSla: { met: 1, missed: 1 } });
});

test("a period, a time zone or an ID that makes no sense is refused with its path", async () => {
  const { manager, tenant } = await aTenant();
  const pathOf = async (filter: object) =>
    [
      await manager.refused("query ($filter: WorkflowStatisticsFilter) { workflowStatistics(filter: $filter) { unfinished } }", { filter }),
    ].map(({ extensions }) => (extensions as { problems?: { path: string }[] }).problems?.[0]?.path);
  expect(await pathOf({ timeZone: "Mars/Base" })).toEqual(["filter.timeZone"]);
  expect(await pathOf({ timeZone: "+02:00" })).toEqual(["filter.timeZone"]);
  expect(await pathOf({ from: "2020-01-01T00:00:00Z" })).toEqual(["filter.from"]);
  expect(await pathOf({ definitionVersion: 1 })).toEqual(["filter.definitionVersion"]);
  expect(await pathOf({ teamId: manager.id })).toEqual(["filter.teamId"]);
  expect(await pathOf({ assigneeId: await tenant.team("south") })).toEqual(["filter.assigneeId"]);
});

test("days begin at local midnight, and are 23 or 25 hours long when the clocks change", async () => {
  const { tenant } = await aTenant();
  const days = async (timeZone: string, from: string, to: string) =>
    asTenant(weft.weft.services.databases.app, { tenantId: tenant.id }, "read", (tx) =>
      selectIntervals(tx, { from: Date.parse(from) / 1_000, to: Date.parse(to) / 1_000 }, { timeZone, unit: "day" }),
    );
  const starts = async (...args: [string, string, string]) =>
    (await days(...args)).map(({ date, start }) => [date, new Date(start * 1_000).toISOString()]);
  expect(await starts("Europe/Zurich", "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z")).toEqual([
    ["2026-03-28", "2026-03-27T23:00:00.000Z"],
    ["2026-03-29", "2026-03-28T23:00:00.000Z"],
    ["2026-03-30", "2026-03-29T22:00:00.000Z"],
  ]);
  expect(await starts("Europe/Zurich", "2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z")).toEqual([
    ["2026-10-25", "2026-10-24T22:00:00.000Z"],
    ["2026-10-26", "2026-10-25T23:00:00.000Z"],
  ]);
  expect(await starts("Asia/Kathmandu", "2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z")).toEqual([
    ["2026-03-01", "2026-02-28T18:15:00.000Z"],
  ]);
});
