import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const loan = (title = "In review") => `weft: 1
key: loan
name: Loan
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review:
    title: ${JSON.stringify(title)}
    transitions: { approve: { to: paid }, reject: { to: rejected } }
  paid: { transitions: { close: { to: archived } } }
  archived: { final: completed }
  rejected: { final: rejected }
`;

const ofDefinitions = `{ definitions(first: 10) { edges { node { svg: diagram mermaid: diagram(format: MERMAID) } } } }`;
const ofInstance = `query ($id: ID!) { workflowInstance(id: $id) { svg: diagram(format: SVG) mermaid: diagram(format: MERMAID) } }`;
const page = `query ($first: Int) { workflowInstances(first: $first) { edges { node { diagram } } } }`;
const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }`;
const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { diagram(format: MERMAID) } } }`;
const createRole = `mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }`;
const create = `mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id diagram(format: MERMAID) } } }`;

type Diagrams = { readonly svg: string; readonly mermaid: string };

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function started(who: TestUser): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { input: { definitionKey: "loan" } });
  return startWorkflow.instance.id;
}

async function diagramsOf(who: TestUser, id: string): Promise<Diagrams> {
  return (await who.run<{ workflowInstance: Diagrams }>(ofInstance, { id })).workflowInstance;
}

const statesIn = (svg: string): string[] => [...svg.matchAll(/data-state="([^"]*)"/g)].flatMap(([, name]) => name ?? []);
const transitionsIn = (svg: string): string[] => [...svg.matchAll(/data-transition="([^"]*)"/g)].flatMap(([, name]) => name ?? []);

test("a definition is drawn with its states and transitions, in SVG and in Mermaid", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(loan("</text><script>alert(1)</script>"));
  const { definitions } = await tenant.admin.run<{ definitions: { edges: { node: Diagrams }[] } }>(ofDefinitions);
  const diagrams = definitions.edges.map(({ node }) => node).find(({ svg }) => svg.includes("<title>Loan</title>"));
  expect(statesIn(diagrams?.svg ?? "").toSorted()).toEqual(["archived", "draft", "paid", "rejected", "review"]);
  expect(transitionsIn(diagrams?.svg ?? "").toSorted()).toEqual(["draft/submit", "paid/close", "review/approve", "review/reject"]);
  expect(diagrams?.svg).not.toContain("<script");
  expect(diagrams?.mermaid).toContain("  s1 --> s2 : Submit\n");
  expect(diagrams?.mermaid).not.toMatch(/[<>]script/);
});

test("each draft is drawn from its own text", async () => {
  const { admin } = await weft.tenant();
  const titles = ["First title", "Second title"];
  for (const title of titles) {
    const { createDefinition } = await admin.run<{ createDefinition: { definition: { diagram: string } } }>(create, {
      input: { source: loan(title) },
    });
    expect(titles.filter((one) => createDefinition.definition.diagram.includes(`"${one}"`))).toEqual([title]);
  }
});

describe("an instance", () => {
  test("shows past and current states, even in the response to the transition", async () => {
    const tenant = await weft.tenant();
    await tenant.definition(loan());
    const manager = await tenant.user("workflow_manager");
    const id = await started(manager);
    const { fireTransition } = await manager.run<{ fireTransition: { instance: { diagram: string } } }>(fire, {
      input: { instanceId: id, transition: "submit" },
    });
    const { svg, mermaid } = await diagramsOf(manager, id);
    expect(mermaid).toBe(fireTransition.instance.diagram);
    expect(mermaid).toContain("  s1 --> s2 : ✓ Submit\n");
    expect(mermaid).toContain("  class s1 visited\n");
    expect(mermaid).toContain("  class s2 current\n");
    expect(svg).toMatch(/data-state="review" data-mark="current"/);
    expect(svg).toContain("The instance is in In review. It was previously in Draft.");
    expect(statesIn(svg)).toHaveLength(5);
  });

  test("is drawn without future states for users who cannot see definitions", async () => {
    const tenant = await weft.tenant();
    await tenant.definition(loan());
    const manager = await tenant.user("workflow_manager");
    const id = await started(manager);
    await manager.run(fire, { input: { instanceId: id, transition: "submit" } });
    await tenant.admin.run(createRole, {
      input: { key: "watcher", name: "Watcher", permissions: [{ permission: "workflow.read", scope: "TENANT" }] },
    });
    const watcher = await tenant.user("watcher");
    const { svg, mermaid } = await diagramsOf(watcher, id);
    expect(statesIn(svg).toSorted()).toEqual(["draft", "paid", "rejected", "review"]);
    expect(transitionsIn(svg).toSorted()).toEqual(["draft/submit", "review/approve", "review/reject"]);
    for (const text of [svg, mermaid]) expect(text).not.toMatch(/archived/i);
  });

  test("takes as many statements as five", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    await tenant.definition(loan());
    const manager = await tenant.user("workflow_manager");
    for (let made = 0; made < 5; made++) await started(manager);
    const count = (first: number) => weft.statementCount(() => manager.run(page, { first }));
    expect(await count(5)).toBe(await count(1));
  });

  test("of another tenant is not drawn", async () => {
    const tenant = await weft.tenant();
    await tenant.definition(loan());
    const id = await started(await tenant.user("workflow_manager"));
    const { admin } = await weft.tenant();
    expect((await admin.refused(ofInstance, { id })).extensions?.code).toBe("NOT_FOUND");
  });
});

test(
  "the diagrams of one operation are limited; a diagram beyond the limit is null, the others are returned",
  { tags: "slow" },
  async () => {
    const { admin } = await weft.tenant();
    const states = Array.from({ length: 499 }, (_, index) => {
      const transitions = Object.fromEntries([1, 2, 3, 4].map((step) => [`go${step}`, { to: `s${Math.min(index + step, 499)}` }]));
      return [`s${index}`, { transitions }] as const;
    });
    const source = JSON.stringify({
      weft: 1,
      key: "large",
      name: "Large",
      initial: "s0",
      states: { ...Object.fromEntries(states), s499: { final: "completed" } },
    });
    const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(create, { input: { source } });
    const copies = Array.from({ length: 9 }, (_, index) => `d${index}: diagram(format: MERMAID)`).join(" ");
    const answer = await admin.send(`query ($id: ID!) { definition(id: $id) { ${copies} } }`, { id: createDefinition.definition.id });
    const drawn = Object.values((answer.data as { definition: Record<string, string | null> }).definition);
    expect(drawn.filter((one) => one === null).length).toBeGreaterThan(0);
    expect(drawn.filter((one) => one !== null).length).toBeGreaterThan(3);
    expect(new Set(answer.errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(["QUERY_LIMIT_EXCEEDED"]));
  },
);

test("the steps of an automation and of its runs are drawn", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  await tenant.definition(`weft: 1
kind: automation
key: steps
name: Steps
steps:
  - { id: first, type: set, with: { values: { x: "</text><script>" } } }
  - { id: second, type: wait, with: { for: 1h } }
`);
  const { definitions } = await tenant.admin.run<{ definitions: { edges: { node: Diagrams }[] } }>(ofDefinitions);
  const drawn = definitions.edges.map(({ node }) => node.svg).find((svg) => svg.includes("<title>Steps</title>")) ?? "";
  expect(statesIn(drawn)).toEqual(["first", "second"]);
  expect(transitionsIn(drawn)).toEqual(["first/second"]);
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start, {
    input: { definitionKey: "steps" },
  });
  await weft.weft.worker.idle();
  const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { runs: readonly Diagrams[] } }>(
    `query ($id: ID!) { workflowInstance(id: $id) { runs { svg: diagram mermaid: diagram(format: MERMAID) } } }`,
    { id: startWorkflow.instance.id },
  );
  const [run] = workflowInstance.runs;
  expect(run?.svg).toContain("Succeeded: first. At work: second.");
  expect(run?.mermaid).toContain("class s1 visited");
});
