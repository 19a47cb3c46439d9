import { advanceClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const definition = (key: string, states: string, scenarios = "") => `weft: 1
key: ${key}
name: Repair
data: { properties: { technician: { type: [string, 'null'] } } }
initial: new
states:
${states}
  done: { final: completed }
${scenarios}`;

const repair = definition(
  "repair",
  `  new:
    transitions:
      plan: { to: work, input: { properties: { technician: { type: [string, 'null'] } } }, actions: [ assign: data.technician ] }
  work:
    task: { title: Repair, candidates: { assignee: true } }
    transitions:
      take: { to: work, actions: [ assign: actor.id ] }
      release: { to: new, actions: [ assign: null ] }
      finish: { to: done, allow: { assignee: true } }`,
  `scenarios:
  - name: The technician finishes
    given: { owner: rita, people: { rita: [requester], tom: [technical_team] }, data: { technician: tom } }
    steps:
      - { fire: plan, by: rita, input: { technician: tom } }
      - { rejected: finish, by: rita, because: assignee }
      - { fire: finish, by: tom }
    expect: { state: done, path: [new, work, done] }
`,
);

const seen = `instance { id state version assignee { __typename ... on User { id } ... on Team { id } } tasks { title status hasNoCandidates assignee { id } }
  history { kind isAutomatic to actor { id } } }`;
const fire = `mutation ($id: ID!, $transition: String!, $input: JSON) {
  fireTransition(input: { instanceId: $id, transition: $transition, input: $input }) { ${seen} } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state assignee { ... on User { id } } } }`;

let weft: SharedWeft;
let tenant: TestTenant;
let manager: TestUser;
let technician: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  manager = await tenant.user("workflow_manager");
  technician = await tenant.user("technical_team");
  await tenant.definition(repair);
});

async function started(key = "repair", data: object = {}): Promise<string> {
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }",
    { key, data },
  );
  return startWorkflow.instance.id;
}

const inbox = async (who: TestUser): Promise<string[]> =>
  (
    await who.run<{ tasks: { edges: { node: { title: string } }[] } }>("{ tasks(queue: OFFERED_TO_ME) { edges { node { title } } } }")
  ).tasks.edges.map(({ node }) => node.title);

test("a transition assigns the instance, its tasks are the new assignee's, and the history records both", async () => {
  const id = await started();
  const input = { technician: technician.id };
  expect(await manager.run(fire, { id, transition: "plan", input })).toMatchObject({
    fireTransition: {
      instance: {
        state: "work",
        version: 3,
        assignee: { id: technician.id },
        tasks: [{ title: "Repair", hasNoCandidates: false }],
        history: [
          { kind: "START" },
          { kind: "TRANSITION", isAutomatic: false, to: "work" },
          { kind: "ASSIGNMENT", isAutomatic: true, to: "work", actor: { id: manager.id } },
        ],
      },
    },
  });
  expect(await inbox(manager)).toEqual([]);
  expect(await inbox(technician)).toEqual(["Repair"]);
  expect(await manager.refusal(fire, { id, transition: "finish" })).toBe("TRANSITION_REJECTED");
  expect(await technician.run(fire, { id, transition: "finish" })).toMatchObject({ fireTransition: { instance: { state: "done" } } });
});

test("null removes the assignment, and an ID of nobody assigns to nobody", async () => {
  const id = await started();
  await manager.run(fire, { id, transition: "plan", input: { technician: technician.id } });
  expect(await manager.run(fire, { id, transition: "release" })).toMatchObject({ fireTransition: { instance: { assignee: null } } });
  const other = await weft.tenant();
  expect(await manager.run(fire, { id, transition: "plan", input: { technician: other.admin.id } })).toMatchObject({
    fireTransition: {
      instance: { state: "work", assignee: null, tasks: [{ status: "CLOSED" }, { status: "OPEN", hasNoCandidates: true }] },
    },
  });
});

test("a text that is no ID is refused with its place, and nothing changes", async () => {
  const id = await started();
  expect((await manager.refused(fire, { id, transition: "plan", input: { technician: "Tom" } })).extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.data.technician", message: 'Expected the ID of a user or a team, found "Tom".' }],
  });
  expect(await manager.run(read, { id })).toMatchObject({ workflowInstance: { state: "new", assignee: null } });
});

test("a timer assigns, and tasks that stay open move to the new assignee", async () => {
  await tenant.definition(
    definition(
      "patrol",
      `  new:
    tasks:
      walk: { title: Walk, candidates: { assignee: true } }
    transitions: { walk: { to: done } }
    timers: { hand: { after: PT1H, actions: [ assign: data.technician ] } }`,
    ),
  );
  const id = await started("patrol", { technician: technician.id });
  const current = async () =>
    (
      await manager.run<{ workflowInstance: object }>(`query ($id: ID!) { ${seen.replace("instance", "workflowInstance(id: $id)")} }`, {
        id,
      })
    ).workflowInstance;
  expect(await current()).toMatchObject({ assignee: null, tasks: [{ status: "OPEN", assignee: null }] });
  await advanceClock(weft, tenant, { hours: 1 });
  expect(await current()).toMatchObject({
    assignee: { id: technician.id },
    tasks: [{ status: "CLAIMED", assignee: { id: technician.id } }],
    history: [{}, { kind: "TIMER" }, { kind: "ASSIGNMENT", isAutomatic: true, actor: null }],
  });
});

test("an assignment on the way to the end, or of something that is no ID, is a problem of the definition", async () => {
  const problemsOf = async (states: string) => {
    const source = definition("wrong", states);
    const { validateDefinition } = await manager.run<{ validateDefinition: { problems: { path: string; code: string }[] } }>(
      "query ($source: String!) { validateDefinition(source: $source) { problems { path code } } }",
      { source },
    );
    return validateDefinition.problems;
  };
  expect(await problemsOf("  new: { transitions: { end: { to: done, actions: [ assign: actor.id ] } } }")).toEqual([
    { path: "states.new.transitions.end.actions", code: "FINAL_STATE" },
  ]);
  const late = "  new: { transitions: { end: { to: over } } }\n  over: { final: completed, onEntry: [ assign: null ] }";
  expect(await problemsOf(late)).toContainEqual({ path: "states.over.onEntry", code: "FINAL_STATE" });
  expect(await problemsOf(`  new: { transitions: { stay: { to: new, actions: [ assign: 7 ] }, end: { to: done } } }`)).toEqual([
    { path: "states.new.transitions.stay.actions[0].assign", code: "BAD_VALUE" },
  ]);
});

test("of several assignments that follow each other, the last one decides whose the open tasks are", async () => {
  await tenant.definition(
    definition(
      "relay",
      `  new:
    transitions:
      watch: { to: watched, actions: [ openTask: { name: watch, title: Watch, lifetime: instance, candidates: { assignee: true, roles: [operations] } } ] }
  watched:
    transitions:
      hand: { to: handed, actions: [ assign: instance.ownerId ] }
  handed:
    transitions:
      pass: { to: passed, auto: true, actions: [ assign: data.technician ] }
  passed:
    transitions: { finish: { to: done } }`,
    ),
  );
  const owner = manager;
  const id = await started("relay", { technician: technician.id });
  await owner.run(fire, { id, transition: "watch" });
  await owner.run(fire, { id, transition: "hand" });
  const titles = async (who: TestUser) => (await inbox(who)).filter((title) => title === "Watch");
  expect([await titles(owner), await titles(technician)]).toEqual([[], ["Watch"]]);
});
