import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const text = (key: string, scenarios: string) => `weft: 1
key: ${key}
name: Purchase
data: { required: [amount], properties: { amount: { type: number, minimum: 0 } } }
initial: draft
states:
  draft: { transitions: { submit: { to: check, allow: { owner: true } } } }
  check:
    transitions:
      big: { to: review, auto: true, when: data.amount > 100 }
      small: { to: done, auto: true }
  review:
    task: { title: Review, candidates: { roles: [workflow_manager] } }
    transitions: { approve: { to: done, allow: { roles: [workflow_manager], notSameAs: owner } } }
  done: { final: completed }
scenarios:
${scenarios}`;
const people = "people: { olga: [requester], mia: [workflow_manager] }";
const passing = `  - name: A small purchase is done at once
    given: { data: { amount: 5 }, ${people} }
    steps: [{ fire: submit, by: olga }]
    expect: { state: done, path: [draft, check, done] }
`;
const failing = `  - name: A big one is reviewed
    given: { data: { amount: 500 }, ${people} }
    steps:
      - { fire: submit, by: olga }
      - { complete: review, with: approve, by: olga }
    expect: { state: done }
`;

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
  await acme.user("workflow_manager");
});

const run = `query ($definitionId: ID, $source: String) { runScenarios(definitionId: $definitionId, source: $source) {
  isPassed scenarios { name isPassed path status failures { code path message line column } } } }`;
const publish = "mutation ($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { status } } }";
const draftOf = async (source: string): Promise<string> => {
  const create = "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }";
  const { createDefinition } = await acme.admin.run<{ createDefinition: { definition: { id: string } } }>(create, { source });
  return createDefinition.definition.id;
};
const problemsOf = ({ extensions }: { extensions?: unknown }) => {
  const { code, problems } = extensions as { code: string; problems: { code: string; path: string; line: number; message: string }[] };
  return [code, ...problems.map((one) => `${one.code} ${one.line} ${one.path}: ${one.message}`)];
};

test("scenarios run without writing anything, and report where they fail", async () => {
  const source = text("tried", passing + failing);
  const { runScenarios } = await acme.admin.run<{ runScenarios: object }>(run, { source });
  expect(runScenarios).toEqual({
    isPassed: false,
    scenarios: [
      { name: "A small purchase is done at once", isPassed: true, path: ["draft", "check", "done"], status: "COMPLETED", failures: [] },
      {
        name: "A big one is reviewed",
        isPassed: false,
        path: ["draft", "check", "review"],
        status: "RUNNING",
        failures: [
          {
            code: "SCENARIO_FAILED",
            path: "scenarios[1].steps[1]",
            message: expect.stringContaining('The task "review" is not offered to olga') as unknown,
            line: 25,
            column: 9,
          },
        ],
      },
    ],
  });
  expect(await acme.admin.run("{ workflowInstances { totalCount } tasks { totalCount } }")).toMatchObject({
    workflowInstances: { totalCount: 0 },
    tasks: { totalCount: 0 },
  });
});

test("a draft whose scenarios fail is saved but not published: the refusal is the report", async () => {
  const id = await draftOf(text("gated", passing + failing));
  expect(problemsOf(await acme.admin.refused(publish, { input: { id } }))).toEqual([
    "DEFINITION_INVALID",
    'SCENARIO_FAILED 25 scenarios[1].steps[1]: Scenario "A big one is reviewed": The task "review" is not offered to olga, or another person has claimed it.',
  ]);
  expect(problemsOf(await acme.admin.refused(publish, { input: { id, acceptWarnings: true } }))[0]).toBe("DEFINITION_INVALID");
  const good = await draftOf(text("gated", passing + failing.replace("with: approve, by: olga", "with: approve, by: mia")));
  expect(await acme.admin.run(run, { definitionId: good })).toMatchObject({ runScenarios: { isPassed: true } });
  expect(await acme.admin.run(publish, { input: { id: good } })).toMatchObject({
    publishDefinition: { definition: { status: "PUBLISHED" } },
  });
});

test("a transition that no user of the tenant can fire is a warning, and is published only if the warning is accepted", async () => {
  const lonely = await weft.tenant();
  const create = "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }";
  const validate =
    "query ($source: String!) { validateDefinition(source: $source) { isValid problems { code } warnings { code path line } } }";
  const source = text("lonely", passing);
  const warnings = [
    { code: "NOBODY", path: "states.review.task.candidates", line: 13 },
    { code: "NOBODY", path: "states.review.transitions.approve.allow", line: 14 },
  ];
  const found = await lonely.admin.run<{ validateDefinition: { warnings: object[] } }>(validate, { source });
  expect(found.validateDefinition).toEqual({ isValid: true, problems: [], warnings: expect.arrayContaining(warnings) as unknown });
  expect(found.validateDefinition.warnings).toHaveLength(2);
  const { createDefinition } = await lonely.admin.run<{ createDefinition: { definition: { id: string } } }>(create, { source });
  const { id } = createDefinition.definition;
  expect(problemsOf(await lonely.admin.refused(publish, { input: { id } }))).toContain(
    'NOBODY 14 states.review.transitions.approve.allow: Nobody can fire "approve": it requires the role workflow_manager, which nobody has. To publish anyway, set acceptWarnings to true.',
  );
  // A requester can see definitions, but not who has which role.
  expect(await (await lonely.user("requester")).run(validate, { source })).toMatchObject({
    validateDefinition: { isValid: true, warnings: [] },
  });
  const manager = await lonely.user("workflow_manager");
  expect(await lonely.admin.run(validate, { source })).toMatchObject({ validateDefinition: { warnings: [] } });
  const deactivate = "mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }";
  const { me } = await manager.run<{ me: { id: string } }>("{ me { id } }");
  await lonely.admin.run(deactivate, { id: me.id });
  expect(
    (await lonely.admin.run<{ validateDefinition: { warnings: object[] } }>(validate, { source })).validateDefinition.warnings,
  ).toHaveLength(2);
  expect(await lonely.admin.run(publish, { input: { id, acceptWarnings: true } })).toMatchObject({ publishDefinition: {} });
});

test("a role is held through a role that inherits from it, a permission through a grant; children need a published definition, routes a rule", async () => {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  const source = `weft: 1
key: asks
name: Asks
initial: a
states:
  a:
    task: { title: Look, candidates: { route: desk, owner: true } }
    children: { part: { definition: gone } }
    join: { then: done }
    transitions: { done: { to: b }, manage: { to: b, allow: { roles: [workflow_manager] } }, sign: { to: b, allow: { permissions: [custom.sign] } } }
  b: { final: completed }
`;
  const validate = "query ($source: String!) { validateDefinition(source: $source) { problems { path message } warnings { code path } } }";
  const warnings = async () => {
    const { validateDefinition } = await admin.run<{
      validateDefinition: { problems: object[]; warnings: { code: string; path: string }[] };
    }>(validate, { source });
    expect(validateDefinition.problems).toEqual([]);
    return validateDefinition.warnings.map(({ code, path }) => `${code} ${path.split(".").slice(2).join(".")}`);
  };
  await admin.run('mutation { createPermission(input: { name: "custom.sign", description: "Signs." }) { permission { name } } }');
  const child = "UNKNOWN_DEFINITION children.part.definition";
  expect(await warnings()).toContain("UNKNOWN_ROUTE task.candidates.route");
  await admin.run(
    'mutation { createRoutingRule(input: { route: "desk", name: "All", roles: ["admin"], strategy: EVERYBODY }) { rule { id } } }',
  );
  expect(await warnings()).toEqual(["NOBODY transitions.manage.allow", child]);
  await admin.run(
    'mutation { createRole(input: { key: "boss", name: "Boss", permissions: [], parentKeys: ["workflow_manager"] }) { role { id } } }',
  );
  await tenant.user("boss");
  expect(await warnings()).toEqual([child]);
  await tenant.definition(
    "weft: 1\nkey: gone\nname: Gone\ninitial: a\nstates: { a: { transitions: { go: { to: b } } }, b: { final: completed } }",
  );
  expect(await warnings()).toEqual([]);
});

test("scenarios that cannot be run are refused; another tenant's draft is treated as one that does not exist", async () => {
  const { extensions } = await acme.admin.refused(run, {});
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "definitionId" }] });
  expect(await acme.admin.refusal(run, { source: "weft: 1" })).toBe("DEFINITION_INVALID");
  const stranger = await weft.tenant();
  expect(await stranger.admin.refusal(run, { definitionId: await draftOf(text("mine", passing)) })).toBe("NOT_FOUND");
});

test("hostile texts are answered quickly, each with its errors", async () => {
  const validate = "query ($source: String!) { validateDefinition(source: $source) { isValid problems { code message line } } }";
  const head = "weft: 1\nkey: a\nname: A\ninitial: s0\nstates:\n";
  const codesOf = async (source: string): Promise<string[]> => {
    const { data, errors } = await acme.admin.send<{ validateDefinition: { problems: { code: string; line: number }[] } }>(validate, {
      source,
    });
    if (!data) return [String(errors?.[0]?.extensions?.["code"])];
    expect(data.validateDefinition.problems.every(({ line }) => line > 0)).toBe(true);
    return [...new Set(data.validateDefinition.problems.map(({ code }) => code))];
  };
  const chain = Array.from({ length: 25_000 }, (_, at) => `  s${at}: { transitions: { go: { to: s${at + 1} } } }`).join("\n");
  expect(await codesOf(head + chain.slice(0, 900_000))).toEqual(["TOO_LARGE"]);
  // Larger than the limit on request bodies, so it is not parsed.
  expect(await codesOf("x".repeat(10_000_000))).toEqual(["BAD_REQUEST"]);
  expect(await codesOf(`a: &a [${"x,".repeat(1000)}x]\nb: [${"*a,".repeat(1000)}*a]`)).toEqual(["SYNTAX"]);
  const deep = `"${"(".repeat(10_000)}data.a > 1${")".repeat(10_000)}"`;
  expect(await codesOf(`${head}  s0: { transitions: { go: { to: s1, when: ${deep} } } }\n  s1: { final: completed }\n`)).toEqual([
    "BAD_CONDITION",
  ]);
  expect(await codesOf(`${head}  __proto__: { final: completed }\n  s0: { transitions: { go: { to: s0 } } }\n`)).toContain("FORBIDDEN_KEY");
});

test("a scenario gives results to calls, and a result for a call that was not made fails it at its line", async () => {
  const source = `weft: 1
key: ordered
name: Ordered
data: { properties: { reply: { type: object, additionalProperties: true } } }
initial: draft
states:
  draft: { transitions: { order: { to: ordering, actions: [{ call: { integration: crm, action: request, into: data.reply, then: ordered } }] } } }
  ordering: { transitions: { ordered: { to: done, auto: call } } }
  done: { final: completed }
scenarios:
  - name: It is placed
    steps: [{ fire: order }, { call: crm.request, result: { status: 200 } }]
    expect: { state: done, data: { reply: { status: 200 } }, calls: [{ call: crm.request, outcome: DONE }] }
  - name: It has a result before it is made
    steps:
      - { call: crm.request }
    expect: { state: done }
`;
  const { runScenarios } = await acme.admin.run<{ runScenarios: object }>(run, { source });
  expect(runScenarios).toMatchObject({
    isPassed: false,
    scenarios: [
      { isPassed: true, path: ["draft", "ordering", "done"], status: "COMPLETED" },
      {
        isPassed: false,
        failures: [{ line: 16, path: "scenarios[1].steps[0]", message: "There is no open call crm.request; no call is open." }],
      },
    ],
  });
});
