import type { TestTenant } from "@weft/testkit/test-tenant";

const definition = `
weft: 1
key: bench-request
name: Bench request
data: { type: object, required: [summary], properties: { summary: { type: string } } }
initial: draft
states:
  draft:
    transitions:
      submit: { to: work, allow: { owner: true } }
      cancel: { to: cancelled, allow: { owner: true } }
  work:
    task: { title: "Do: {{ data.summary }}", candidates: { roles: [operations] } }
    onEntry:
      - openTask: { name: inspection, title: Inspect, candidates: { roles: [operations] } }
      - openTask: { name: report, title: Report, candidates: { roles: [operations] } }
    transitions: { finish: { to: done, allow: { roles: [operations] } } }
  done: { final: completed }
  cancelled: { final: cancelled }
`;

/** The federated read, with three hops: requests → workflows → identity. */
export const boardQuery = `query Board {
  requests(first: 20) { edges { node {
    id number state
    workflow { id state version definition { id name } tasks { id title status } assignee { __typename ... on User { id name } } }
  } } }
}`;

interface Board {
  readonly requests: {
    readonly edges: readonly {
      readonly node: {
        readonly workflow: {
          readonly definition: { readonly name: string };
          readonly tasks: readonly object[];
          readonly assignee: { readonly name: string };
        };
      };
    }[];
  };
}

/** Fills the tenant with 20 requests in progress, each with three open tasks and one of five assignees. */
export async function fillBoard(tenant: TestTenant): Promise<void> {
  await tenant.definition(definition);
  const type = {
    key: "bench",
    name: "Bench",
    definitionKey: "bench-request",
    numberPrefix: "B",
    fields: ["summary"],
    submitTransition: "submit",
  };
  await tenant.admin.run("mutation Type($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input: type,
  });
  const assignees = [];
  for (let i = 0; i < 5; i++) assignees.push(await tenant.user("operations", { name: `Assignee ${i + 1}` }));
  for (let i = 0; i < 20; i++) {
    const { createRequest } = await tenant.admin.run<{ createRequest: { request: { id: string } } }>(
      "mutation Create($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
      { input: { typeKey: "bench", data: { summary: `the elevator in building ${i + 1}` } } },
    );
    const { id } = createRequest.request;
    await tenant.admin.run("mutation Submit($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
    const input = { id, assignee: { userId: assignees[i % assignees.length]?.id } };
    await tenant.admin.run("mutation Assign($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", { input });
  }
}

/** @throws Error if an answer is not the complete board */
export function assertBoard(data: unknown): void {
  const { edges } = (data as Board).requests;
  const isWhole = ({ node }: (typeof edges)[number]): boolean =>
    node.workflow.tasks.length === 3 &&
    node.workflow.definition.name === "Bench request" &&
    node.workflow.assignee.name.startsWith("Assignee ");
  if (edges.length !== 20 || !edges.every(isWhole)) throw new Error(`This is not the board: ${JSON.stringify(data).slice(0, 1_000)}`);
}
