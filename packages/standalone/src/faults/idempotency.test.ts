import { decodeId } from "@weft/shared";
import {
  aMaintenanceTenant,
  type ApiResult,
  brokenInvariants,
  type MaintenanceTenant,
  startTestWeft,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { loopingDefinition, newIncident } from "@weft/testkit/looping-definition";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// F12: each mutation with an idempotency key, through the API.

let weft: TestWeft;
let acme: MaintenanceTenant;
let operator: TestUser;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft();
  acme = await aMaintenanceTenant(weft);
  await acme.tenant.definition(loopingDefinition);
  ({ operator } = await weft.platform());
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

type Input = Readonly<Record<string, unknown>>;

interface Case {
  readonly mutation: string;
  readonly who: () => TestUser;
  /** Selects what tells one result from another. */
  readonly selection: string;
  /** A valid input on something of its own, and another one on the same thing. */
  readonly inputs: () => Promise<{ readonly input: Input; readonly other: Input }>;
}

/** The request's task, taken by operations. */
async function claimed({ instanceId }: { instanceId: string }): Promise<string> {
  const id = await taskOf(instanceId);
  await acme.operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  return id;
}

async function taskOf(instanceId: string): Promise<string> {
  const query = "query ($id: ID!) { workflowInstance(id: $id) { tasks { id status } } }";
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: { tasks: { id: string; status: string }[] } }>(query, {
    id: instanceId,
  });
  return workflowInstance.tasks.find(({ status }) => status === "OPEN")?.id ?? "no task";
}

/** The request's task, with a question for the administrator. */
async function askedTask(): Promise<string> {
  const id = await taskOf((await acme.request("triage")).instanceId);
  const ask = "mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }";
  await acme.operations.run(ask, { input: { id, askedId: acme.admin.id, text: "Which?" } });
  return id;
}

/** An item of the checklist of a task for operations. */
async function checklistItem(): Promise<{ id: string; itemKey: string }> {
  await acme.tenant.definition(`weft: 1
key: checked
name: Checked
data: { type: object, properties: {} }
initial: open
states:
  open: { task: { title: Check, candidates: { roles: [operations] }, checklist: [Look] }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`);
  const start = `mutation { startWorkflow(input: { definitionKey: "checked", data: {} }) { instance { tasks { id checklist { key } } } } }`;
  const { startWorkflow } = await acme.admin.run<{
    startWorkflow: { instance: { tasks: { id: string; checklist: { key: string }[] }[] } };
  }>(start);
  const [task] = startWorkflow.instance.tasks;
  return { id: task?.id ?? "", itemKey: task?.checklist[0]?.key ?? "" };
}

const span = { startsAt: new Date(Date.now() + 3_600_000).toISOString(), endsAt: new Date(Date.now() + 7_200_000).toISOString() };

async function anAbsence(): Promise<string> {
  const { setAbsence } = await acme.operations.run<{ setAbsence: { absence: { id: string } } }>(
    "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
    { input: { standInId: acme.admin.id, ...span } },
  );
  return setAbsence.absence.id;
}

let names = 0;

/** An instance on the first of two versions of a definition of its own. */
async function migration(): Promise<{ from: string; to: string }> {
  const key = `migrating-${++names}`;
  const source = `weft: 1\nkey: ${key}\nname: Migrating\ninitial: open\nstates:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n`;
  const from = await acme.tenant.definition(source);
  await acme.manager.run("mutation ($key: String!) { startWorkflow(input: { definitionKey: $key }) { instance { id } } }", { key });
  return { from, to: await acme.tenant.definition(source) };
}

let tenantsMade = 0;
let invited = 0;
let permissionsMade = 0;
const cases: readonly Case[] = [
  {
    mutation: "inviteUser",
    who: () => acme.admin,
    selection: "user { id version }",
    inputs: async () => {
      const input = { email: `invited-${++invited}@mail.example`, name: "Ben", roleKeys: ["viewer"] };
      return { input, other: { ...input, name: "Benjamin" } };
    },
  },
  {
    mutation: "resendInvitation",
    who: () => acme.admin,
    selection: "user { id version }",
    inputs: async () => {
      const { createUser } = await acme.admin.run<{ createUser: { user: { id: string } } }>(
        "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }",
        { input: { email: `waiting-${++invited}@mail.example`, name: "Ben" } },
      );
      const userId = createUser.user.id;
      return { input: { userId }, other: { userId, message: "Again" } };
    },
  },
  {
    mutation: "createTenant",
    who: () => operator,
    selection: "tenant { id slug name }",
    inputs: async () => {
      const slug = `made-${++tenantsMade}`;
      const input = { slug, name: "Made", admin: { name: "First", email: `first@${slug}.example`, password: "a quiet river 42" } };
      return { input, other: { ...input, name: "Made otherwise" } };
    },
  },
  {
    mutation: "createPermission",
    who: () => acme.admin,
    selection: "permission { name description }",
    inputs: async () => {
      const input = { name: `custom.own${++permissionsMade}`, description: "A test." };
      return { input, other: { ...input, description: "Another test." } };
    },
  },
  {
    mutation: "cloneDefinition",
    who: () => acme.admin,
    selection: "definition { id key number }",
    inputs: async () => {
      const { definitions } = await acme.admin.run<{ definitions: { edges: { node: { id: string } }[] } }>(
        "{ definitions(first: 1) { edges { node { id } } } }",
      );
      const input = { id: definitions.edges[0]?.node.id, key: `copy-${++names}` };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  {
    mutation: "createRequest",
    who: () => acme.requester,
    selection: "request { id number }",
    inputs: async () => {
      const input = { typeKey: "maintenance", data: { summary: "Leak", estimate: 1 }, buildingId: acme.buildingId };
      return { input, other: { ...input, data: { summary: "Leak", estimate: 2 } } };
    },
  },
  {
    mutation: "submitRequest",
    who: () => acme.requester,
    selection: "request { id state workflow { version } }",
    inputs: async () => {
      const { id } = await acme.request("draft");
      return { input: { id }, other: { id, expectedVersion: 1 } };
    },
  },
  {
    mutation: "cancelRequest",
    who: () => acme.requester,
    selection: "request { id state workflow { version } }",
    inputs: async () => {
      const { id } = await acme.request("draft");
      return { input: { id, comment: "no" }, other: { id, comment: "never" } };
    },
  },
  {
    mutation: "assignRequest",
    who: () => acme.operations,
    selection: "request { id workflow { version } }",
    inputs: async () => {
      const { id } = await acme.request("approved");
      return { input: { id, assignee: { vendorId: acme.vendor.id } }, other: { id, assignee: { userId: acme.manager.id } } };
    },
  },
  {
    mutation: "startWorkflow",
    who: () => acme.manager,
    selection: "instance { id version }",
    inputs: async () => {
      const input = { definitionKey: "maintenance-request", data: { summary: "Leak", estimate: 1 } };
      return { input, other: { ...input, data: { summary: "Leak", estimate: 2 } } };
    },
  },
  {
    mutation: "fireTransition",
    who: () => acme.operations,
    selection: "instance { id state version }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, transition: "escalate" }, other: { instanceId, transition: "reject", comment: "no" } };
    },
  },
  {
    mutation: "claimTask",
    who: () => acme.operations,
    selection: "task { id status version }",
    inputs: async () => {
      const [one, two] = [await acme.request("triage"), await acme.request("triage")];
      return { input: { id: await taskOf(one.instanceId) }, other: { id: await taskOf(two.instanceId) } };
    },
  },
  {
    mutation: "delegateTask",
    who: () => acme.operations,
    selection: "task { id version assignee { id } }",
    inputs: async () => {
      const id = await taskOf((await acme.request("triage")).instanceId);
      return { input: { id, userId: acme.manager.id }, other: { id, userId: acme.admin.id } };
    },
  },
  {
    mutation: "assignTask",
    who: () => acme.manager,
    selection: "task { id version assignee { id } }",
    inputs: async () => {
      const id = await taskOf((await acme.request("triage")).instanceId);
      return { input: { id, userId: acme.manager.id }, other: { id, userId: null } };
    },
  },
  {
    mutation: "updateTask",
    who: () => acme.manager,
    selection: "task { id version priority }",
    inputs: async () => {
      const id = await taskOf((await acme.request("triage")).instanceId);
      return { input: { id, priority: "HIGH" }, other: { id, priority: "LOW" } };
    },
  },
  {
    mutation: "tickTask",
    who: () => acme.operations,
    selection: "task { id version checklist { isDone } }",
    inputs: async () => {
      const item = await checklistItem();
      return { input: item, other: { ...item, isDone: false } };
    },
  },
  {
    mutation: "commentOnTask",
    who: () => acme.operations,
    selection: "task { id remarks { id text } }",
    inputs: async () => {
      const id = await taskOf((await acme.request("triage")).instanceId);
      return { input: { id, text: "It rains" }, other: { id, text: "It pours" } };
    },
  },
  {
    mutation: "askForInformation",
    who: () => acme.operations,
    selection: "task { id version question { id } }",
    inputs: async () => {
      const id = await taskOf((await acme.request("triage")).instanceId);
      return { input: { id, askedId: acme.admin.id, text: "Which?" }, other: { id, askedId: acme.admin.id, text: "Why?" } };
    },
  },
  {
    mutation: "answerQuestion",
    who: () => acme.admin,
    selection: "task { id version remarks { id } }",
    inputs: async () => {
      const id = await askedTask();
      return { input: { id, text: "That" }, other: { id, text: "This" } };
    },
  },
  {
    mutation: "withdrawQuestion",
    who: () => acme.operations,
    selection: "task { id version }",
    inputs: async () => {
      const [id, another] = [await askedTask(), await askedTask()];
      return { input: { id }, other: { id: another } };
    },
  },
  {
    mutation: "createTaskLink",
    who: () => acme.operations,
    selection: "expiresAt",
    inputs: async () => {
      const { id } = await checklistItem();
      const userId = (await acme.tenant.user("operations")).id;
      await owner`update identity.users set email_verified_at = now() where id = ${decodeId("user", userId)}`;
      return { input: { id, userId }, other: { id, userId, hours: 1 } };
    },
  },
  {
    mutation: "setAbsence",
    who: () => acme.operations,
    selection: "absence { id version }",
    inputs: async () => ({ input: { standInId: acme.admin.id, ...span }, other: { standInId: acme.manager.id, ...span } }),
  },
  {
    mutation: "updateAbsence",
    who: () => acme.operations,
    selection: "absence { id version note }",
    inputs: async () => {
      const id = await anAbsence();
      return { input: { id, note: "Keys are with Ben" }, other: { id, note: "Keys are with Ada" } };
    },
  },
  {
    mutation: "endAbsence",
    who: () => acme.operations,
    selection: "absence { id version endsAt }",
    inputs: async () => {
      const [id, another] = [await anAbsence(), await anAbsence()];
      return { input: { id }, other: { id: another } };
    },
  },
  {
    mutation: "releaseTask",
    who: () => acme.operations,
    selection: "task { id status version }",
    inputs: async () => {
      const [one, two] = [await claimed(await acme.request("triage")), await claimed(await acme.request("triage"))];
      return { input: { id: one }, other: { id: two } };
    },
  },
  {
    mutation: "completeTask",
    who: () => acme.operations,
    selection: "task { id status } instance { id version }",
    inputs: async () => {
      const id = await taskOf((await acme.request("triage")).instanceId);
      return { input: { id, transition: "escalate" }, other: { id, transition: "escalate", comment: "again" } };
    },
  },
  {
    mutation: "cancelWorkflow",
    who: () => acme.manager,
    selection: "instance { id status version }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, comment: "no" }, other: { instanceId, comment: "never" } };
    },
  },
  {
    mutation: "rollbackWorkflow",
    who: () => acme.manager,
    selection: "instance { id state version }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      const input = { instanceId, toVersion: 1, data: "NOW", reason: "the wrong pump" };
      return { input, other: { ...input, data: "THEN" } };
    },
  },
  {
    mutation: "commentOnWorkflow",
    who: () => acme.manager,
    selection: "instance { id version }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, comment: "first" }, other: { instanceId, comment: "second" } };
    },
  },
  {
    mutation: "suspendWorkflow",
    who: () => acme.manager,
    selection: "instance { id status version }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, reason: "audit" }, other: { instanceId, reason: "another" } };
    },
  },
  {
    mutation: "resumeWorkflow",
    who: () => acme.manager,
    selection: "instance { id status version }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      const hold = `mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "audit" }) { instance { id } } }`;
      await acme.manager.run(hold, { id: instanceId });
      return { input: { instanceId }, other: { instanceId, reason: "done" } };
    },
  },
  {
    mutation: "createRoutingRule",
    who: () => acme.admin,
    selection: "rule { id version }",
    inputs: async () => {
      const input = { route: "by-key", name: "By key", roles: ["operations"] };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  {
    mutation: "resolveIncident",
    who: () => acme.admin,
    selection: "incident { id status resolution } instance { id status version }",
    inputs: async () => {
      const id = await newIncident(acme.admin);
      return { input: { id, action: "SKIP" }, other: { id, action: "SKIP", comment: "another" } };
    },
  },
  {
    mutation: "bulkFireTransition",
    who: () => acme.manager,
    selection: "operation { id total }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      const input = { instanceIds: [instanceId], transition: "reject", comment: "no" };
      return { input, other: { ...input, comment: "never" } };
    },
  },
  {
    mutation: "migrateInstances",
    who: () => acme.manager,
    selection: "operation { id total }",
    inputs: async () => {
      const input = await migration();
      return { input, other: { ...input, comment: "again" } };
    },
  },
  {
    mutation: "undoMigration",
    who: () => acme.manager,
    selection: "operation { id total }",
    inputs: async () => {
      const { migrateInstances } = await acme.manager.run<{ migrateInstances: { operation: { id: string } } }>(
        "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
        { input: await migration() },
      );
      await weft.weft.worker.idle();
      const input = { operationId: migrateInstances.operation.id };
      return { input, other: { ...input, comment: "again" } };
    },
  },
  {
    mutation: "cancelBulkOperation",
    who: () => acme.manager,
    selection: "operation { id status }",
    inputs: async () => {
      const { instanceId } = await acme.request("triage");
      const { bulkFireTransition } = await acme.manager.run<{ bulkFireTransition: { operation: { id: string } } }>(
        "mutation ($input: BulkFireTransitionInput!) { bulkFireTransition(input: $input) { operation { id } } }",
        { input: { instanceIds: [instanceId], transition: "none" } },
      );
      await weft.weft.worker.idle();
      const input = { id: bulkFireTransition.operation.id };
      return { input, other: { ...input, expectedVersion: 1 } };
    },
  },
  {
    mutation: "updateConfiguration",
    who: () => acme.admin,
    selection: "configuration { version document }",
    inputs: async () => {
      const name = `Name ${++names}`;
      return { input: { patch: { branding: { name } }, message: "A test" }, other: { patch: {}, message: "A test" } };
    },
  },
];

/** Ten twins show the rest as well, and fifty of each would take long. */
const thorough = new Set(["createRequest", "submitRequest", "startWorkflow", "fireTransition"]);

function send({ mutation, who, selection }: Case, input: Input): Promise<ApiResult> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  return who().send(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`, { input });
}

/** As a client does that was told to come back: the same call with the same key. */
async function sendUntilServed(each: Case, input: Input): Promise<ApiResult> {
  for (let tries = 0; ; tries++) {
    const answer = await send(each, input);
    if (answer.errors?.[0]?.extensions?.code !== "SERVICE_UNAVAILABLE" || tries === 20) return answer;
  }
}

/** How many rows of audit, events and history there are in the tenant: what an effect leaves behind. */
async function traces(): Promise<number[]> {
  // Notifications are events too, and come later.
  await weft.weft.worker.idle();
  const tenant = acme.tenant.id;
  const [row] = await owner<{ counts: number[] }[]>`
    select array[(select count(*) from audit.entries where tenant_id = ${tenant}), (select count(*) from events.log where tenant_id = ${tenant}),
                 (select count(*) from workflows.history where tenant_id = ${tenant})]::int[] as counts`;
  return row?.counts ?? [];
}

async function tracesOf<T>(run: () => Promise<T>): Promise<{ left: number[]; result: T }> {
  const before = await traces();
  const result = await run();
  return { left: (await traces()).map((count, index) => count - (before[index] ?? 0)), result };
}

describe.each(cases)("F12 $mutation", (each) => {
  test("with the same key twice it runs once and answers the same; with another input it is CONFLICT", async () => {
    const { input, other } = await each.inputs();
    const idempotencyKey = "twice";
    const first = await tracesOf(() => send(each, { ...input, idempotencyKey }));
    expect(first.result.errors).toBeUndefined();
    const second = await tracesOf(() => send(each, { ...input, idempotencyKey }));
    expect(second.result).toEqual(first.result);
    const third = await tracesOf(() => send(each, { ...other, idempotencyKey }));
    expect(third.result.errors?.[0]?.extensions?.code).toBe("CONFLICT");
    expect(third.result.errors?.[0]?.message).toMatch(/idempotency key "twice"/);
    expect([second.left, third.left]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  const times = thorough.has(each.mutation) ? 50 : 10;
  test(`${times} at once: one runs, all have its answer`, async () => {
    const [alone, together] = [await each.inputs(), await each.inputs()];
    const one = await tracesOf(() => send(each, { ...alone.input, idempotencyKey: "alone" }));
    const many = await tracesOf(() =>
      Promise.all(Array.from({ length: times }, () => sendUntilServed(each, { ...together.input, idempotencyKey: "together" }))),
    );
    expect(many.result.find(({ errors }) => errors !== undefined)).toBeUndefined();
    expect(new Set(many.result.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(many.left).toEqual(one.left);
  });
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
