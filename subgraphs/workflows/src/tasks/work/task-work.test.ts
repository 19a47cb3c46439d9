import { sharedWeft, type TestUser, type SharedWeft, until } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id tasks { id } } } }`;
const seen = `task { status version assignee { id } delegatedFrom { id } question { text asked { id } } checklist { key title isDone doneBy { id } } }`;
const mutation = (name: string, selection = seen) => {
  const input = inputTypeOf(name);
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${selection} } }`;
};
const [delegate, assign, checkItem, ask, answer, withdraw] = [
  "delegateTask",
  "assignTask",
  "updateChecklistItem",
  "askForInformation",
  "answerQuestion",
  "withdrawQuestion",
].map((name) => mutation(name)) as [string, string, string, string, string, string];
const [claim, release, comment] = ["claimTask", "releaseTask", "commentOnTask"].map((name) => mutation(name)) as [string, string, string];
const complete = mutation("completeTask", "task { status completedBy { id } onBehalfOf { id } } instance { state }");
const setAbsence = mutation("setAbsence", "absence { id version startsAt endsAt user { id } substitute { id } }");
const endAbsence = mutation("endAbsence", "absence { id version endsAt }");
const read = `query ($id: ID!) { task(id: $id) { status comments { kind text author { id } onBehalfOf { id } questionId } question { text } } }`;

const definition = (key: string, { task, allow = "roles: [approver, operations]" }: { task: string; allow?: string | null }) => `weft: 1
key: ${key}
name: ${key}
data: { type: object, properties: { sum: { type: number, default: 4711 } } }
forms: { check: { fields: { sum: { type: number, label: Sum, in: data } } } }
initial: review
states:
  review:
    task: { title: ${key}, ${task} }
    transitions:
      approve: { to: done${allow === null ? "" : `, allow: { ${allow} }`} }
      withdraw: { to: gone, allow: { owner: true } }
  done: { final: completed }
  gone: { final: cancelled }
`;

const byApprovers = "candidates: { roles: [approver] }";
const fourEyes = "roles: [approver, operations], notSameAs: owner";
const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

/** Shared by all tests that do not count rows. */
let crew: ReturnType<typeof aTenant> | undefined;
const theCrew = () => (crew ??= aTenant());

async function aTenant() {
  const tenant = await weft.tenant();
  const [manager, olga, otto, ben] = [
    await tenant.user("workflow_manager"),
    await tenant.user("approver"),
    await tenant.user("approver"),
    await tenant.user("operations"),
  ];
  const start1 = async (key: string, parts: Parameters<typeof definition>[1], by: TestUser = manager) => {
    await tenant.definition(definition(key, parts));
    const { startWorkflow } = await by.run<{ startWorkflow: { instance: { id: string; tasks: { id: string }[] } } }>(start, {
      input: { definitionKey: key, data: {} },
    });
    return { instanceId: startWorkflow.instance.id, id: startWorkflow.instance.tasks[0]?.id ?? "" };
  };
  return { tenant, manager, olga, otto, ben, aTask: start1 };
}

const reason = async (who: TestUser, operation: string, input: object) => {
  const { extensions } = await who.refused(operation, { input });
  const { code, reasons } = extensions as { code: string; reasons?: { code: string }[] };
  return reasons ? reasons.map((one) => one.code).join() : code;
};

describe("a task is reassigned", () => {
  test("by its assignee, to any user of the organization, who then owns and completes it on the assignee's behalf", async () => {
    const { tenant, olga, otto, ben, aTask } = await theCrew();
    const { id } = await aTask("plain", { task: byApprovers });
    await olga.run(claim, { input: { id } });
    expect(await reason(ben, delegate, { id, userId: otto.id })).toBe("claimed");
    expect(await olga.run(delegate, { input: { id, userId: ben.id, expectedVersion: 2 } })).toMatchObject({
      delegateTask: { task: { status: "CLAIMED", version: 3, assignee: { id: ben.id }, delegatedFrom: [{ id: olga.id }] } },
    });
    expect(await reason(olga, complete, { id, transition: "approve" })).toBe("claimed");
    expect(await reason(olga, delegate, { id, userId: otto.id })).toBe("claimed");
    expect(await ben.run(complete, { input: { id, transition: "approve" } })).toEqual({
      completeTask: {
        task: { status: "COMPLETED", completedBy: { id: ben.id }, onBehalfOf: { id: olga.id } },
        instance: { state: "done" },
      },
    });
    expect(await reason(ben, delegate, { id, userId: otto.id })).toBe("task");
    const trail = await tenant.admin.run("query ($id: ID!) { task(id: $id) { auditTrail(first: 9) { edges { node { action } } } } }", {
      id,
    });
    expect(JSON.stringify(trail)).toContain("task.delegate");
  });

  test("a delegator still counts: no owner decides through a delegate, and releasing the task clears the delegation", async () => {
    const { olga, otto, ben, tenant, aTask } = await theCrew();
    const owner = await tenant.user("approver", { roles: ["operator"] });
    const { id } = await aTask("four-eyes", { task: byApprovers, allow: fourEyes }, owner);
    await owner.run(delegate, { input: { id, userId: otto.id } });
    expect(await reason(otto, complete, { id, transition: "approve" })).toBe("notSameAs");
    await otto.run(delegate, { input: { id, userId: ben.id } });
    expect(await reason(ben, complete, { id, transition: "approve" })).toBe("notSameAs");
    expect(await ben.run(release, { input: { id } })).toMatchObject({ releaseTask: { task: { delegatedFrom: [] } } });
    await olga.run(claim, { input: { id } });
    expect(await olga.run(complete, { input: { id, transition: "approve" } })).toMatchObject({
      completeTask: { instance: { state: "done" } },
    });
  });

  test("only to active users of the same organization, and not to oneself", async () => {
    const { tenant, olga, aTask } = await theCrew();
    const { id } = await aTask("plain", { task: byApprovers });
    const stranger = (await weft.tenant()).admin;
    const vendor = (await tenant.vendor()).user;
    const gone = await tenant.user("operations");
    await tenant.admin.run("mutation ($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", {
      input: { id: gone.id },
    });
    for (const userId of [stranger.id, vendor.id, gone.id, olga.id])
      expect(await reason(olga, delegate, { id, userId })).toBe("BAD_USER_INPUT");
  });

  test("by a manager, and back to the queue; a manager who could complete it alone remains involved", async () => {
    const { manager, olga, ben, aTask } = await theCrew();
    const { id } = await aTask("plain", { task: byApprovers });
    expect(await reason(olga, assign, { id, userId: ben.id })).toBe("FORBIDDEN");
    expect(await manager.run(assign, { input: { id, userId: ben.id } })).toMatchObject({
      assignTask: { task: { status: "CLAIMED", assignee: { id: ben.id }, delegatedFrom: [] } },
    });
    expect(await manager.run(assign, { input: { id, userId: null } })).toMatchObject({
      assignTask: { task: { status: "OPEN", assignee: null } },
    });
    expect(await manager.run(assign, { input: { id, userId: manager.id } })).toMatchObject({
      assignTask: { task: { assignee: { id: manager.id } } },
    });
    expect(await manager.run(assign, { input: { id, userId: ben.id } })).toMatchObject({
      assignTask: { task: { assignee: { id: ben.id }, delegatedFrom: [{ id: manager.id }] } },
    });
    expect(await reason(manager, assign, { id, userId: olga.id, expectedVersion: 1 })).toBe("CONFLICT");
  });
});

describe("a task is completed", () => {
  const available = `query ($id: ID!) { task(id: $id) { availableTransitions { name allowed reasons } } }`;

  test(
    "while it is unclaimed, by its candidates and by users who can assign all tasks, but not by every user who can fire its transition",
    { tags: "slow" },
    async () => {
      const { manager, olga, otto, aTask } = await theCrew();
      const named = `candidates: { users: [${olga.id}] }`;
      for (const allow of ["roles: [approver, operations]", null]) {
        const { id, instanceId } = await aTask("given", { task: named, allow });
        // Otto is an approver too and can see it.
        const { message, extensions } = await otto.refused(complete, { input: { id, transition: "approve" } });
        expect(extensions).toMatchObject({ code: "TRANSITION_REJECTED", reasons: [{ code: "candidate" }] });
        expect(message).toContain(
          'The task "given" is not offered to you. It is offered to specific users. A user who can assign tasks can assign it to you.',
        );
        expect(await otto.run(available, { id })).toMatchObject({
          task: { availableTransitions: [{ allowed: false, reasons: [expect.stringContaining("not offered to you")] }, {}] },
        });
        // Firing the transition directly is subject only to `allow`.
        expect(
          await otto.run(mutation("fireTransition", "instance { state }"), { input: { instanceId, transition: "approve" } }),
        ).toMatchObject({
          fireTransition: { instance: { state: "done" } },
        });
      }
      const [own, managed] = [
        await aTask("given", { task: named }),
        await aTask("given", { task: `${named}, checklist: [Score read]`, allow: null }),
      ];
      const { task } = await manager.run<{ task: { checklist: { key: string }[] } }>(
        "query ($id: ID!) { task(id: $id) { checklist { key } } }",
        {
          id: managed.id,
        },
      );
      const itemKey = task.checklist[0]?.key;
      expect(await reason(otto, checkItem, { id: managed.id, itemKey })).toBe("role");
      await manager.run(checkItem, { input: { id: managed.id, itemKey } });
      expect(await olga.run(complete, { input: { id: own.id, transition: "approve" } })).toMatchObject({
        completeTask: { task: { completedBy: { id: olga.id } } },
      });
      expect(await manager.run(complete, { input: { id: managed.id, transition: "approve" } })).toMatchObject({
        completeTask: { task: { completedBy: { id: manager.id } } },
      });
    },
  );

  test("once it is claimed, only by its assignee: a manager must assign it to themselves first", async () => {
    const { manager, olga, otto, aTask } = await theCrew();
    const { id } = await aTask("held", { task: byApprovers, allow: null });
    await olga.run(claim, { input: { id } });
    for (const other of [otto, manager]) {
      const { message, extensions } = await other.refused(complete, { input: { id, transition: "approve" } });
      expect(extensions).toMatchObject({ reasons: [{ code: "claimed" }] });
      expect(message).toContain("It must first be released or assigned to you");
    }
    await manager.run(assign, { input: { id, userId: manager.id } });
    expect(await manager.run(complete, { input: { id, transition: "approve" } })).toMatchObject({
      completeTask: { task: { completedBy: { id: manager.id } } },
    });
  });
});

describe("a task whose candidates include the assignee", () => {
  type Row = { id: string; status: string; title: string; assignee: { id: string } | null };

  test("moves from the former assignee to the new one, and remains open to the other candidates", { tags: "slow" }, async () => {
    const { tenant, manager, olga, otto, ben } = await theCrew();
    const ann = await tenant.user("approver");
    await tenant.definition(`weft: 1
key: handed
name: Handed
data: { type: object, properties: { by: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: work }, cancel: { to: gone } } }
  work:
    tasks:
      alone: { title: Alone, candidates: { assignee: true } }
      mixed: { title: Mixed, candidates: { assignee: true, users: [${olga.id}], from: data.by } }
    transitions: { done: { to: over } }
  over: { final: completed }
  gone: { final: cancelled }
`);
    await tenant.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
      input: { key: "handed", name: "Handed", definitionKey: "handed", numberPrefix: "HD" },
    });
    const { createRequest } = await manager.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
      { input: { typeKey: "handed", data: { by: otto.id } } },
    );
    const { id, workflow } = createRequest.request;
    await manager.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
    const give = (who: TestUser | null) =>
      manager.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
        input: { id, assignee: who && { userId: who.id } },
      });
    const tasks = async () => {
      const { workflowInstance } = await manager.run<{ workflowInstance: { tasks: Row[] } }>(
        "query ($id: ID!) { workflowInstance(id: $id) { tasks { id title status assignee { id } } } }",
        { id: workflow.id },
      );
      const of = (title: string) => workflowInstance.tasks.find((task) => task.title === title) as Row;
      return { alone: of("Alone"), mixed: of("Mixed") };
    };
    const mayClaim = async (who: TestUser) => {
      const { mixed } = await tasks();
      const { errors } = await who.send(claim, { input: { id: mixed.id } });
      if (!errors) await who.run(release, { input: { id: mixed.id } });
      return !errors;
    };
    const claimers = async () => [await mayClaim(olga), await mayClaim(otto), await mayClaim(ben), await mayClaim(ann)];
    expect(await claimers()).toEqual([true, true, false, false]);
    await give(ben);
    expect(await tasks()).toMatchObject({
      alone: { status: "CLAIMED", assignee: { id: ben.id } },
      mixed: { status: "OPEN", assignee: null },
    });
    expect(await claimers()).toEqual([true, true, true, false]);
    // Candidates named by the definition or the data remain, whoever else is the assignee.
    for (const who of [olga, otto, ann]) await give(who);
    expect(await claimers()).toEqual([true, true, false, true]);
    // A claim remains, unless it resulted from the assignment.
    await otto.run(claim, { input: { id: (await tasks()).mixed.id } });
    await give(ben);
    expect((await tasks()).mixed).toMatchObject({ status: "CLAIMED", assignee: { id: otto.id } });
    await otto.run(release, { input: { id: (await tasks()).mixed.id } });
    await ben.run(claim, { input: { id: (await tasks()).mixed.id } });
    await give(null);
    expect(await tasks()).toMatchObject({ alone: { status: "OPEN" }, mixed: { status: "OPEN", assignee: null } });
    expect(await claimers()).toEqual([true, true, false, false]);
  });
});

describe("a checklist", () => {
  test("must be completed by a user who works on the task before the task is completed, by any operation", async () => {
    const { manager, olga, otto, aTask } = await theCrew();
    const { id, instanceId } = await aTask("checked", { task: `${byApprovers}, checklist: [Score read, Contract signed]` });
    const fire = mutation("fireTransition", "instance { state }");
    expect(await reason(olga, complete, { id, transition: "approve" })).toBe("checklist");
    expect(await reason(olga, fire, { instanceId, transition: "approve" })).toBe("checklist");
    await olga.run(claim, { input: { id } });
    const { task } = await olga.run<{ task: { checklist: { key: string }[] } }>(
      "query ($id: ID!) { task(id: $id) { checklist { key title } } }",
      { id },
    );
    const [first, second] = task.checklist.map((item) => item.key);
    expect(await reason(otto, checkItem, { id, itemKey: first })).toBe("claimed");
    expect(await reason(olga, checkItem, { id, itemKey: "nonsense" })).toBe("BAD_USER_INPUT");
    await olga.run(checkItem, { input: { id, itemKey: first } });
    expect(await olga.run(checkItem, { input: { id, itemKey: second } })).toMatchObject({
      updateChecklistItem: {
        task: {
          checklist: [
            { title: "Score read", isDone: true, doneBy: { id: olga.id } },
            { title: "Contract signed", isDone: true },
          ],
        },
      },
    });
    await olga.run(checkItem, { input: { id, itemKey: second, isDone: false } });
    expect(await reason(olga, complete, { id, transition: "approve" })).toBe("checklist");
    await olga.run(checkItem, { input: { id, itemKey: second } });
    expect(await olga.run(complete, { input: { id, transition: "approve" } })).toMatchObject({
      completeTask: { instance: { state: "done" } },
    });
    const other = await aTask("unchecked", { task: `${byApprovers}, checklist: [Score read]` });
    expect(await manager.run(fire, { input: { instanceId: other.instanceId, transition: "withdraw" } })).toMatchObject({
      fireTransition: { instance: { state: "gone" } },
    });
  });
});

describe("a question", () => {
  test("blocks the task until it is answered by the user who was asked, who can see the task meanwhile", async () => {
    const { tenant, olga, otto, ben, aTask } = await theCrew();
    const { id } = await aTask("asked", { task: byApprovers });
    const expert = await tenant.assignee();
    expect(await expert.refusal(read, { id })).toBe("NOT_FOUND");
    await olga.run(claim, { input: { id } });
    expect(await reason(otto, ask, { id, askedId: expert.id, text: "Which roof?" })).toBe("claimed");
    expect(await olga.run(ask, { input: { id, askedId: expert.id, text: "Which roof?" } })).toMatchObject({
      askForInformation: { task: { question: { text: "Which roof?", asked: { id: expert.id } } } },
    });
    expect(await reason(olga, ask, { id, askedId: ben.id, text: "And you?" })).toBe("question");
    expect(await reason(olga, complete, { id, transition: "approve" })).toBe("question");
    expect(await reason(ben, answer, { id, text: "The flat one" })).toBe("question");
    expect(await expert.run(read, { id })).toMatchObject({ task: { question: { text: "Which roof?" } } });
    expect(await expert.refusal(complete, { input: { id, transition: "approve" } })).toBe("FORBIDDEN");
    expect(await expert.run(answer, { input: { id, text: "The flat one" } })).toEqual({ answerQuestion: { task: null } });
    expect(await expert.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await olga.run(read, { id })).toMatchObject({
      task: {
        question: null,
        comments: [
          { kind: "QUESTION", text: "Which roof?", author: { id: olga.id } },
          { kind: "ANSWER", text: "The flat one", author: { id: expert.id }, questionId: expect.stringMatching(/^cmt_/) as string },
        ],
      },
    });
    expect(await olga.run(complete, { input: { id, transition: "approve" } })).toMatchObject({
      completeTask: { instance: { state: "done" } },
    });
  });

  test("can be seen and answered by a user who otherwise sees only their own tasks, and only until it is answered", async () => {
    const { tenant, olga, aTask } = await theCrew();
    const { id } = await aTask("own", { task: byApprovers });
    const [rita, rolf] = [await tenant.user("requester"), await tenant.user("requester")];
    const queue = `{ tasks(queue: OFFERED_TO_ME) { totalCount edges { node { id question { text } instance { id data } subject { id } } } } taskCounts { offeredToMe } }`;
    const nothing = { tasks: { totalCount: 0, edges: [] }, taskCounts: { offeredToMe: 0 } };
    expect(await rita.run(queue)).toEqual(nothing);
    await olga.run(ask, { input: { id, askedId: rita.id, text: "Which roof?" } });
    expect(await rita.run(queue)).toEqual({
      tasks: { totalCount: 1, edges: [{ node: { id, question: { text: "Which roof?" }, instance: null, subject: null } }] },
      taskCounts: { offeredToMe: 1 },
    });
    expect(await rita.run(read, { id })).toMatchObject({ task: { question: { text: "Which roof?" } } });
    expect(await rita.run("query ($id: ID!) { node(id: $id) { id } }", { id })).toEqual({ node: { id } });
    expect(await rolf.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await rita.refusal(withdraw, { input: { id } })).toBe("FORBIDDEN");
    expect(await rita.run(answer, { input: { id, text: "The flat one" } })).toEqual({ answerQuestion: { task: null } });
    expect(await rita.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await rita.run(queue)).toEqual(nothing);
  });

  test("does not show the user who is asked earlier comments or questions to other users", async () => {
    const { tenant, olga, ben, aTask } = await theCrew();
    const { id } = await aTask("discreet", { task: byApprovers });
    const technical = await tenant.assignee();
    const rita = await tenant.user("requester");
    await ben.run(comment, { input: { id, text: "Between us: too expensive" } });
    await olga.run(ask, { input: { id, askedId: rita.id, text: "Which roof?" } });
    await rita.run(answer, { input: { id, text: "The flat one" } });
    await olga.run(ask, { input: { id, askedId: technical.id, text: "Does it leak?" } });
    const all = "query ($id: ID!) { task(id: $id) { comments { id text } } }";
    const seen = await olga.run<{ task: { comments: { id: string; text: string }[] } }>(all, { id });
    expect(seen.task.comments.map(({ text }) => text)).toEqual([
      "Between us: too expensive",
      "Which roof?",
      "The flat one",
      "Does it leak?",
    ]);
    expect(await technical.run(all, { id })).toMatchObject({ task: { comments: [{ text: "Does it leak?" }] } });
    const nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on TaskComment { text } } }";
    const { data } = await technical.send(nodes, { ids: seen.task.comments.map((comment) => comment.id) });
    expect((data as { nodes: unknown[] }).nodes).toEqual([null, null, null, { text: "Does it leak?" }]);
  });

  test("gives no rights over the task except to answer: the user who is asked cannot claim, transition, reassign, comment on, or link to it", async () => {
    const { tenant, olga, aTask } = await theCrew();
    const { id } = await aTask("no-more", { task: `${byApprovers}, form: check` });
    const permissions = ["task.read", "task.claim", "task.complete", "task.assign"].map((permission) => ({
      permission,
      scope: "ASSIGNED",
    }));
    const role = { key: "helper", name: "Helper", permissions };
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
    const helper = await tenant.user("helper");
    await olga.run(ask, { input: { id, askedId: helper.id, text: "Which roof?" } });
    expect(await helper.run(read, { id })).toMatchObject({ task: { question: { text: "Which roof?" } } });
    const work = "query ($id: ID!) { task(id: $id) { form { data } availableTransitions { name } } }";
    expect(await olga.run(work, { id })).toMatchObject({
      task: { form: { data: { sum: 4711 } }, availableTransitions: [{ name: "approve" }, {}] },
    });
    expect(await helper.run(work, { id })).toEqual({ task: { form: null, availableTransitions: [] } });
    const assign = "mutation ($input: AssignTaskInput!) { assignTask(input: $input) { task { id } } }";
    const delegate = "mutation ($input: DelegateTaskInput!) { delegateTask(input: $input) { task { id } } }";
    const link = "mutation ($input: CreateTaskLinkInput!) { createTaskLink(input: $input) { expiresAt } }";
    for (const [mutation, input] of [
      [claim, {}],
      [complete, { transition: "approve" }],
      [assign, { userId: helper.id }],
      [delegate, { userId: olga.id }],
      [comment, { text: "Mine" }],
      [ask, { askedId: olga.id, text: "And you?" }],
      [withdraw, {}],
      [link, {}],
    ] as const)
      expect(await helper.refusal(mutation, { input: { id, ...input } }), mutation).toBe("NOT_FOUND");
    expect(await helper.run(answer, { input: { id, text: "The flat one" } })).toEqual({ answerQuestion: { task: null } });
  });

  test("cannot be put to a user who is not allowed to see tasks and so could not answer", async () => {
    const { tenant, olga, aTask } = await theCrew();
    const { id } = await aTask("unaskable", { task: byApprovers });
    const permissions = [{ permission: "building.read", scope: "TENANT" }];
    const role = { key: "caretaker", name: "Caretaker", permissions };
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
    const caretaker = await tenant.user("caretaker");
    const answered = await olga.send(ask, { input: { id, askedId: caretaker.id, text: "Which roof?" } });
    expect(answered.errors?.[0]).toMatchObject({
      extensions: {
        code: "BAD_USER_INPUT",
        problems: [{ path: "input.askedId", message: expect.stringContaining("cannot see tasks (permission task.read)") as string }],
      },
    });
  });

  test("is withdrawn by a user who works on the task or manages it; comments are added by users who can claim it", async () => {
    const { tenant, manager, olga, otto, ben, aTask } = await theCrew();
    const { id } = await aTask("asked", { task: byApprovers });
    await olga.run(ask, { input: { id, askedId: ben.id, text: "Which roof?" } });
    await otto.run(withdraw, { input: { id } });
    expect(await reason(otto, withdraw, { id })).toBe("question");
    await olga.run(ask, { input: { id, askedId: ben.id, text: "Which roof?" } });
    await manager.run(withdraw, { input: { id } });
    expect(await reason(ben, answer, { id, text: "Too late" })).toBe("question");
    await ben.run(comment, { input: { id, text: "It\nrains" } });
    expect(await reason(ben, comment, { id, text: " " })).toBe("BAD_USER_INPUT");
    expect(await (await tenant.user("viewer")).refusal(comment, { input: { id, text: "I watch" } })).toBe("FORBIDDEN");
    expect(await olga.run(read, { id })).toMatchObject({
      task: { comments: [{ kind: "QUESTION" }, { kind: "QUESTION" }, { kind: "COMMENT", text: "It\nrains" }] },
    });
  });
});

describe("a substitute", () => {
  const away = (who: TestUser, substitute: TestUser, by = who) =>
    by.run<{ setAbsence: { absence: { id: string } } }>(setAbsence, {
      input: { ...(by !== who && { userId: who.id }), substituteId: substitute.id, startsAt: hours(-1), endsAt: hours(1) },
    });

  test("sees, claims and completes tasks for the absent user by name, but not tasks offered to that user's roles", async () => {
    const { tenant, olga, aTask } = await theCrew();
    // Can see tasks only through assignment.
    const role = await tenant.admin.run<{ createRole: { role: { id: string } } }>(
      "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
      {
        input: {
          key: "clerk",
          name: "Clerk",
          permissions: ["task.read", "task.claim", "task.complete"].map((permission) => ({ permission, scope: "ASSIGNED" })),
        },
      },
    );
    expect(role.createRole.role.id).toBeTruthy();
    const clerk = await tenant.user("clerk");
    const named = await aTask("named", { task: `candidates: { users: [${olga.id}] }`, allow: null });
    const offered = await aTask("offered", { task: byApprovers, allow: null });
    const taken = await aTask("taken", { task: byApprovers, allow: null });
    await olga.run(claim, { input: { id: taken.id } });
    const queue = "{ tasks(queue: OFFERED_TO_ME) { edges { node { title } } } }";
    const titles = async () =>
      (await clerk.run<{ tasks: { edges: { node: { title: string } }[] } }>(queue)).tasks.edges.map(({ node }) => node.title);
    expect(await titles()).toEqual([]);
    const { absence } = (await away(olga, clerk)).setAbsence;
    expect(await titles()).toEqual(expect.arrayContaining(["named", "taken"]));
    expect(await clerk.refusal(read, { id: offered.id })).toBe("NOT_FOUND");
    expect(await clerk.run(claim, { input: { id: taken.id } })).toMatchObject({
      claimTask: { task: { assignee: { id: clerk.id }, delegatedFrom: [{ id: olga.id }] } },
    });
    const alone = mutation("completeTask", "task { completedBy { id } onBehalfOf { id } }");
    expect(await clerk.run(alone, { input: { id: named.id, transition: "approve" } })).toMatchObject({
      completeTask: { task: { completedBy: { id: clerk.id }, onBehalfOf: { id: olga.id } } },
    });
    await olga.run(endAbsence, { input: { id: absence.id } });
    expect(await titles()).toEqual(["taken"]);
  });

  test("counts as the absent user wherever the definition requires a different user", async () => {
    const { tenant, manager, aTask } = await theCrew();
    const owner = await tenant.user("approver", { roles: ["operator"] });
    const otto = await tenant.user("operations");
    const { id } = await aTask("own", { task: `candidates: { owner: true }`, allow: fourEyes }, owner);
    await away(owner, otto, manager);
    expect(await reason(otto, complete, { id, transition: "approve" })).toBe("notSameAs");
    await otto.run(claim, { input: { id } });
    expect(await reason(otto, complete, { id, transition: "approve" })).toBe("notSameAs");
  });
});

test("a user who is assigned a task, asked or answered is notified", async () => {
  const { olga, otto, aTask } = await theCrew();
  const { id } = await aTask("told", { task: byApprovers });
  const kinds = async (who: TestUser) => {
    const { notifications } = await who.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(
      "{ notifications(first: 20) { edges { node { kind title } } } }",
    );
    return notifications.edges.map(({ node }) => `${node.kind} ${node.title}`);
  };
  await olga.run(delegate, { input: { id, userId: otto.id } });
  await otto.run(ask, { input: { id, askedId: olga.id, text: "Which roof?" } });
  await olga.run(answer, { input: { id, text: "The flat one" } });
  const isTold = async () =>
    (await kinds(otto)).includes("TASK_COMMENT An answer: told") &&
    (await kinds(otto)).includes("TASK_ASSIGNED Assigned to you: told") &&
    (await kinds(olga)).includes("TASK_COMMENT A question for you: told");
  await until(isTold, { what: "both are told" });
});

describe("absences", () => {
  test("are set by the user, or by users who can assign all tasks; they are visible to the users concerned", async () => {
    const { manager, olga, otto, ben } = await aTenant();
    const list = "{ absences { totalCount edges { node { user { id } substitute { id } } } } }";
    const count = async (who: TestUser) => (await who.run<{ absences: { totalCount: number } }>(list)).absences.totalCount;
    const span = { startsAt: hours(24), endsAt: hours(48) };
    expect(await reason(olga, setAbsence, { userId: otto.id, substituteId: olga.id, ...span })).toBe("FORBIDDEN");
    const { absence } = (
      await olga.run<{ setAbsence: { absence: { id: string } } }>(setAbsence, {
        input: { substituteId: otto.id, ...span, note: "Keys are with Ben" },
      })
    ).setAbsence;
    await manager.run(setAbsence, { input: { userId: ben.id, substituteId: manager.id, ...span } });
    expect([await count(olga), await count(otto), await count(ben), await count(manager)]).toEqual([1, 1, 2, 2]);
    expect(await reason(otto, endAbsence, { id: absence.id })).toBe("NOT_FOUND");
    const update = mutation("updateAbsence", "absence { version endsAt substitute { id } }");
    expect(await olga.run(update, { input: { id: absence.id, substituteId: ben.id, expectedVersion: 1 } })).toMatchObject({
      updateAbsence: { absence: { version: 2, substitute: { id: ben.id } } },
    });
    expect(await reason(olga, update, { id: absence.id, endsAt: hours(1) })).toBe("BAD_USER_INPUT");
    expect(await reason(olga, endAbsence, { id: absence.id, expectedVersion: 1 })).toBe("CONFLICT");
    expect(await olga.run(endAbsence, { input: { id: absence.id } })).toMatchObject({
      endAbsence: { absence: { version: 3, endsAt: span.startsAt } },
    });
  });

  test("require a user, a different substitute, and an end after the start", async () => {
    const { tenant, olga, otto } = await theCrew();
    const stranger = (await weft.tenant()).admin;
    const vendor = (await tenant.vendor()).user;
    const span = { startsAt: hours(1), endsAt: hours(2) };
    for (const input of [
      { substituteId: olga.id, ...span },
      { substituteId: stranger.id, ...span },
      { substituteId: vendor.id, ...span },
      { substituteId: otto.id, startsAt: hours(2), endsAt: hours(1) },
      { substituteId: otto.id, startsAt: hours(-2), endsAt: hours(-1) },
      { substituteId: otto.id, startsAt: hours(0), endsAt: hours(24 * 400) },
      { substituteId: otto.id, ...span, note: "x".repeat(1_001) },
    ])
      expect(await reason(olga, setAbsence, input)).toBe("BAD_USER_INPUT");
  });
});
