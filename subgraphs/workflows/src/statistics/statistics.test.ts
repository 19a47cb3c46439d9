import { asTenant, selectDays } from "@weft/shared";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { ask, compareWithRecount } from "@weft/testkit/statistics/random-work";
import { afterAll, beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review: { transitions: { back: { to: draft }, approve: { to: done } } }
  done: { final: completed }
`;

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft()));
afterAll(() => weft.stop());

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

test("equals a recount of all rows after random operations", { timeout: 30_000 }, async () => {
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
      selectDays(tx, { from: Date.parse(from) / 1_000, to: Date.parse(to) / 1_000 }, timeZone),
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
