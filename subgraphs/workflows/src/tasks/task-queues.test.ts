import { startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const page = `query ($queue: TaskQueue, $filter: TaskFilter, $orderBy: TaskOrder) {
  tasks(queue: $queue, filter: $filter, orderBy: $orderBy, first: 50) { edges { node { title hasNoCandidates } } } }`;
const counts = "{ taskCounts { mine offeredToMe team unassigned overdue noCandidates } }";
const claim = `mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }`;
const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id tasks { id } } } }`;

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft()));
afterAll(() => weft.stop());

/** A workflow whose one task has these candidates. */
const definition = (key: string, candidates: string) => `weft: 1
key: ${key}
name: ${key}
data: { type: object, properties: {} }
initial: review
states:
  review:
    task: { title: ${key}, candidates: ${candidates} }
    transitions: { approve: { to: done } }
  done: { final: completed }
`;

async function aTenant() {
  const tenant = await weft.tenant();
  const teamId = await tenant.team("reviewers");
  const manager = await tenant.user("workflow_manager");
  const olga = await tenant.user("approver", { teams: ["reviewers"] });
  const otto = await tenant.user("approver");
  const aTask = async (key: string, candidates: string) => {
    await tenant.definition(definition(key, candidates));
    const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { tasks: { id: string }[] } } }>(start, {
      input: { definitionKey: key, data: {} },
    });
    return startWorkflow.instance.tasks[0]?.id ?? "";
  };
  return { tenant, manager, olga, otto, teamId, aTask };
}

async function titles(who: TestUser, variables: object): Promise<string[]> {
  const { tasks } = await who.run<{ tasks: { edges: { node: { title: string } }[] } }>(page, { ...variables });
  return tasks.edges.map(({ node }) => node.title);
}

const update = "mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { priority dueAt version } } }";
const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

test("each queue holds its own, and the badges count the same", async () => {
  const { manager, olga, otto, teamId, aTask } = await aTenant();
  const byRole = await aTask("by-role", "{ roles: [approver] }");
  await aTask("by-team", `{ teams: [${teamId}] }`);
  const byName = await aTask("by-name", `{ users: [${otto.id}] }`);
  await aTask("by-several", `{ roles: [operations], users: [${olga.id}] }`);
  await aTask("for-nobody", "{ assignee: true }");
  const taken = await aTask("taken", "{ roles: [approver] }");
  await olga.run(claim, { id: taken });
  await manager.run(update, { input: { id: byName, dueAt: hours(-24), priority: "URGENT" } });
  await manager.run(update, { input: { id: byRole, dueAt: hours(24), priority: "LOW" } });

  expect(await titles(olga, { queue: "MINE" })).toEqual(["taken"]);
  expect(await titles(olga, { queue: "OFFERED_TO_ME" })).toEqual(["by-role", "by-team", "by-several", "taken"]);
  expect(await titles(otto, { queue: "OFFERED_TO_ME" })).toEqual(["by-role", "by-name", "taken"]);
  expect(await titles(olga, { queue: "TEAM" })).toEqual(["by-team"]);
  expect(await titles(otto, { queue: "TEAM" })).toEqual([]);
  expect(await titles(olga, { queue: "UNASSIGNED" })).toEqual(["by-role", "by-team", "by-name", "by-several"]);
  expect(await titles(olga, { queue: "OVERDUE" })).toEqual(["by-name"]);
  expect(await titles(olga, { queue: "NO_CANDIDATES" })).toEqual([]);
  expect(await titles(manager, { queue: "NO_CANDIDATES" })).toEqual(["for-nobody"]);
  expect(await olga.run(counts)).toEqual({
    taskCounts: { mine: 1, offeredToMe: 4, team: 1, unassigned: 4, overdue: 1, noCandidates: 0 },
  });
  expect(await manager.run(counts)).toEqual({
    taskCounts: { mine: 0, offeredToMe: 0, team: 0, unassigned: 5, overdue: 1, noCandidates: 1 },
  });

  const order = (field: string, direction: string) => titles(olga, { queue: "OFFERED_TO_ME", orderBy: { field, direction } });
  expect(await order("DUE_AT", "ASC")).toEqual(["by-role", "by-team", "by-several", "taken"]);
  expect(await order("PRIORITY", "DESC")).toEqual(["taken", "by-several", "by-team", "by-role"]);
  expect(await titles(olga, { filter: { priority: { in: ["URGENT", "LOW"] } } })).toEqual(["by-role", "by-name"]);
});

test("a task that nobody is offered is seen by who may assign it alone, and says so", async () => {
  const { tenant, manager, olga, aTask } = await aTenant();
  const id = await aTask("for-nobody", "{ assignee: true }");
  const read = "query ($id: ID!) { task(id: $id) { title hasNoCandidates } }";
  expect(await manager.run(read, { id })).toEqual({ task: { title: "for-nobody", hasNoCandidates: true } });
  const viewer = await tenant.user("viewer");
  for (const who of [olga, viewer]) {
    expect(await who.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await titles(who, {})).toEqual([]);
  }
  expect(await olga.refusal(claim, { id })).toBe("NOT_FOUND");
  await manager.run(claim, { id });
  expect(await viewer.run(read, { id })).toEqual({ task: { title: "for-nobody", hasNoCandidates: false } });
});

test("pages by a deadline or a priority show everything once", async () => {
  const { manager, olga, aTask } = await aTenant();
  const ids = new Map<string, string>();
  for (const key of ["a", "b", "c", "d", "e"]) ids.set(key, await aTask(key, "{ roles: [approver] }"));
  await manager.run(update, { input: { id: ids.get("c"), dueAt: hours(0), priority: "HIGH" } });
  await manager.run(update, { input: { id: ids.get("e"), dueAt: hours(1) } });
  const walk = `query ($orderBy: TaskOrder, $after: String) { tasks(queue: OFFERED_TO_ME, orderBy: $orderBy, first: 2, after: $after) {
    edges { node { title } } pageInfo { hasNextPage endCursor } } }`;
  const all = async (orderBy: object) => {
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { tasks }: { tasks: { edges: { node: { title: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } =
        await olga.run(walk, { orderBy, after });
      seen.push(...tasks.edges.map(({ node }) => node.title));
      [after, more] = [tasks.pageInfo.endCursor, tasks.pageInfo.hasNextPage];
    }
    return seen;
  };
  expect(await all({ field: "DUE_AT", direction: "ASC" })).toEqual(["c", "e", "a", "b", "d"]);
  expect(await all({ field: "DUE_AT", direction: "DESC" })).toEqual(["d", "b", "a", "e", "c"]);
  expect(await all({ field: "PRIORITY", direction: "DESC" })).toEqual(["c", "e", "d", "b", "a"]);
});
