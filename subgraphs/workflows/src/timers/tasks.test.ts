import { advanceClock, fireTransition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const check = `weft: 1
key: check
name: Check
data: { properties: { n: { type: number } } }
initial: open
states:
  open:
    tasks:
      first:
        title: First check
        candidates: { roles: [operations] }
        due: P2D
        overdue: { notify: [assignee, candidates, owner] }
        timers:
          soon: { before: P1D, remind: [assignee, candidates] }
          giveUp: { after: P9D, fire: close }
      second: { title: Second check, candidates: { roles: [operations] }, due: P3D }
      free: { title: No deadline, candidates: { roles: [operations] } }
    transitions:
      close: { to: done, allow: { roles: [operations] } }
      again: { to: open, allow: { owner: true } }
  done: { final: completed }
`;
const start = `mutation { startWorkflow(input: { definitionKey: "check", data: {} }) { instance { id } } }`;
const open = `query ($filter: TaskFilter) { tasks(filter: $filter, orderBy: { field: DUE_AT, direction: ASC }, first: 20) { edges { node { id title isOverdue overdueAt dueAt version status } } } }`;
const notices = "{ notifications(first: 50) { edges { node { kind title } } } }";

interface Task {
  readonly id: string;
  readonly title: string;
  readonly isOverdue: boolean;
  readonly overdueAt: string | null;
  readonly status: string;
  readonly version: number;
}

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function aTenant(): Promise<{ acme: TestTenant; operations: TestUser; id: string }> {
  const acme = await weft.tenant();
  await acme.definition(check);
  const operations = await acme.user("operations");
  const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { id: string } } }>(start);
  return { acme, operations, id: startWorkflow.instance.id };
}
const tasksOf = async (who: TestUser, filter: object = {}): Promise<Task[]> =>
  (await who.run<{ tasks: { edges: { node: Task }[] } }>(open, { filter })).tasks.edges.map(({ node }) => node);
const told = async (who: TestUser, kind: string): Promise<string[]> =>
  (await who.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(notices)).notifications.edges
    .map(({ node }) => node)
    .filter((one) => one.kind === kind)
    .map(({ title }) => title);

test("a deadline that passes is noticed once, in lists, by notifications, and by the rule of the task", { tags: "slow" }, async () => {
  const { acme, operations } = await aTenant();
  await advanceClock(weft, acme, { days: 1, hours: 23 });
  expect(await tasksOf(acme.admin, { isOverdue: { eq: true } })).toEqual([]);
  await advanceClock(weft, acme, { hours: 2 });
  expect(await tasksOf(acme.admin, { isOverdue: { eq: true } })).toMatchObject([
    { title: "First check", isOverdue: true, overdueAt: expect.any(String) as unknown, version: 1 },
  ]);
  await advanceClock(weft, acme, { days: 1 });
  await advanceClock(weft, acme, { days: 1 });
  expect(await tasksOf(acme.admin, { isOverdue: { eq: true } })).toHaveLength(2);
  expect(await tasksOf(acme.admin, { isOverdue: { eq: false } })).toMatchObject([{ title: "No deadline", overdueAt: null }]);
  expect((await told(operations, "TASK_OVERDUE")).toSorted()).toEqual(["Overdue: First check", "Overdue: Second check"]);
  expect(await told(acme.admin, "TASK_OVERDUE")).toEqual(["Overdue: First check"]);
});

test("a deadline that is changed counts anew, and a closed task is never overdue", async () => {
  const { acme, operations, id } = await aTenant();
  await advanceClock(weft, acme, { days: 4 });
  const [first] = await tasksOf(acme.admin, { isOverdue: { eq: true } });
  const update = "mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { isOverdue overdueAt } } }";
  const dueAt = new Date(Date.now() + 6 * 86_400_000).toISOString();
  expect(await acme.admin.run(update, { input: { id: first?.id, dueAt } })).toMatchObject({
    updateTask: { task: { isOverdue: false, overdueAt: null } },
  });
  expect(await told(operations, "REMINDER")).toHaveLength(1);
  await advanceClock(weft, acme, { days: 3 });
  expect(await told(operations, "TASK_OVERDUE")).toHaveLength(3);
  // The timer before the deadline has moved with it.
  expect(await told(operations, "REMINDER")).toHaveLength(2);
  await acme.admin.run(fireTransition, { input: { instanceId: id, transition: "again" } });
  await operations.run(fireTransition, { input: { instanceId: id, transition: "close" } });
  await advanceClock(weft, acme, { days: 30 });
  expect(await told(operations, "TASK_OVERDUE")).toHaveLength(3);
  expect(await tasksOf(acme.admin, { isOverdue: { eq: true } })).toEqual([]);
});

test("timers of a task count from its opening or until its deadline, and end with it", async () => {
  const { acme, operations, id } = await aTenant();
  await advanceClock(weft, acme, { hours: 25 });
  expect(await told(operations, "REMINDER")).toEqual(["Reminder: First check"]);
  await acme.admin.run(fireTransition, { input: { instanceId: id, transition: "again" } });
  await advanceClock(weft, acme, { days: 8 });
  const state = async () =>
    (await acme.admin.run<{ workflowInstance: { state: string } }>(`{ workflowInstance(id: "${id}") { state } }`)).workflowInstance.state;
  expect(await state()).toBe("open");
  await advanceClock(weft, acme, { days: 2 });
  expect(await state()).toBe("done");
});

test("while the workflow is suspended, no deadline is noticed; it is when the workflow continues", { tags: "slow" }, async () => {
  const { acme, operations, id } = await aTenant();
  await acme.admin.run("mutation ($input: SuspendWorkflowInput!) { suspendWorkflow(input: $input) { instance { id } } }", {
    input: { instanceId: id, reason: "Wait" },
  });
  await advanceClock(weft, acme, { days: 5 });
  expect(await told(operations, "TASK_OVERDUE")).toEqual([]);
  await acme.admin.run("mutation ($input: ResumeWorkflowInput!) { resumeWorkflow(input: $input) { instance { id } } }", {
    input: { instanceId: id },
  });
  await weft.weft.worker.idle();
  expect(await told(operations, "TASK_OVERDUE")).toHaveLength(2);
});
