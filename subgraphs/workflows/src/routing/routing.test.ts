import { decodeId } from "@weft/shared/ids";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const definition = (key: string, route: string) => `weft: 1
key: ${key}
name: Repair
data: { type: object, properties: { kind: { type: string }, cost: { type: number } } }
initial: open
states:
  open:
    task: { title: Repair, candidates: { route: ${route}, roles: [workflow_manager] } }
    transitions:
      done: { to: closed }
  closed: { final: completed }
`;

type Task = {
  readonly status: string;
  readonly assignee: { readonly id: string } | null;
  readonly candidateRoles: readonly string[];
  readonly candidateUsers?: readonly { readonly id: string }[];
};

let weft: TestWeft;
let acme: TestTenant;
let anna: TestUser;
let bert: TestUser;
let owner: postgres.Sql;
const uuidOf = (id: string) => decodeId("user", id);
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await weft.tenant();
  anna = await acme.user("operations");
  bert = await acme.user("operations");
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const create =
  "mutation ($input: CreateRoutingRuleInput!) { createRoutingRule(input: $input) { rule { id position version condition strategy roles } } }";
const rule = async (input: object) =>
  (
    await acme.admin.run<{ createRoutingRule: { rule: { id: string; position: number; version: number } } }>(create, {
      input: { name: "Rule", ...input },
    })
  ).createRoutingRule.rule;
const start = async (definitionKey: string, data: object): Promise<Task> => {
  const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { tasks: Task[] } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { tasks { status assignee { id } candidateRoles } } } }",
    { input: { definitionKey, data } },
  );
  const [task] = startWorkflow.instance.tasks;
  if (!task) throw new Error("no task was opened");
  return task;
};
const tried = async (input: object) =>
  (
    await acme.admin.run<{
      testRouting: { rule: { id: string } | null; user: { id: string } | null; evaluatedRules: { isMatch: boolean; reasons: string[] }[] };
    }>(
      "query ($input: TestRoutingInput!) { testRouting(input: $input) { rule { id } user { id } roles evaluatedRules { isMatch reasons } } }",
      {
        input,
      },
    )
  ).testRouting;

test("the first matching rule decides to which users a task is offered; without one, the task's own candidates remain", async () => {
  await acme.definition(definition("offered", "offers"));
  await rule({ route: "offers", condition: 'data.kind == "lift"', roles: ["technical_team"] });
  await rule({ route: "offers", condition: "data.cost > 100", roles: ["credit_team"] });
  expect((await start("offered", { kind: "lift", cost: 500 })).candidateRoles).toEqual(["technical_team"]);
  expect((await start("offered", { kind: "roof", cost: 500 })).candidateRoles).toEqual(["credit_team"]);
  expect((await start("offered", { kind: "roof", cost: 5 })).candidateRoles).toEqual(["workflow_manager"]);
});

test("round robin gives each user the next task in turn, even when many are opened at once", async () => {
  await acme.definition(definition("in-turn", "turns"));
  await rule({ route: "turns", roles: ["operations"], strategy: "ROUND_ROBIN" });
  const tasks = await Promise.all(Array.from({ length: 6 }, () => start("in-turn", {})));
  const shares = Map.groupBy(tasks, ({ assignee }) => assignee?.id);
  expect(tasks.every(({ status }) => status === "CLAIMED")).toBe(true);
  expect(new Map([...shares].map(([id, own]) => [id, own.length]))).toEqual(
    new Map([
      [anna.id, 3],
      [bert.id, 3],
    ]),
  );
  await weft.weft.worker.idle();
  const { notifications } = await anna.run<{ notifications: { edges: { node: { kind: string } }[] } }>(
    "{ notifications { edges { node { kind } } } }",
  );
  expect(notifications.edges.map(({ node }) => node.kind)).toEqual(["TASK_ASSIGNED", "TASK_ASSIGNED", "TASK_ASSIGNED"]);
});

test("the tasks of one transition are routed with a few statements, whatever their number", async () => {
  await acme.definition(definition("many", "shared").replace("    task: {", "    task: { count: 20,"));
  await rule({ route: "shared", roles: ["operations"], strategy: "ROUND_ROBIN" });
  let id = "";
  const sent = await weft.statements(async () => {
    ({
      startWorkflow: {
        instance: { id },
      },
    } = await acme.admin.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "many" }) { instance { id } } }',
    ));
  });
  const count = (name: string) => sent.filter((statement) => statement.includes(`/* ${name} */`)).length;
  expect(["selectRoutedPeople", "lockTurn", "readTurn", "writeTurn"].map(count)).toEqual([1, 1, 1, 1]);
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: { tasks: { assignee: { id: string } }[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { assignee { id } } } }",
    { id },
  );
  const shares = Map.groupBy(workflowInstance.tasks, ({ assignee }) => assignee.id);
  expect([...shares.values()].map(({ length }) => length)).toEqual([10, 10]);
});

test("least busy selects the user with the fewest claimed tasks", async () => {
  await acme.definition(definition("busy", "loads"));
  await rule({ route: "loads", userIds: [anna.id], strategy: "LEAST_BUSY", condition: 'data.kind == "hers"' });
  await rule({ route: "loads", roles: ["operations"], strategy: "LEAST_BUSY" });
  await start("busy", { kind: "hers" });
  expect((await start("busy", {})).assignee?.id).toBe(bert.id);
});

test("a skill narrows a rule's candidates, and absent users get nothing", async () => {
  await acme.definition(definition("skilled", "skills"));
  await acme.admin.run("mutation ($input: SetUserSkillsInput!) { setUserSkills(input: $input) { userSkills { skills } } }", {
    input: { userId: bert.id, skills: [" Lifts ", "lifts", "Roofs"] },
  });
  const only = await rule({ route: "skills", roles: ["operations"], skill: "LIFTS", strategy: "LEAST_BUSY" });
  expect((await start("skilled", {})).assignee?.id).toBe(bert.id);
  const { userSkills } = await acme.admin.run<{ userSkills: unknown }>('{ userSkills(skill: "roofs") { user { id } skills } }');
  expect(userSkills).toEqual([{ user: { id: bert.id }, skills: ["lifts", "roofs"] }]);

  await owner`insert into workflows.absences (tenant_id, id, user_id, substitute_id, starts_at, ends_at, created_by, created_at, updated_at)
    select u.tenant_id, gen_random_uuid(), u.id, a.id, now() - interval '1 hour', now() + interval '1 hour', u.id, now(), now()
      from identity.users u, identity.users a where u.id = ${uuidOf(bert.id)} and a.id = ${uuidOf(anna.id)}`;
  expect((await tried({ route: "skills" })).evaluatedRules[0]?.reasons).toEqual(["Nobody with the skill lifts is available to take it."]);
  expect((await start("skilled", {})).candidateRoles).toEqual(["workflow_manager"]);
  expect(only.position).toBe(1);
});

test("a test shows which rule decides and why the others do not, and does not use up a turn", async () => {
  await rule({ route: "tests", condition: "data.cost > 1000", roles: ["credit_team"] });
  const second = await rule({ route: "tests", condition: '"requester" in owner.roles', roles: ["operations"] });
  await rule({ route: "tests", workingHours: "OUTSIDE", roles: ["technical_team"] });
  const result = await tried({ route: "tests", data: { cost: 5 }, ownerRoles: ["requester"], at: "2026-03-02T10:00:00Z" });
  expect(result.rule?.id).toBe(second.id);
  expect(result.evaluatedRules.map(({ reasons }) => reasons)).toEqual([
    ["data.cost is 5, but must be greater than 1000."],
    [],
    [expect.stringContaining("within working hours")],
  ]);
  const turn = () => tried({ route: "turns" });
  expect((await turn()).user).toEqual((await turn()).user);
});

test("a rule applies at any time, within or outside working hours", async () => {
  const hours = "rule { id version workingHours }";
  type Changed = { readonly rule: { readonly id: string; readonly workingHours: string } };
  const made = async (input: object) =>
    (
      await acme.admin.run<{ createRoutingRule: Changed }>(
        `mutation ($input: CreateRoutingRuleInput!) { createRoutingRule(input: $input) { ${hours} } }`,
        { input: { route: "hours", name: "Rule", roles: ["operations"], ...input } },
      )
    ).createRoutingRule.rule;
  const changed = async (input: object) =>
    (
      await acme.admin.run<{ updateRoutingRule: Changed }>(
        `mutation ($input: UpdateRoutingRuleInput!) { updateRoutingRule(input: $input) { ${hours} } }`,
        { input },
      )
    ).updateRoutingRule.rule;
  const { id } = await made({ workingHours: "WITHIN" });
  expect((await made({})).workingHours).toBe("ANY");
  const at = "2026-03-01T10:00:00Z"; // A Sunday.
  const reasons = async () => (await tried({ route: "hours", at })).evaluatedRules[0]?.reasons;
  expect(await reasons()).toEqual([expect.stringContaining("outside working hours")]);
  expect((await changed({ id, name: "Rule 2" })).workingHours).toBe("WITHIN");
  expect((await changed({ id, workingHours: null })).workingHours).toBe("WITHIN");
  expect((await changed({ id, workingHours: "OUTSIDE" })).workingHours).toBe("OUTSIDE");
  expect(await reasons()).toEqual([]);
  expect((await changed({ id, workingHours: "ANY" })).workingHours).toBe("ANY");
});

test("rules are changed, ordered and deleted, each with its version", async () => {
  const first = await rule({ route: "order", roles: ["operations"] });
  const second = await rule({ route: "order", roles: ["credit_team"] });
  expect([first.position, second.position]).toEqual([1, 2]);
  const update = "mutation ($input: UpdateRoutingRuleInput!) { updateRoutingRule(input: $input) { rule { position version isActive } } }";
  await acme.admin.run(update, { input: { id: first.id, position: 3, expectedVersion: 1 } });
  expect((await tried({ route: "order" })).rule?.id).toBe(second.id);
  expect(await acme.admin.refusal(update, { input: { id: first.id, isActive: false, expectedVersion: 1 } })).toBe("CONFLICT");
  const { routingRules } = await acme.admin.run<{ routingRules: { edges: { node: { id: string } }[] } }>(
    '{ routingRules(filter: { route: { eq: "order" } }) { edges { node { id } } } }',
  );
  expect(routingRules.edges.map(({ node }) => node.id)).toEqual([second.id, first.id]);
  await acme.admin.run("mutation ($id: ID!) { deleteRoutingRule(input: { id: $id }) { id } }", { id: second.id });
  expect((await tried({ route: "order" })).rule?.id).toBe(first.id);
});

test("errors in a rule are reported with their position", async () => {
  const refused = async (input: object) =>
    (await acme.admin.refused(create, { input: { route: "wrong", name: "Rule", ...input } })).message;
  expect(await refused({ roles: ["operations"], condition: "data.x ==" })).toContain("input.condition");
  expect(await refused({ roles: ["operations"], condition: 'owner.name == "x"' })).toContain("owner.name");
  expect(await refused({ roles: ["nobodies"] })).toContain("input.roles.0");
  expect(await refused({})).toContain("at least one user, team or role");
  expect(await refused({ route: "Not A Route", roles: ["operations"] })).toContain("input.route");
  const other = await weft.tenant();
  expect(await refused({ userIds: [other.admin.id] })).toContain("input.userIds.0");
});

test("rules are reserved for users who manage work", async () => {
  expect(await anna.refusal("{ routingRules { totalCount } }")).toBe("FORBIDDEN");
  expect(await anna.refusal(create, { input: { route: "mine", name: "Mine", userIds: [anna.id] } })).toBe("FORBIDDEN");
});

test("a submitted request goes to the users selected by the rules of its type", async () => {
  await rule({ route: "requests", teamIds: [await acme.team("facilities")] });
  await acme.definition(
    definition("routed-request", "none")
      .replace("open:\n    task: { title: Repair, candidates: { route: none, roles: [workflow_manager] } }", "open:")
      .replace("done: { to: closed }", "submit: { to: closed }\n      cancel: { to: closed }")
      .replace("  closed: { final: completed }", "  closed: { transitions: { end: { to: over } } }\n  over: { final: completed }"),
  );
  await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input: { key: "routed", name: "Routed", definitionKey: "routed-request", numberPrefix: "RR", route: "requests" },
  });
  const { createRequest } = await acme.admin.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "routed", data: {} } },
  );
  const { submitRequest } = await acme.admin.run<{ submitRequest: { request: unknown } }>(
    "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { state assignee { __typename ... on Team { name } } } } }",
    { id: createRequest.request.id },
  );
  expect(submitRequest.request).toEqual({ state: "closed", assignee: { __typename: "Team", name: "facilities" } });
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
