import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

// Two hundred users do the same thing at the same time.

const PEOPLE = 200;

const poll = `
weft: 1
key: poll
name: Poll
initial: open
states:
  open:
    transitions: { push: { to: voting, allow: { roles: [operations] } } }
  voting:
    tasks:
      first: { title: First, count: 100, candidates: { roles: [operations] } }
      second: { title: Second, count: 100, candidates: { roles: [operations] } }
    decide: { yes: all, no: any }
    transitions: { yes: { to: done }, no: { to: done } }
  done: { final: completed }
`;

const fire = `mutation ($id: ID!, $expectedVersion: Int, $key: String) { fireTransition(input: { instanceId: $id, transition: "push", expectedVersion: $expectedVersion, idempotencyKey: $key }) { instance { version } } }`;
const complete = `mutation ($id: ID!, $key: String) { completeTask(input: { id: $id, transition: "yes", idempotencyKey: $key }) { instance { version state } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state version history { kind version } } }`;
const tasks = `query ($id: ID!, $after: String) { tasks(filter: { instanceId: { eq: $id } }, first: 100, after: $after) { pageInfo { endCursor hasNextPage } edges { node { id } } } }`;

type Now = { workflowInstance: { state: string; version: number; history: { kind: string; version: number }[] } };
type Page = { tasks: { pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { id: string } }[] } };
type Answer = { code: string; currentVersion: number | undefined };

let weft: TestWeft;
let tenant: TestTenant;
let people: TestUser[];
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  tenant = await weft.tenant();
  await tenant.definition(poll);
  people = [];
  while (people.length < PEOPLE) people.push(...(await Promise.all(Array.from({ length: 10 }, () => tenant.user("operations")))));
}, 240_000);
afterAll(() => weft.stop());

async function start(): Promise<string> {
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "poll" }) { instance { id } } }`,
  );
  return startWorkflow.instance.id;
}

/** Users who found no free connection in time are told to retry, and do so with the same key: perhaps only the response was late. */
async function insist(
  who: TestUser,
  query: string,
  variables: { readonly id: string; readonly expectedVersion?: number },
): Promise<Answer> {
  for (;;) {
    const { errors } = await who.send(query, { ...variables, key: `once ${variables.id}` });
    const extensions = errors?.[0]?.extensions as { code?: string; currentVersion?: number } | undefined;
    if (extensions?.code !== "SERVICE_UNAVAILABLE" && extensions?.code !== "RATE_LIMITED")
      return { code: errors === undefined ? "OK" : (extensions?.code ?? "?"), currentVersion: extensions?.currentVersion };
  }
}

test("of 200 users that fire one transition at the same time one wins, 199 get CONFLICT with the current version, and the history has one row for it", async () => {
  const id = await start();
  const answers = await Promise.all(people.map((who) => insist(who, fire, { id, expectedVersion: 1 })));
  expect(answers.filter(({ code }) => code === "OK")).toHaveLength(1);
  expect(answers.filter(({ code, currentVersion }) => code === "CONFLICT" && currentVersion === 2)).toHaveLength(PEOPLE - 1);
  const { workflowInstance } = await tenant.admin.run<Now>(read, { id });
  expect(workflowInstance.history.map(({ kind }) => kind)).toEqual(["START", "TRANSITION"]);
}, 120_000);

test("of 200 users that vote at the same time every vote counts, and one of them decides", async () => {
  const id = await start();
  await people[0]?.run(fire, { id });
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const page: Page = await tenant.admin.run<Page>(tasks, { id, after });
    ids.push(...page.tasks.edges.map(({ node }) => node.id));
    if (!page.tasks.pageInfo.hasNextPage) break;
    after = page.tasks.pageInfo.endCursor;
  }
  expect(ids).toHaveLength(PEOPLE);
  const answers = await Promise.all(people.map((who, index) => insist(who, complete, { id: ids[index] ?? "" })));
  expect(answers.filter(({ code }) => code !== "OK")).toEqual([]);
  const { workflowInstance } = await tenant.admin.run<Now>(read, { id });
  expect([workflowInstance.state, workflowInstance.version]).toEqual(["done", 2 + PEOPLE]);
  expect(workflowInstance.history.filter(({ kind }) => kind === "TRANSITION")).toHaveLength(2);
}, 240_000);

test("of 200 users that complete one task at the same time one succeeds", async () => {
  const id = await start();
  await people[0]?.run(fire, { id });
  const page = await tenant.admin.run<Page>(tasks, { id });
  const answers = await Promise.all(people.map((who) => insist(who, complete, { id: page.tasks.edges[0]?.node.id ?? "" })));
  expect(answers.filter(({ code }) => code === "OK")).toHaveLength(1);
  expect(answers.filter(({ code }) => code !== "OK" && code !== "TRANSITION_REJECTED" && code !== "CONFLICT")).toEqual([]);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
}, 240_000);
