import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
data: { type: object, required: [amount], properties: { amount: { type: number, minimum: 0 }, verdict: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: review, allow: { owner: true } } } }
  review:
    title: In review
    task: { title: "Review {{ data.amount }}", candidates: { roles: [operations] } }
    transitions:
      approve: { to: done, allow: { roles: [operations] }, when: "data.amount <= 100" }
      reject: { to: rejected, allow: { roles: [operations] }, comment: required }
  done: { final: completed }
  rejected: { final: rejected }
`;

const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id state status version owner { id } } } }`;
const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id state stateTitle status version } } }`;
const cancel = `mutation ($input: CancelWorkflowInput!) { cancelWorkflow(input: $input) { instance { status version } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) {
  state version assignee { __typename } definition { key number }
  history { version kind transition transitionTitle from fromTitle to toTitle comment actor { id } }
  tasks { title status candidateRoles }
  availableTransitions { name to toTitle allowed reasons requiresComment }
} }`;
const page = `query ($first: Int, $filter: WorkflowInstanceFilter) { workflowInstances(first: $first, filter: $filter) { totalCount edges { node {
  id state stateTitle definition { number } history { version actor { id } } tasks { title } availableTransitions { name allowed } owner { name } } } } }`;

type Instance = { id: string; state: string; version: number };

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function aTenant(): Promise<{ tenant: TestTenant; manager: TestUser; operations: TestUser }> {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  return { tenant, manager: await tenant.user("workflow_manager"), operations: await tenant.user("operations") };
}

async function started(who: TestUser, amount = 50): Promise<Instance> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: Instance } }>(start, {
    input: { definitionKey: "loan", data: { amount } },
  });
  return startWorkflow.instance;
}

async function submitted(who: TestUser, amount = 50): Promise<Instance> {
  const { id } = await started(who, amount);
  return (await who.run<{ fireTransition: { instance: Instance } }>(fire, { input: { instanceId: id, transition: "submit" } }))
    .fireTransition.instance;
}

const problemsOf = (error: { extensions?: unknown }) =>
  (error.extensions as { problems: { path: string }[] }).problems.map((problem) => problem.path);

test("IDs in data, conditions, titles and history are those of the API", async () => {
  const tenant = await weft.tenant();
  const olga = await tenant.user("operations");
  await tenant.definition(`weft: 1
key: review
name: Review
data: { type: object, properties: { reviewer: { type: string }, by: { type: string } } }
initial: open
states:
  open:
    task: { title: "For {{ instance.ownerId }}", candidates: { roles: [operations] } }
    transitions: { close: { to: closed, when: "data.reviewer == actor.id", actions: [{ set: { data.by: actor.id } }] } }
  closed: { final: completed }
`);
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: Instance } }>(start, {
    input: { definitionKey: "review", data: { reviewer: olga.id } },
  });
  const { id } = startWorkflow.instance;
  expect(await tenant.admin.refusal(fire, { input: { instanceId: id, transition: "close" } })).toBe("TRANSITION_REJECTED");
  await olga.run(fire, { input: { instanceId: id, transition: "close" } });
  const query = `query ($id: ID!) { workflowInstance(id: $id) { data tasks { title } history { changes } } }`;
  expect(await olga.run(query, { id })).toMatchObject({
    workflowInstance: {
      data: { by: olga.id },
      tasks: [{ title: `For ${tenant.admin.id}` }],
      history: [{}, { changes: { by: olga.id } }],
    },
  });
});

test("an instance shows its state, its history and what is open to which users", async () => {
  const { manager, operations } = await aTenant();
  const { id } = await submitted(manager, 500);
  const { workflowInstance } = await operations.run<{ workflowInstance: Record<string, unknown> }>(read, { id });
  expect(workflowInstance).toMatchObject({
    state: "review",
    version: 2,
    assignee: null,
    definition: { key: "loan", number: 1 },
    history: [
      { version: 1, kind: "START", transition: null, transitionTitle: null, from: null, fromTitle: null, to: "draft", toTitle: "Draft" },
      {
        version: 2,
        transition: "submit",
        transitionTitle: "Submit",
        fromTitle: "Draft",
        to: "review",
        toTitle: "In review",
        actor: { id: manager.id },
      },
    ],
    tasks: [{ title: "Review 500", status: "OPEN", candidateRoles: ["operations"] }],
  });
  expect(workflowInstance["availableTransitions"]).toMatchObject([
    { name: "approve", to: "done", allowed: false, reasons: [expect.stringContaining("100")] },
    { name: "reject", to: "rejected", toTitle: "Rejected", allowed: true, reasons: [], requiresComment: true },
  ]);
});

describe("a refusal gives the reason and changes nothing", () => {
  test("when starting: unknown definition, a team of another tenant, data that does not match its schema", async () => {
    const { manager } = await aTenant();
    const teamId = await (await weft.tenant()).team("night-shift");
    const foreign = await manager.refused(start, { input: { definitionKey: "loan", data: { amount: 1 }, teamId } });
    expect(problemsOf(foreign)).toEqual(["input.teamId"]);
    const unknown = await manager.refused(start, { input: { definitionKey: "lone", data: {} } });
    expect(unknown.extensions?.code).toBe("BAD_USER_INPUT");
    expect(problemsOf(unknown)).toEqual(["input.definitionKey"]);
    const broken = await manager.refused(start, { input: { definitionKey: "loan", data: { amount: -5, verdict: 7 } } });
    expect(problemsOf(broken)).toEqual(expect.arrayContaining(["input.data.amount", "input.data.verdict"]));
    expect(await manager.run(page)).toMatchObject({ workflowInstances: { totalCount: 0 } });
  });

  test("when firing: unknown transition, not open, not permitted, condition, comment, version, ID", async () => {
    const { tenant, manager, operations } = await aTenant();
    const { id } = await submitted(manager, 500);
    const refusal = (who: TestUser, transition: string, more: object = {}) =>
      who.refused(fire, { input: { instanceId: id, transition, ...more } });
    for (const [who, transition] of [
      [operations, "nonsense"],
      [operations, "submit"],
      [operations, "approve"],
      [manager, "approve"],
    ] as const) {
      const error = await refusal(who, transition);
      expect(error.extensions?.code).toBe("TRANSITION_REJECTED");
      expect((error.extensions as unknown as { reasons: unknown[] }).reasons.length).toBeGreaterThan(0);
    }
    expect(problemsOf(await refusal(operations, "reject"))).toEqual(["input.comment"]);
    expect((await refusal(operations, "reject", { comment: "no", expectedVersion: 1 })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 2,
      currentState: "review",
    });
    expect(problemsOf(await operations.refused(fire, { input: { instanceId: "wfi_nonsense", transition: "reject" } }))).toEqual([
      "input.instanceId",
    ]);
    const requester = await tenant.user("requester");
    expect((await requester.refused(fire, { input: { instanceId: id, transition: "reject", comment: "no" } })).extensions?.code).toBe(
      "NOT_FOUND",
    );
    expect(await operations.run(read, { id })).toMatchObject({ workflowInstance: { state: "review", version: 2 } });
  });
});

test("the same idempotency key fires once", async () => {
  const { manager } = await aTenant();
  const { id } = await started(manager);
  const input = { instanceId: id, transition: "submit", idempotencyKey: "once" };
  for (const answer of await Promise.all([1, 2, 3].map(() => manager.run(fire, { input }))))
    expect(answer).toMatchObject({ fireTransition: { instance: { state: "review", version: 2 } } });
  expect(await manager.refusal(fire, { input: { ...input, comment: "other" } })).toBe("CONFLICT");
});

test("of ten users who fire at the same time, one succeeds", async () => {
  const { manager, operations } = await aTenant();
  const { id } = await submitted(manager);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => operations.send(fire, { input: { instanceId: id, transition: "approve" } })),
  );
  expect(answers.filter((answer) => answer.errors === undefined)).toHaveLength(1);
  const codes = new Set(answers.flatMap((answer) => answer.errors?.map((error) => error.extensions?.code) ?? []));
  expect([...codes].every((code) => code === "CONFLICT" || code === "TRANSITION_REJECTED")).toBe(true);
});

test("a user who can cancel ends an instance in any state, once", async () => {
  const { manager, operations } = await aTenant();
  const { id } = await submitted(manager);
  expect(await operations.refusal(cancel, { input: { instanceId: id } })).toBe("FORBIDDEN");
  expect(await manager.run(cancel, { input: { instanceId: id, comment: "wrong" } })).toMatchObject({
    cancelWorkflow: { instance: { status: "CANCELLED", version: 3 } },
  });
  expect(await manager.refusal(cancel, { input: { instanceId: id } })).toBe("TRANSITION_REJECTED");
});

test("a list can be filtered by state, status, definition, owner and time", { tags: "slow" }, async () => {
  const { tenant, manager, operations } = await aTenant();
  const [draft, review] = [await started(manager), await submitted(manager)];
  const ids = async (filter: object) => {
    const { workflowInstances } = await operations.run<{ workflowInstances: { edges: { node: { id: string } }[] } }>(page, { filter });
    return workflowInstances.edges.map((edge) => edge.node.id);
  };
  expect(await ids({ state: { eq: "draft" } })).toEqual([draft.id]);
  expect(await ids({ status: { eq: "RUNNING" }, definitionKey: { eq: "loan" } })).toEqual([review.id, draft.id]);
  expect(await ids({ ownerId: { eq: tenant.admin.id } })).toEqual([]);
  expect(await ids({ assigneeId: { isNull: true }, createdAt: { gt: "2020-01-01T00:00:00Z" } })).toHaveLength(2);
  expect(await operations.refusal(page, { filter: { ownerId: { eq: "wfi_x" } } })).toBe("BAD_USER_INPUT");
  expect(await operations.refusal(page, { first: 10_000 })).toMatch(/BAD_USER_INPUT|QUERY_LIMIT_EXCEEDED/);
});

test("fifty instances with all their fields take as many statements as one", { tags: "slow" }, async () => {
  const { manager, operations } = await aTenant();
  for (let made = 0; made < 50; made++) await submitted(manager);
  const count = (first: number) => weft.statementCount(() => operations.run(page, { first }));
  expect(await count(50)).toBe(await count(1));
});

describe("another tenant", () => {
  test("cannot find our instances", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    const { id } = await submitted(ours.manager);
    expect(await theirs.manager.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await theirs.manager.refusal(fire, { input: { instanceId: id, transition: "approve" } })).toBe("NOT_FOUND");
    expect(await theirs.manager.refusal(cancel, { input: { instanceId: id } })).toBe("NOT_FOUND");
    expect(await theirs.manager.run(page)).toMatchObject({ workflowInstances: { totalCount: 0 } });
  });
});
