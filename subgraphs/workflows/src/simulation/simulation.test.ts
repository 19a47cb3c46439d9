import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
data: { type: object, required: [amount], properties: { amount: { type: number, minimum: 0 }, by: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: review, allow: { owner: true } } } }
  review:
    task: { title: "Review {{ data.amount }}", candidates: { roles: [operations] } }
    transitions:
      approve: { to: done, allow: { roles: [operations], notSameAs: [owner] }, when: "data.amount <= 100", actions: [{ set: { data.by: actor.id } }, { emit: { type: loan.approved } }] }
      reject: { to: rejected, allow: { roles: [operations] }, comment: required }
  done: { final: completed }
  rejected: { final: rejected }
`;

const simulate = `query ($definitionId: ID, $source: String, $data: JSON, $steps: [SimulationStepInput!]!, $as: SimulatedActorInput) {
  simulateWorkflow(definitionId: $definitionId, source: $source, data: $data, steps: $steps, as: $as) {
    path state stateTitle status data tasks { rule title candidateRoles }
    steps { transition from to isAccepted code reasons changed openedTasks { title } closedTasks { title } events } } }`;
const operations = { roles: ["operations"] };

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

test("a simulation shows what each step would do, which users are refused and why, and where it ends", async () => {
  const { admin } = await weft.tenant();
  const steps = [
    { transition: "submit" },
    { transition: "approve", as: { ...operations, isOwner: true } },
    { transition: "reject", as: operations },
    { transition: "approve", as: operations },
    { transition: "approve", as: operations },
  ];
  const { simulateWorkflow } = await admin.run<{ simulateWorkflow: object }>(simulate, { source: loan, data: { amount: 50 }, steps });
  expect(simulateWorkflow).toMatchObject({
    path: ["draft", "review", "done"],
    state: "done",
    status: "COMPLETED",
    data: { amount: 50 },
    tasks: [],
    steps: [
      { isAccepted: true, from: "draft", to: "review", code: null, openedTasks: [{ title: "Review 50" }] },
      { isAccepted: false, to: "review", code: "TRANSITION_REJECTED", reasons: [expect.stringContaining("owner")] },
      { isAccepted: false, code: "BAD_USER_INPUT", reasons: [expect.stringContaining("comment")] },
      { isAccepted: true, to: "done", changed: ["by"], closedTasks: [{ title: "Review 50" }], events: ["loan.approved"] },
      { isAccepted: false, code: "TRANSITION_REJECTED", reasons: [expect.stringContaining("COMPLETED")] },
    ],
  });
});

test("a checklist is completed in the step that completes the task, or before it", async () => {
  const { admin } = await weft.tenant();
  const source = loan.replace("candidates:", "checklist: [Score read, Papers read], candidates:");
  const run = (...steps: object[]) => admin.run<{ simulateWorkflow: object }>(simulate, { source, data: { amount: 50 }, steps });
  const approve = { transition: "approve", task: "review", as: operations };
  expect(
    await run(
      { transition: "submit" },
      approve,
      { ...approve, completedItems: ["Score read"] },
      { ...approve, completedItems: ["Papers read"] },
    ),
  ).toMatchObject({
    simulateWorkflow: {
      state: "done",
      steps: [
        { isAccepted: true },
        { isAccepted: false, reasons: [expect.stringContaining("not complete: 2 item")] },
        { isAccepted: false, reasons: [expect.stringContaining("not complete: 1 item")] },
        { isAccepted: true },
      ],
    },
  });
  const { extensions } = await admin.refused(simulate, {
    source,
    data: { amount: 50 },
    steps: [{ ...approve, completedItems: ["Nothing"] }],
  });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "steps.0.completedItems.0" }] });
});

test("a draft can be simulated by its ID, and nothing is written", async () => {
  const tenant = await weft.tenant();
  const create = `mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }`;
  const { createDefinition } = await tenant.admin.run<{ createDefinition: { definition: { id: string } } }>(create, { source: loan });
  const definitionId = createDefinition.definition.id;
  const answer = await tenant.admin.run(simulate, { definitionId, data: { amount: 1 }, steps: [{ transition: "submit" }] });
  expect(answer).toMatchObject({ simulateWorkflow: { state: "review", tasks: [{ rule: "review", candidateRoles: ["operations"] }] } });
  expect(await tenant.admin.run("{ workflowInstances { totalCount } tasks { totalCount } }")).toMatchObject({
    workflowInstances: { totalCount: 0 },
    tasks: { totalCount: 0 },
  });
  const theirs = await weft.tenant();
  expect(await theirs.admin.refusal(simulate, { definitionId, steps: [] })).toBe("NOT_FOUND");
});

test("invalid simulations are refused with their path", async () => {
  const { admin } = await weft.tenant();
  const refused = async (variables: object) => {
    const { extensions } = await admin.refused(simulate, { steps: [], ...variables });
    const { problems } = extensions as unknown as { problems: { path: string }[] };
    return [extensions?.code, problems[0]?.path];
  };
  expect(await refused({ source: loan, data: { amount: -1 } })).toEqual(["BAD_USER_INPUT", "data.amount"]);
  expect(await refused({})).toEqual(["BAD_USER_INPUT", "definitionId"]);
  expect(
    await refused({ source: loan, data: { amount: 1 }, steps: Array.from({ length: 201 }, () => ({ transition: "submit" })) }),
  ).toEqual(["BAD_USER_INPUT", "steps"]);
  expect((await refused({ source: "weft: 1" }))[0]).toBe("DEFINITION_INVALID");
});

test("two hundred steps of a loop are simulated", async () => {
  const { admin } = await weft.tenant();
  const loop = loan.replace("to: review, allow: { owner: true }", "to: draft, allow: { owner: true } }, go: { to: review");
  const steps = Array.from({ length: 200 }, () => ({ transition: "submit" }));
  const { simulateWorkflow } = await admin.run<{ simulateWorkflow: { path: string[] } }>(simulate, {
    source: loop,
    data: { amount: 1 },
    steps,
  });
  expect(simulateWorkflow.path).toHaveLength(201);
});

test("votes are simulated with tasks, by users who are distinguished by their names", async () => {
  const { admin } = await weft.tenant();
  const source = `weft: 1
key: poll
name: Poll
initial: open
states:
  open:
    task: { title: Vote, count: 2, candidates: { roles: [operations] } }
    decide: { yes: all, no: any }
    transitions: { yes: { to: done }, no: { to: done } }
  done: { final: completed }
`;
  const by = (name: string) => ({ transition: "yes", task: "open", as: { name, roles: ["operations"] } });
  const steps = [{ ...by("ann"), task: null }, by("ann"), by("ann"), by("bob"), by("bob")];
  const { simulateWorkflow } = await admin.run<{ simulateWorkflow: { steps: { isAccepted: boolean }[] } }>(simulate, { source, steps });
  expect(simulateWorkflow).toMatchObject({ path: ["open", "done"], state: "done" });
  expect(simulateWorkflow.steps.map(({ isAccepted }) => isAccepted)).toEqual([false, true, false, true, false]);
});

const deployment = `weft: 1
kind: automation
key: deploy
name: Deploy
inputs:
  version: { type: string, required: true, pattern: "^v[0-9]+[.][0-9]+[.][0-9]+$" }
  token: { type: string, required: true, secret: true }
steps:
  - id: run-tests
    type: script
    with: { command: [npm, test, "{{ inputs.version }}"], env: { KEY: "{{ secrets.npm-token }}" } }
    retry: { attempts: 2, delay: 10s }
  - id: deploy
    type: http
    when: "steps.run-tests.exit_code == 0"
    with: { url: "https://deploy.example/{{ inputs.version }}", headers: { authorization: "Bearer {{ inputs.token }}" } }
outputs: { answer: "{{ steps.deploy.outputs.status }}" }
`;

const dryRun = `query ($source: String!, $data: JSON, $stubs: [StubbedStepInput!]) {
  simulateWorkflow(source: $source, data: $data, stubs: $stubs) { path data status
    runs { state status endedAt startedAt failedStep outputs placeholders unfinished transitions { transition }
      steps { step type status reason condition { text holds values { path value } failures { message } }
        attempts { attempt input end origin outputs error { code } } } } } }`;
type DryRun = { readonly simulateWorkflow: { readonly runs: readonly { readonly startedAt: string; readonly endedAt: string }[] } };

test("a dry run of an automation shows each step with its input, its condition and its result, and no secret", async () => {
  const { admin } = await weft.tenant();
  const data = { version: "v1.2.3", token: "s3cret-of-a-user" };
  const stubs = [
    { step: "run-tests", attempt: 1, error: { code: "TIMEOUT" } },
    { step: "run-tests", attempt: 2, outputs: { exit_code: 1 } },
  ];
  const answer = await admin.run<DryRun>(dryRun, { source: deployment, data, stubs });
  expect(answer).toMatchObject({
    simulateWorkflow: {
      path: ["running", "succeeded"],
      status: "COMPLETED",
      data: { version: "v1.2.3" },
      runs: [
        {
          state: "running",
          status: "SUCCEEDED",
          outputs: {},
          placeholders: [],
          transitions: [{ transition: "succeed" }],
          steps: [
            {
              step: "run-tests",
              status: "SUCCEEDED",
              attempts: [
                { attempt: 1, end: "FAILED", origin: "STUB", error: { code: "TIMEOUT" }, input: { env: { KEY: "***" } } },
                { attempt: 2, end: "SUCCEEDED", input: { command: ["npm", "test", "v1.2.3"] } },
              ],
            },
            {
              step: "deploy",
              status: "SKIPPED",
              reason: "Its condition does not hold.",
              attempts: [],
              condition: { holds: false, values: [{ value: 1 }], failures: [{ message: expect.stringContaining("must be 0") as string }] },
            },
          ],
        },
      ],
    },
  });
  const [run] = answer.simulateWorkflow.runs;
  expect(Date.parse(run?.endedAt ?? "") - Date.parse(run?.startedAt ?? "")).toBe(10_000);
  const whole = await admin.run(dryRun, { source: deployment, data, stubs: [] });
  expect(JSON.stringify([answer, whole])).not.toContain("s3cret");
  expect(whole).toMatchObject({
    simulateWorkflow: {
      runs: [
        {
          placeholders: ["run-tests", "deploy"],
          steps: [{}, { status: "SUCCEEDED", attempts: [{ origin: "PLACEHOLDER", input: { headers: { authorization: "Bearer ***" } } }] }],
        },
      ],
    },
  });
});

test("invalid inputs and stubs of a dry run are refused with their path", async () => {
  const { admin } = await weft.tenant();
  const refused = async (variables: object): Promise<unknown> =>
    (await admin.refused(dryRun, { source: deployment, data: { version: "v1.0.0", token: "a-long-token" }, ...variables })).extensions;
  const problem = (path: string) => ({ code: "BAD_USER_INPUT", problems: [expect.objectContaining({ path })] });
  expect(await refused({ data: { version: "1", token: "a-long-token" } })).toMatchObject(problem("data.version"));
  expect(await refused({ stubs: [{ step: "run-test", outputs: {} }] })).toMatchObject(problem("stubs.0.step"));
  expect(await refused({ stubs: [{ step: "deploy" }] })).toMatchObject(problem("stubs.0"));
  expect(await refused({ stubs: [{ step: "deploy", outputs: 5 }] })).toMatchObject(problem("stubs.0.outputs"));
  expect(await refused({ stubs: [{ step: "deploy", error: { code: "no such" } }] })).toMatchObject(problem("stubs.0.error.code"));
});

test("the steps of a state of an ordinary workflow are simulated too, and a step that does not end keeps the state", async () => {
  const { admin } = await weft.tenant();
  const source = `weft: 1
key: release
name: Release
initial: draft
data: { properties: { result: { type: object, additionalProperties: true } } }
states:
  draft: { transitions: { go: { to: deploying } } }
  deploying:
    run: { steps: [{ id: deploy, type: http, with: { url: "https://deploy.example" } }], outputs: { code: "{{ steps.deploy.outputs.status }}" }, into: data.result, then: deployed, onFailure: broken }
    transitions: { deployed: { to: live, auto: run }, broken: { to: failed, auto: run } }
  live: { final: completed }
  failed: { final: rejected }
`;
  const query = `query ($source: String!, $stubs: [StubbedStepInput!]) {
    simulateWorkflow(source: $source, steps: [{ transition: "go" }], stubs: $stubs) { path data runs { status unfinished } } }`;
  const stubbed = async (stub: object) =>
    (await admin.run<{ simulateWorkflow: object }>(query, { source, stubs: [{ step: "deploy", ...stub }] })).simulateWorkflow;
  expect(await stubbed({ outputs: { status: 201 } })).toMatchObject({
    path: ["draft", "deploying", "live"],
    data: { result: { code: 201 } },
  });
  expect(await stubbed({ error: { code: "DOWN", isFinal: true } })).toMatchObject({ path: ["draft", "deploying", "failed"] });
  expect(await stubbed({ isPending: true })).toMatchObject({
    path: ["draft", "deploying"],
    runs: [{ status: "RUNNING", unfinished: "These steps do not end: deploy." }],
  });
});

test("a dry run says what the security profile refuses, and continues", async () => {
  const { admin } = await weft.tenant();
  const source = deployment.replace("name: Deploy\n", "name: Deploy\nprofile: { step_types: [http], domains: [deploy.example] }\n");
  const query = `query ($source: String!, $data: JSON) { simulateWorkflow(source: $source, data: $data) { runs { status violations { rule step message } } } }`;
  expect(await admin.run(query, { source, data: { version: "v1.0.0", token: "a-long-token" } })).toMatchObject({
    simulateWorkflow: { runs: [{ status: "SUCCEEDED", violations: [{ rule: "stepTypes", step: "run-tests" }] }] },
  });
});
