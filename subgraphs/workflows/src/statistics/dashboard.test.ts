import { advanceClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
initial: review
states:
  review: { task: { title: Review, candidates: { roles: [operations] } }, transitions: { approve: { to: done }, reject: { to: rejected } } }
  done: { final: completed }
  rejected: { final: rejected }
`;
const counters = `unfinished running suspended failed startedToday completedToday rejectedToday cancelledToday
  openTasks claimedTasks overdueTasks states { definitionKey state running suspended }`;
const query = `query ($definitionKey: String) { dashboard(definitionKey: $definitionKey) { cursor ${counters} } }`;
const subscription = `subscription ($after: String) { dashboard(after: $after) { cursor ${counters} } }`;

interface Counters {
  readonly cursor: string | null;
  readonly unfinished: number;
  readonly startedToday: number;
  readonly completedToday: number;
  readonly openTasks: number;
  readonly claimedTasks: number;
}

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function aTenant(): Promise<{ tenant: TestTenant; manager: TestUser; olga: TestUser; start: () => Promise<string> }> {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  const [manager, olga] = [await tenant.user("workflow_manager"), await tenant.user("operations")];
  const start = async (): Promise<string> => {
    const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "loan" }) { instance { id } } }',
    );
    return startWorkflow.instance.id;
  };
  return { tenant, manager, olga, start };
}

const fire = (who: TestUser, id: string, name: string) =>
  who.run("mutation ($id: ID!, $name: String!) { fireTransition(input: { instanceId: $id, transition: $name }) { instance { id } } }", {
    id,
    name,
  });

test("shows the counters of today and of the present", async () => {
  const { manager, start } = await aTenant();
  const [first, second] = [await start(), await start(), await start()];
  await fire(manager, first, "approve");
  await manager.run('mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Wait" }) { instance { id } } }', {
    id: second,
  });
  expect(await manager.run(query)).toEqual({
    dashboard: {
      cursor: null,
      unfinished: 2,
      running: 1,
      suspended: 1,
      failed: 0,
      startedToday: 3,
      completedToday: 1,
      rejectedToday: 0,
      cancelledToday: 0,
      openTasks: 2,
      claimedTasks: 0,
      overdueTasks: 0,
      states: [{ definitionKey: "loan", state: "review", running: 1, suspended: 1 }],
    },
  });
  expect(await manager.run(query, { definitionKey: "other" })).toMatchObject({ dashboard: { unfinished: 0, openTasks: 0, states: [] } });
});

test("pushes the counters when they have changed, and continues after a cursor", async () => {
  const { manager, olga, start } = await aTenant();
  const feed = await manager.subscribe<Counters>("dashboard", subscription);
  const id = await start();
  const [latest] = (await feed.until((all) => all.some(({ unfinished, openTasks }) => unfinished === 1 && openTasks === 1))).slice(-1);
  expect(latest).toMatchObject({ unfinished: 1, startedToday: 1, completedToday: 0, openTasks: 1, claimedTasks: 0 });
  await feed.stop();
  await fire(olga, id, "approve");
  const later = await manager.subscribe<Counters>("dashboard", subscription, { after: latest?.cursor });
  const [end] = await later.until((all) => all.length > 0);
  expect(end).toMatchObject({ unfinished: 0, startedToday: 1, completedToday: 1, openTasks: 0 });
  await later.stop();
});

test("counts a task as overdue when its deadline passes, without any other change", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(loan.replace("title: Review,", "title: Review, due: P1D,"));
  const manager = await tenant.user("workflow_manager");
  await manager.run('mutation { startWorkflow(input: { definitionKey: "loan" }) { instance { id } } }');
  const feed = await manager.subscribe<Counters & { overdueTasks: number }>("dashboard", subscription);
  await advanceClock(weft, tenant, { days: 2 });
  const [latest] = (await feed.until((all) => all.some(({ overdueTasks }) => overdueTasks === 1))).slice(-1);
  expect(latest).toMatchObject({ openTasks: 1, overdueTasks: 1, unfinished: 1 });
  await feed.stop();
});

test("users of vendors cannot see or watch it, and a neighbor's work changes nothing", async () => {
  const { tenant, manager } = await aTenant();
  const neighbor = await aTenant();
  await neighbor.start();
  const vendor = await tenant.vendor();
  expect(await vendor.user.refusal(query)).toBe("FORBIDDEN");
  expect(await manager.run(query)).toMatchObject({ dashboard: { unfinished: 0, startedToday: 0 } });
});
