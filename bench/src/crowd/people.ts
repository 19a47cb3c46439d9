import { decodeId } from "@weft/shared/ids";
import type { Keys } from "@weft/platform/config";
import { Pool } from "undici";
import type { postgres } from "@weft/pg-driver";
import type { TestTenant } from "@weft/testkit/test-tenant";
import { fireTransition } from "@weft/testkit/tenants/maintenance-tenant";
import type { Operation, Sender } from "../harness/load/open-loop.js";
import { fillWatchingUsers } from "../harness/tenants/watching-users.js";

/** A user with a running workflow. */
export interface Person extends Sender {
  readonly tenantId: string;
  /** TypeID and UUID of the workflow. */
  readonly instanceId: string;
  readonly instanceUuid: string;
}

const definition = `
weft: 1
key: ticket
name: Ticket
data: { type: object, properties: { summary: { type: string, maxLength: 200 } } }
initial: waiting
states:
  waiting: { transitions: { swing: { to: answering, allow: { owner: true } }, stop: { to: stopped, allow: { owner: true } } } }
  answering:
    task: { title: "Answer: {{ data.summary }}", candidates: { roles: [watcher0] } }
    transitions: { swing: { to: waiting, allow: { owner: true } } }
  stopped: { final: completed }
`;

const data = { summary: "The elevator in the lobby grinds when it stops at the second floor" };

const start = `mutation Start($data: JSON!) { startWorkflow(input: { definitionKey: "ticket", data: $data }) { instance { id state } } }`;

const read = {
  workflows:
    "query Workflows { workflowInstances(first: 20) { pageInfo { hasNextPage endCursor } edges { node { id state status version createdAt definition { name } owner { id name } } } } }",
  queue:
    "query Queue { tasks(queue: OFFERED_TO_ME, first: 20) { edges { node { id title status dueAt priority instance { id state } assignee { id name } } } } }",
  badges: "query Badges { me { id name } taskCounts { mine offeredToMe team unassigned overdue } }",
  workflow:
    "query Workflow($id: ID!) { workflowInstance(id: $id) { id state status version data owner { id name } tasks { id title status } history { version transition to at actor { id name } } } }",
};

/** The operations of a user: four fifths read, 15 % fire a transition, 5 % start a workflow. */
const operationsOf = (instanceId: string): Operation[] => [
  { name: "list of workflows", weight: 30, body: JSON.stringify({ query: read.workflows }) },
  { name: "queue of tasks", weight: 20, body: JSON.stringify({ query: read.queue }) },
  { name: "badges", weight: 10, body: JSON.stringify({ query: read.badges }) },
  { name: "workflow", weight: 20, body: JSON.stringify({ query: read.workflow, variables: { id: instanceId } }) },
  {
    name: "transition",
    weight: 15,
    body: JSON.stringify({ query: fireTransition, variables: { input: { instanceId, transition: "swing" } } }),
  },
  { name: "start", weight: 5, body: JSON.stringify({ query: start, variables: { data } }) },
];

/** Adds users with three roles to a tenant. Each starts a workflow through the API. */
export async function addPeople(
  owner: postgres.Sql,
  { keys, url, tenant, count }: { readonly keys: Keys; readonly url: string; readonly tenant: TestTenant; readonly count: number },
): Promise<Person[]> {
  const tokens = await fillWatchingUsers(owner, keys, tenant.id, count, ["workflow.start", "workflow.fire", "task.read"]);
  await tenant.definition(definition);
  const http = new Pool(url, { connections: 16, pipelining: 1 });
  const people: Person[] = [];
  const waiting = [...tokens];
  const startOne = async (): Promise<void> => {
    const token = waiting.pop();
    if (token === undefined) return;
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const answer = await http.request({
      path: "/graphql",
      method: "POST",
      headers,
      body: JSON.stringify({ query: start, variables: { data } }),
    });
    const text = await answer.body.text();
    const { data: started } = JSON.parse(text) as { data?: { startWorkflow?: { instance: { id: string } } } };
    const instanceId = started?.startWorkflow?.instance.id;
    if (instanceId === undefined) throw new Error(`A workflow was not started: ${text.slice(0, 1_000)}`);
    people.push({
      token,
      tenantId: tenant.id,
      instanceId,
      instanceUuid: decodeId("instance", instanceId),
      operations: operationsOf(instanceId),
    });
    await startOne();
  };
  await Promise.all(Array.from({ length: 16 }, startOne));
  await http.close();
  return people;
}
