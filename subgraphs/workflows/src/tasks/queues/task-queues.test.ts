import { decodeId } from "@weft/shared/ids";
import { brokenInvariants, startTestWeft, type TestUser, type TestWeft } from "@weft/testkit";
import fc from "fast-check";
import { postgres } from "@weft/pg-driver";
import { explainStatements } from "@weft/testkit/cost/touched-pages";
import { fillTasks } from "@weft/testkit/cost/filled-tasks";
import { settle } from "@weft/testkit/cost/sliced";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const page = `query ($queue: TaskQueue, $filter: TaskFilter, $orderBy: TaskOrder) {
  tasks(queue: $queue, filter: $filter, orderBy: $orderBy, first: 50) { edges { node { title hasNoCandidates } } } }`;
const counts = "{ taskCounts { mine offeredToMe team unassigned overdue noCandidates } }";
const claim = `mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }`;
const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id tasks { id } } } }`;

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It checks the invariants of all tenants." })));
afterAll(() => weft.stop());

/** A workflow whose only task has these candidates. */
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
const warned = "mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { dueAt } warnings { path message code } } }";
const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

test("each queue contains its own tasks, and the badges show the same counts", { tags: "slow" }, async () => {
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

test("a task without candidates is visible only to users who can assign it, and says so", { tags: "slow" }, async () => {
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

test("pages ordered by deadline or priority show every task once", { tags: "slow" }, async () => {
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

test(
  "the queue of offered tasks matches the candidates of each task, in every order and page by page",
  { tags: "slow", timeout: 60_000 },
  async () => {
    const { tenant, manager, olga, otto, teamId, aTask } = await aTenant();
    const { user: vendor, id: vendorId } = await tenant.vendor();
    await aTask("some", "{ roles: [approver] }");
    await manager.run("mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }", {
      input: { userId: otto.id, substituteId: olga.id, startsAt: hours(-1), endsAt: hours(1) },
    });
    const uuids = {
      olga: decodeId("user", olga.id),
      otto: decodeId("user", otto.id),
      team: decodeId("team", teamId),
      vendor: decodeId("vendor", vendorId),
    };
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
    try {
      // Tasks of all kinds, inserted without the engine. Those of the vendor belong to an instance assigned to the vendor.
      const random = fc.sample(
        fc.record({
          roles: fc.subarray(["approver", "operations", "viewer"]),
          users: fc.subarray([uuids.olga, uuids.otto]),
          teams: fc.subarray([uuids.team]),
          vendors: fc.subarray([uuids.vendor]),
          status: fc.constantFrom("OPEN", "OPEN", "CLAIMED", "CLOSED"),
          holder: fc.constantFrom(uuids.olga, uuids.otto),
          asked: fc.option(fc.constantFrom(uuids.olga, uuids.otto), { freq: 5 }),
          priority: fc.nat(3),
          due: fc.option(fc.nat(3)),
        }),
        { numRuns: 80, seed: 6 },
      );
      await owner`insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, copy, status, candidate_roles, candidate_user_ids, candidate_team_ids,
        candidate_vendor_ids, assignee_id, question_id, asked_id, priority, due_at, created_at, closed_at)
      select i.tenant_id, app.uuid_v7(), i.id, 'review', 'r' || n, 'T' || n % 7, 1, t.status, t.roles, t.users, t.teams, t.vendors, case t.status when 'CLAIMED' then t.holder end,
             case when t.asked is not null then app.uuid_v7() end, t.asked, t.priority, now() + (t.due - 1) * interval '1 hour', now() + n % 5 * interval '1 second', case t.status when 'CLOSED' then now() end
        from workflows.instances i, rows from (jsonb_to_recordset(${owner.json(random)}) as (roles text[], users uuid[], teams uuid[], vendors uuid[], status text, holder uuid, asked uuid, priority int, due int))
             with ordinality as t(roles, users, teams, vendors, status, holder, asked, priority, due, n) where i.tenant_id = ${tenant.id}`;
      await owner`insert into app.object_access (tenant_id, object_id, vendor_id) select tenant_id, id, ${uuids.vendor} from workflows.instances where tenant_id = ${tenant.id}`;
    } finally {
      await owner.end();
    }

    const list = `query ($queue: TaskQueue!, $filter: TaskFilter, $orderBy: TaskOrder, $first: Int, $last: Int, $after: String, $before: String) {
    tasks(queue: $queue, filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
      totalCount edges { cursor node { id status } } } }`;
    type Listed = { tasks: { totalCount: number; edges: { cursor: string; node: { id: string; status: string } }[] } };
    // A condition that can match finished tasks cannot use the indexes of offers, so each task is examined.
    const everything = { not: { status: { eq: "COMPLETED" } } };
    const orders = ["CREATED_AT", "DUE_AT", "PRIORITY", "TITLE"].flatMap((field) => [
      { field, direction: "ASC" },
      { field, direction: "DESC" },
    ]);
    let turn = 0;
    for (const who of [olga, otto, vendor])
      for (const queue of ["OFFERED_TO_ME", "TEAM", "UNASSIGNED", "OVERDUE"]) {
        for (const orderBy of [orders[turn++ % 8], orders[(turn + 4) % 8]]) {
          const { tasks: whole }: Listed = await who.run(list, { queue, filter: everything, orderBy, first: 100 });
          const expected = whole.edges.filter(
            ({ node }) => node.status === "OPEN" || (node.status === "CLAIMED" && queue !== "UNASSIGNED"),
          );
          const seen: string[] = [];
          for (let after: string | null = null, count = 25; count === 25;) {
            const { tasks }: Listed = await who.run(list, { queue, orderBy, first: 25, after });
            expect(tasks.totalCount).toBe(expected.length);
            seen.push(...tasks.edges.map(({ node }) => node.id));
            [after, count] = [tasks.edges.at(-1)?.cursor ?? null, tasks.edges.length];
          }
          expect(seen, `${queue} by ${JSON.stringify(orderBy)}`).toEqual(expected.map(({ node }) => node.id));
        }
        const { tasks: first }: Listed = await who.run(list, { queue, first: 9 });
        const { tasks: back }: Listed = await who.run(list, { queue, last: 8, before: first.edges.at(-1)?.cursor ?? null });
        expect(back.edges.map(({ node }) => node.id)).toEqual(first.edges.slice(0, -1).map(({ node }) => node.id));
      }
    expect((await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).filter((line) => line.startsWith("tasks:"))).toEqual([]);
  },
);

test("a badge stops at a thousand, even for tasks with several candidates of which one user is more than one", async () => {
  const { tenant, olga, teamId, aTask } = await aTenant();
  await aTask("one", "{ roles: [viewer] }");
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  const offer = async (many: number, who: { roles: string[]; users: string[]; teams: string[] }) =>
    owner`insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, copy, status, candidate_roles, candidate_user_ids, candidate_team_ids, created_at)
      select i.tenant_id, app.uuid_v7(), i.id, 'review', ${`${JSON.stringify(who)} `} || n, 'T', 1, 'OPEN', ${who.roles}::text[], ${who.users}::uuid[], ${who.teams}::uuid[], now()
        from workflows.instances i, generate_series(1, ${many}) n where i.tenant_id = ${tenant.id}`;
  const [roles, users, teams] = [["approver"], [decodeId("user", olga.id)], [decodeId("team", teamId)]];
  const offered = "{ taskCounts { offeredToMe } }";
  try {
    await offer(600, { roles, users, teams: [] });
    expect(await olga.run(offered)).toEqual({ taskCounts: { offeredToMe: 600 } });
    await offer(600, { roles, users: [], teams });
    expect(await olga.run(offered)).toEqual({ taskCounts: { offeredToMe: 1_000 } });
  } finally {
    await owner.end();
  }
});

test("a deadline in the past is set with a warning, one in the future without", async () => {
  const { manager, aTask } = await aTenant();
  const id = await aTask("late", "{ roles: [approver] }");
  const dueAt = "2020-03-01T09:30:00.000Z";
  const input = { id, dueAt, idempotencyKey: "late" };
  const late = {
    updateTask: {
      task: { dueAt },
      warnings: [
        {
          path: "input.dueAt",
          message: `The deadline "${dueAt}" is in the past, so the task is overdue immediately. Choose a later deadline if this is unintended.`,
          code: "DUE_IN_PAST",
        },
      ],
    },
  };
  expect(await manager.run(warned, { input })).toEqual(late);
  expect(await manager.run(warned, { input })).toEqual(late);
  for (const change of [{ dueAt: hours(1) }, { dueAt: null }, { priority: "LOW" }])
    expect(await manager.run(warned, { input: { id, ...change } })).toMatchObject({ updateTask: { warnings: [] } });
});

describe("in a tenant whose waiting tasks are nearly all in another queue", () => {
  const count = 20_000;
  /** Those of all waiting tasks are more: half of them, about twenty to a page, or one page for each if they are read one by one. */
  const maxPages = 500;
  let owner: postgres.Sql;
  let app: postgres.Sql;
  let auth: postgres.Sql;
  let company: Awaited<ReturnType<typeof aTenant>>;
  let people: Readonly<Record<string, TestUser>>;

  beforeAll(async () => {
    owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
    app = postgres(weft.database.appUrl, { max: 1 });
    auth = postgres(weft.database.authUrl, { max: 1 });
    company = await aTenant();
    const { tenant, teamId, olga } = company;
    const clerk = await tenant.assignee({ teams: ["reviewers"] });
    people = { olga, clerk };
    await fillTasks(owner, tenant.id, { count, clerk: decodeId("user", clerk.id), team: decodeId("team", teamId), sizes: "skewed" });
    await settle(owner);
  }, 60_000);
  afterAll(() => Promise.all([owner.end(), app.end(), auth.end()]));

  /** Returns what the statement touches, for each person. */
  async function pagesOf(
    statement: string,
    query: (user: TestUser) => Promise<unknown>,
    who: readonly string[],
  ): Promise<[string, number][]> {
    const watched = { databases: weft.weft.services.databases, app, auth, tenantId: company.tenant.id };
    const found: [string, number][] = [];
    for (const name of who) {
      const user = people[name];
      if (!user) throw new Error(`There is no ${name}.`);
      const explained = await explainStatements(watched, () => query(user), [statement]);
      expect(explained.map((one) => one.name)).toEqual([statement]);
      found.push(...explained.map(({ pages }): [string, number] => [name, pages]));
    }
    return found;
  }
  const expensive = (found: [string, number][]) => found.filter(([, pages]) => pages > maxPages);

  test.each(["CREATED_AT", "DUE_AT", "PRIORITY"])(
    "a page of their own queues by %s does not read the tasks of the other queue",
    async (field) => {
      for (const queue of ["OFFERED_TO_ME", "TEAM", "UNASSIGNED"]) {
        const variables = { queue, orderBy: { field, direction: "ASC" } };
        expect(expensive(await pagesOf("selectTaskPage", (user) => user.run(page, variables), ["olga", "clerk"])), queue).toEqual([]);
      }
    },
  );

  test("a badge does not read the tasks of the other queue", async () => {
    // Badges of the others count unassigned and overdue tasks of all queues.
    expect(expensive(await pagesOf("countQueues", (user) => user.run(counts), ["clerk"]))).toEqual([]);
  });

  test("the next tasks after a completed one are found without reading the other queue", async () => {
    const [id] = [await company.aTask("next", "{ roles: [approver] }"), await company.aTask("another", "{ roles: [approver] }")];
    const complete = `mutation ($id: ID!) { completeTask(input: { id: $id, transition: "approve" }) { nextTasks { title } } }`;
    expect(expensive(await pagesOf("selectNextTasks", (user) => user.run(complete, { id }), ["olga"]))).toEqual([]);
  });
});
