import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { brokenInvariants } from "@weft/testkit/invariants";
import { afterAll, beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
data: { properties: { amount: { type: number }, score: { type: number }, reviewer: { type: string }, team: { type: string }, approvers: { type: array, items: { type: string } }, deadline: { type: string, format: date } } }
initial: review
states:
  review:
    tasks:
      credit: { title: Credit, candidates: { roles: [operations] }, due: P2D, priority: high }
      legal: { title: Legal, candidates: { from: [data.reviewer, data.team] }, due: data.deadline }
    decide: { approve: all, reject: any }
    transitions:
      approve: { to: board, input: { properties: { score: { type: number } } }, allow: { notSameAs: owner } }
      reject: { to: rejected, comment: required }
      withdraw: { to: rejected, allow: { owner: true } }
  board:
    task: { title: Board, for: data.approvers }
    decide: { approve: 2, otherwise: back }
    transitions:
      approve: { to: done, allow: { notSameAs: review.approve } }
      back: { to: review }
  done: { final: completed }
  rejected: { final: rejected }
`;

type Task = { id: string; rule: string; status: string; availableTransitions: { name: string; allowed: boolean; reasons: string[] }[] };
type Completed = {
  completeTask: {
    task: Task;
    instance: { id: string; state: string; version: number; data: unknown };
    nextTasks: { id: string; rule: string }[];
  };
};

const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "loan", data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state status data history { kind transition isAutomatic comment actor { id } }
  tasks { id rule status dueAt availableTransitions { name allowed reasons } } availableTransitions { name allowed reasons } } }`;
const complete = `mutation ($id: ID!, $transition: String!, $input: JSON, $comment: String, $expectedVersion: Int, $idempotencyKey: String) {
  completeTask(input: { id: $id, transition: $transition, input: $input, comment: $comment, expectedVersion: $expectedVersion, idempotencyKey: $idempotencyKey }) {
    task { id rule status availableTransitions { name } } instance { id state version data } nextTasks { id rule } } }`;

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It checks the invariants of all tenants." })));
afterAll(() => weft.stop());

async function aTenant() {
  const tenant: TestTenant = await weft.tenant();
  await tenant.definition(loan);
  const manager = await tenant.user("workflow_manager");
  const [operations, lawyer] = [await tenant.user("operations"), await tenant.user("operations")];
  return {
    tenant,
    manager,
    operations,
    lawyer,
    started: async (data: object) => {
      const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(start, { data });
      return startWorkflow.instance.id;
    },
    now: async (who: TestUser, id: string) =>
      (
        await who.run<{ workflowInstance: { state: string; status: string; data: unknown; history: { kind: string }[]; tasks: Task[] } }>(
          read,
          { id },
        )
      ).workflowInstance,
    taskOf: async (id: string, rule: string, nth = 0): Promise<string> => {
      const { workflowInstance } = await manager.run<{ workflowInstance: { tasks: Task[] } }>(read, { id });
      return workflowInstance.tasks.filter((one) => one.rule === rule && one.status !== "COMPLETED")[nth]?.id ?? "";
    },
  };
}

test(
  "each of several users votes with their own task, and the last vote that is needed transitions the instance",
  { tags: "slow" },
  async () => {
    const { manager, operations, lawyer, started, now, taskOf } = await aTenant();
    const other = operations.id;
    const id = await started({ reviewer: lawyer.id, approvers: [other, manager.id], deadline: "2031-04-01" });
    const [credit, legal] = [await taskOf(id, "credit"), await taskOf(id, "legal")];
    expect(await operations.refusal(complete, { id: legal, transition: "approve" })).toBe("TRANSITION_REJECTED");
    const voted = await operations.run<Completed>(complete, { id: credit, transition: "approve", input: { score: 7 }, comment: "Solid" });
    expect(voted.completeTask).toMatchObject({
      task: { status: "COMPLETED", availableTransitions: [] },
      instance: { state: "review", version: 2, data: { score: 7 } },
    });
    // Completing the same task again is rejected, but repeating the call with its key is not.
    expect(await lawyer.refusal(complete, { id: credit, transition: "reject", comment: "No" })).toBe("TRANSITION_REJECTED");
    const decided = await lawyer.run<Completed>(complete, { id: legal, transition: "approve", expectedVersion: 2, idempotencyKey: "k" });
    expect(
      await lawyer.run<Completed>(complete, { id: legal, transition: "approve", expectedVersion: 2, idempotencyKey: "k" }),
    ).toMatchObject({
      completeTask: { instance: { state: decided.completeTask.instance.state } },
    });
    const { state, history } = await now(manager, id);
    expect([state, history.map(({ kind }) => kind)]).toEqual(["board", ["START", "VOTE", "TRANSITION"]]);
    // The first approver cannot approve again. With only the other's vote nothing is decided, so the instance goes back automatically.
    expect(await operations.refusal(complete, { id: await taskOf(id, "board"), transition: "approve" })).toBe("TRANSITION_REJECTED");
  },
);

test("a task lists the transitions that can complete it, the instance lists those that votes decide, and the payload the next ones", async () => {
  const { manager, operations, lawyer, started, taskOf } = await aTenant();
  const first = await started({ reviewer: operations.id });
  const second = await started({});
  const [credit, legal, elsewhere] = [await taskOf(first, "credit"), await taskOf(first, "legal"), await taskOf(second, "credit")];
  const { workflowInstance } = await operations.run<{
    workflowInstance: { tasks: Task[]; availableTransitions: Task["availableTransitions"] };
  }>(read, { id: first });
  expect(
    workflowInstance.tasks.map(({ availableTransitions }) => availableTransitions.filter(({ allowed }) => allowed).map(({ name }) => name)),
  ).toEqual([
    ["approve", "reject"],
    ["approve", "reject"],
  ]);
  expect(workflowInstance.availableTransitions.map(({ name, allowed, reasons }) => [name, allowed, reasons[0]])).toEqual([
    [
      "approve",
      false,
      '"Approve" is decided by votes (all votes are required). To vote for it, complete a task of the state "Review" with this transition.',
    ],
    [
      "reject",
      false,
      '"Reject" is decided by votes (one vote is enough). To vote for it, complete a task of the state "Review" with this transition.',
    ],
    ["withdraw", false, "Only the owner can do this."],
  ]);
  const { completeTask } = await operations.run<Completed>(complete, { id: credit, transition: "approve" });
  // The other vote of the first instance cannot be given by the same person.
  expect(completeTask.nextTasks.map((one) => one.id)).toEqual([elsewhere]);
  const error = await operations.refused(complete, { id: legal, transition: "approve" });
  expect(error.extensions).toMatchObject({ code: "TRANSITION_REJECTED", reasons: [{ code: "votes" }] });
  expect((await lawyer.run<Completed>(complete, { id: elsewhere, transition: "reject", comment: "No" })).completeTask).toMatchObject({
    instance: { state: "rejected" },
    nextTasks: [],
  });
  expect(
    await manager.refusal(`mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { id } } }`, {
      id: first,
    }),
  ).toBe("TRANSITION_REJECTED");
});

test("candidates from the data are users and teams of the tenant; no other ID gives access to anything", async () => {
  const { tenant, manager, operations, started, taskOf, now } = await aTenant();
  const elsewhere = await (await weft.tenant()).user("operations");
  const team = await tenant.team("legal");
  const lawyer = await tenant.user("operations", { teams: ["legal"] });
  const id = await started({ reviewer: elsewhere.id, team });
  const legal = await taskOf(id, "legal");
  expect(await elsewhere.refusal(complete, { id: legal, transition: "approve" })).toBe("NOT_FOUND");
  expect(await operations.refusal(complete, { id: legal, transition: "approve" })).toBe("TRANSITION_REJECTED");
  expect((await lawyer.run<Completed>(complete, { id: legal, transition: "approve" })).completeTask.task.status).toBe("COMPLETED");
  expect((await now(manager, id)).state).toBe("review");
  const error = await tenant.admin.refused(start, { data: { reviewer: "nobody" } });
  expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.reviewer" }] });
});

test("of many simultaneous votes none is lost, and the decision is made once", { tags: "slow" }, async () => {
  const { tenant, now, manager } = await aTenant();
  const many = await Promise.all(Array.from({ length: 6 }, () => tenant.user("operations")));
  await tenant.definition(`weft: 1
key: poll
name: Poll
initial: open
states:
  open:
    task: { title: Vote, count: 6, candidates: { roles: [operations] } }
    decide: { yes: all, no: any }
    transitions: { yes: { to: done }, no: { to: done } }
  done: { final: completed }
`);
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "poll" }) { instance { id } } }`,
  );
  const { id } = startWorkflow.instance;
  const { tasks } = await now(tenant.admin, id);
  const answers = await Promise.all(many.map((who, index) => who.send(complete, { id: tasks[index]?.id ?? "", transition: "yes" })));
  expect(answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message))).toEqual([]);
  const after = await now(tenant.admin, id);
  expect([after.state, after.history.map(({ kind }) => kind)]).toEqual([
    "done",
    ["START", "VOTE", "VOTE", "VOTE", "VOTE", "VOTE", "TRANSITION"],
  ]);
});

const queueOf = async (who: TestUser): Promise<string[]> => {
  const { tasks, taskCounts } = await who.run<{
    tasks: { totalCount: number; edges: { node: { id: string } }[] };
    taskCounts: { offeredToMe: number };
  }>(`{ tasks(queue: OFFERED_TO_ME) { totalCount edges { node { id } } } taskCounts { offeredToMe } }`);
  const ids = tasks.edges.map(({ node }) => node.id);
  expect([tasks.totalCount, taskCounts.offeredToMe]).toEqual([ids.length, ids.length]);
  return ids;
};

/** A vote that requires two of three to agree, with candidates of one role (and, if given, also of a team). */
async function aPoll({ decide = "yes: 2, no: 2", candidates = "roles: [operations]" }: { decide?: string; candidates?: string } = {}) {
  const tenant = await weft.tenant();
  const [ada, ben, eve] = [await tenant.user("operations"), await tenant.user("operations"), await tenant.user("operations")];
  await tenant.definition(`weft: 1
key: poll
name: Poll
initial: open
states:
  open:
    task: { title: Vote, count: 3, candidates: { ${candidates} } }
    decide: { ${decide}, otherwise: again }
    transitions: { yes: { to: done }, no: { to: done }, again: { to: open } }
  done: { final: completed }
`);
  const begin = `mutation { startWorkflow(input: { definitionKey: "poll" }) { instance { id } } }`;
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(begin);
  const vote = async (who: TestUser, transition = "yes") => {
    const [id = ""] = await queueOf(who);
    return (await who.run<Completed>(complete, { id, transition })).completeTask;
  };
  return { tenant, ada, ben, eve, id: startWorkflow.instance.id, vote };
}

test.each([
  ["a role", "roles: [operations]"],
  ["several candidates", "roles: [operations, approver]"],
])("a vote of %s is one task in each user's queue and badge, and leaves them once the user has voted", async (_of, candidates) => {
  const { ada, ben, eve, vote } = await aPoll({ candidates });
  for (const who of [ada, ben, eve]) expect(await queueOf(who)).toHaveLength(1);
  expect((await vote(ada)).instance.state).toBe("open");
  expect(await queueOf(ada)).toEqual([]);
  for (const who of [ben, eve]) expect(await queueOf(who)).toHaveLength(1);
  expect((await vote(ben)).instance.state).toBe("done");
  expect(await queueOf(eve)).toEqual([]);
});

test("a user who claims one of the tasks of a vote sees only that one, the others see another, and releasing it restores the lists", async () => {
  const { ada, ben, eve } = await aPoll();
  const [taken = ""] = await queueOf(ada);
  await ada.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: taken });
  expect(await queueOf(ada)).toEqual([taken]);
  const [other] = await queueOf(ben);
  expect(other).not.toBe(taken);
  expect(await queueOf(eve)).toEqual([other]);
  await ada.run("mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }", { id: taken });
  for (const who of [ada, ben, eve]) expect(await queueOf(who)).toEqual([taken]);
});

const all = `query ($queue: TaskQueue!, $filter: TaskFilter) { tasks(queue: $queue, filter: $filter) { totalCount edges { node { id } } }
  taskCounts { unassigned overdue } }`;
type All = { tasks: { totalCount: number; edges: { node: { id: string } }[] }; taskCounts: { unassigned: number; overdue: number } };

test("a filter that includes finished tasks shows an open vote once, until the user has voted", async () => {
  const { ada, ben, vote } = await aPoll();
  const filters = [{ status: { ne: "CLOSED" } }, { status: { in: ["OPEN", "COMPLETED"] } }];
  const counts = async (who: TestUser, queue = "OFFERED_TO_ME") =>
    Promise.all(filters.map(async (filter) => (await who.run<All>(all, { queue, filter })).tasks.totalCount));
  expect(await counts(ada)).toEqual([1, 1]);
  expect(await counts(ada, "UNASSIGNED")).toEqual([1, 1]);
  await vote(ada);
  // Finished tasks are listed completely: the vote that was given.
  expect(await counts(ada)).toEqual([1, 1]);
  expect(await counts(ben)).toEqual([2, 2]);
  const ne = { status: { ne: "COMPLETED" } };
  expect((await ada.run<All>(all, { queue: "OFFERED_TO_ME", filter: ne })).tasks.totalCount).toBe(0);
  expect((await ben.run<All>(all, { queue: "OFFERED_TO_ME", filter: ne })).tasks.totalCount).toBe(1);
});

test("a claimed task of a vote stays in the list, even if a filter includes finished tasks", async () => {
  const { ada } = await aPoll();
  const [id = ""] = await queueOf(ada);
  await ada.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  const { tasks } = await ada.run<All>(all, { queue: "OFFERED_TO_ME", filter: { status: { ne: "COMPLETED" } } });
  expect(tasks.edges.map(({ node }) => node.id)).toEqual([id]);
});

test("users who see all tasks count an open vote once in UNASSIGNED and OVERDUE, and claimed tasks one by one", async () => {
  const { tenant, ada, ben, vote, id: instance } = await aPoll();
  const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { tasks: Task[] } }>(read, { id: instance });
  for (const { id } of workflowInstance.tasks)
    await tenant.admin.run("mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } } }", {
      input: { id, dueAt: "2020-01-01T00:00:00Z" },
    });
  const seen = async (queue: string, filter?: object) => (await tenant.admin.run<All>(all, { queue, filter })).tasks.totalCount;
  const badges = async () => (await tenant.admin.run<All>(all, { queue: "MINE" })).taskCounts;
  expect([await seen("UNASSIGNED"), await seen("OVERDUE"), await badges()]).toEqual([1, 1, { unassigned: 1, overdue: 1 }]);
  expect(await seen("OVERDUE", { status: { ne: "COMPLETED" } })).toBe(1);
  const [id = ""] = await queueOf(ada);
  await ada.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  expect([await seen("UNASSIGNED"), await seen("OVERDUE"), await badges()]).toEqual([1, 2, { unassigned: 1, overdue: 2 }]);
  await vote(ben);
  expect([await seen("UNASSIGNED"), await seen("OVERDUE"), await badges()]).toEqual([1, 2, { unassigned: 1, overdue: 2 }]);
});

test("a vote without a decision starts over for everyone", { tags: "slow" }, async () => {
  const { ada, ben, eve, id, vote, tenant } = await aPoll({ decide: "yes: 3, no: 3" });
  await vote(ada);
  await vote(ben, "no");
  expect((await vote(eve)).instance.state).toBe("open");
  for (const who of [ada, ben, eve]) expect(await queueOf(who)).toHaveLength(1);
  await vote(ada);
  expect(await queueOf(ada)).toEqual([]);
  const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { tasks: Task[] } }>(read, { id });
  expect(workflowInstance.tasks.filter(({ status }) => status === "OPEN")).toHaveLength(2);
});

test("if one user can vote several times, the next task appears after each vote", async () => {
  const { ada, vote } = await aPoll({ decide: "yes: 3, no: 3, repeat: true" });
  await vote(ada);
  expect(await queueOf(ada)).toHaveLength(1);
  await vote(ada);
  expect((await vote(ada)).instance.state).toBe("done");
});

test("each user is notified once about a vote", async () => {
  const { ada, ben } = await aPoll();
  const read = "{ notifications { totalCount edges { node { kind } } } }";
  type Told = { notifications: { totalCount: number; edges: { node: { kind: string } }[] } };
  for (const who of [ada, ben]) {
    await expect.poll(async () => (await who.run<Told>(read)).notifications.totalCount, { timeout: 20_000 }).toBeGreaterThan(0);
    // Events are delivered in order, so the event after those of the vote arrives only after them.
    expect((await who.run<Told>(read)).notifications.edges.map(({ node }) => node.kind)).toEqual(["TASK_OPENED"]);
  }
});

test("a substitute or delegate votes in place of the original user: the task shows it beforehand, and each place votes only once", async () => {
  const { tenant, manager, operations, lawyer, started, taskOf } = await aTenant();
  const third = await tenant.user("operations");
  const id = await started({ reviewer: lawyer.id });
  const [credit, legal] = [await taskOf(id, "credit"), await taskOf(id, "legal")];
  const open = async (who: TestUser, task: string) => {
    const query = `query ($id: ID!) { task(id: $id) { availableTransitions { name allowed reasons } } }`;
    const answer = await who.run<{ task: Pick<Task, "availableTransitions"> }>(query, { id: task });
    return answer.task.availableTransitions.filter(({ allowed }) => allowed).map(({ name }) => name);
  };
  expect(await open(third, legal)).toEqual([]);
  const span = { startsAt: new Date(Date.now() - 60_000).toISOString(), endsAt: new Date(Date.now() + 600_000).toISOString() };
  await lawyer.run(`mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }`, {
    input: { substituteId: third.id, ...span },
  });
  expect(await open(third, legal)).toEqual(["approve", "reject"]);
  expect((await third.run<Completed>(complete, { id: legal, transition: "approve" })).completeTask.instance.state).toBe("review");
  // The substitute has voted in the lawyer's place, so both count as having voted.
  await operations.run(`mutation ($id: ID!, $user: ID!) { delegateTask(input: { id: $id, userId: $user }) { task { id } } }`, {
    id: credit,
    user: manager.id,
  });
  expect(await lawyer.refusal(complete, { id: credit, transition: "approve" })).toBe("TRANSITION_REJECTED");
  // The manager is the owner, and receiving the task from somebody else does not allow deciding on one's own instance.
  expect(await open(manager, credit)).toEqual(["reject", "withdraw"]);
  expect(await manager.refusal(complete, { id: credit, transition: "approve" })).toBe("TRANSITION_REJECTED");
});

test("a vendor's users vote on their own tasks, and can cast the deciding vote", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(`weft: 1
key: inspection
name: Inspection
data: { properties: { people: { type: array, items: { type: string } } } }
initial: draft
states:
  draft: { transitions: { submit: { to: open }, cancel: { to: done } } }
  open:
    tasks:
      outside: { title: Outside, candidates: { assignee: true } }
      inside: { title: Inside, candidates: { roles: [operations] } }
    decide: { fine: all, bad: any }
    transitions: { fine: { to: seen }, bad: { to: done, comment: required } }
  seen:
    task: { title: See, for: data.people }
    transitions: { end: { to: done } }
  done: { final: completed }
`);
  const operations = await tenant.user("operations");
  const vendor = await tenant.vendor();
  const input = { key: "inspection", name: "Inspection", definitionKey: "inspection", numberPrefix: "IN", fields: ["people"] };
  await tenant.admin.run(`mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }`, {
    input,
  });
  const { createRequest } = await tenant.admin.run<{ createRequest: { request: { id: string } } }>(
    `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }`,
    { input: { typeKey: "inspection", data: { people: [operations.id] } } },
  );
  const { id } = createRequest.request;
  const { submitRequest } = await tenant.admin.run<{ submitRequest: { request: { workflow: { tasks: Task[] } } } }>(
    `mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { workflow { tasks { id rule } } } } }`,
    { id },
  );
  const taskId = (rule: string) => submitRequest.request.workflow.tasks.find((one) => one.rule === rule)?.id;
  await operations.run(`mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`, {
    input: { id, assignee: { vendorId: vendor.id } },
  });
  const grants = [{ permission: "task.complete", scope: "ASSIGNED" }];
  await tenant.admin.run(`mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }`, {
    input: { userId: vendor.user.id, grants, denials: [], reason: "They complete tasks" },
  });
  await operations.run(complete, { id: taskId("inside"), transition: "fine", comment: "Between us" });
  expect(await vendor.user.refusal(complete, { id: taskId("inside"), transition: "bad", comment: "No" })).not.toBe("OK");
  const { completeTask } = await vendor.user.run<Completed>(complete, { id: taskId("outside"), transition: "fine" });
  expect(completeTask).toMatchObject({ instance: { state: "seen" }, nextTasks: [] });
  const { tasks } = await operations.run<{ tasks: { edges: { node: { rule: string } }[] } }>(
    `{ tasks(queue: OFFERED_TO_ME) { edges { node { rule } } } }`,
  );
  expect(tasks.edges.map(({ node }) => node.rule)).toEqual(["seen"]);
});

test("at the end state, history, tasks, events and audit agree", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
