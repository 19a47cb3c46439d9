// An anchor: a handwritten version of what a gateway does for the bench's board. Makes three sequential calls and merges the answers, without parsing
// the operation, query planning, login, limits or telemetry. SUBGRAPHS contains the URLs by name; PORT is the port to listen on.
import { createServer } from "node:http";
import { Pool } from "undici";

interface Reference {
  readonly __typename: string;
  readonly id: string;
}
type Fields = Record<string, unknown>;
interface Instance extends Reference {
  assignee: (Reference & Fields) | null;
}
interface Board {
  readonly requests: { readonly edges: readonly { readonly node: { workflow: Reference & Fields } }[] };
}

const { SUBGRAPHS = "{}", PORT = "" } = process.env;
const urls = JSON.parse(SUBGRAPHS) as Record<string, string>;
const pools = new Map(Object.entries(urls).map(([name, url]) => [name, new Pool(new URL(url).origin, { connections: 64 })]));

const requestsQuery = "{requests(first:20){edges{node{id number state workflow{__typename id}}}}}";
const instancesQuery =
  "query($representations:[_Any!]!){_entities(representations:$representations){...on WorkflowInstance{state version definition{id name}tasks{id title status}assignee{__typename ...on User{__typename id}}}}}";
const usersQuery = "query($representations:[_Any!]!){_entities(representations:$representations){...on User{name}}}";

async function ask<T>(subgraph: string, query: string, variables: object): Promise<T> {
  const path = new URL(urls[subgraph] ?? "").pathname;
  const headers = { "content-type": "application/json" };
  const answer = await pools.get(subgraph)?.request({ path, method: "POST", headers, body: JSON.stringify({ query, variables }) });
  if (answer === undefined) throw new Error(`There is no URL of ${subgraph}.`);
  const { body } = answer;
  const { data, errors } = JSON.parse(await body.text()) as { data?: T; errors?: unknown };
  if (errors !== undefined || data === undefined) throw new Error(`${subgraph} failed: ${JSON.stringify(errors)}`);
  return data;
}

const keyOf = ({ __typename, id }: Reference): Reference => ({ __typename, id });
const entities = async <T>(subgraph: string, query: string, representations: readonly Reference[]): Promise<readonly T[]> =>
  (await ask<{ _entities: readonly T[] }>(subgraph, query, { representations }))._entities;

async function board(): Promise<unknown> {
  const data = await ask<Board>("requests", requestsQuery, {});
  const nodes = data.requests.edges.map(({ node }) => node);
  const instances = await entities<Instance>(
    "workflows",
    instancesQuery,
    nodes.map(({ workflow }) => keyOf(workflow)),
  );
  const assignees = instances.flatMap(({ assignee }) => (assignee?.__typename === "User" ? [assignee] : []));
  const users = await entities<Fields>("identity", usersQuery, assignees.map(keyOf));
  for (const [index, assignee] of assignees.entries()) Object.assign(assignee, users[index]);
  for (const [index, node] of nodes.entries()) {
    const { id } = node.workflow;
    node.workflow = { ...instances[index], id } as Reference & Fields;
  }
  return { data };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { query } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { query?: unknown };
    if (typeof query !== "string") {
      response.writeHead(400).end();
      return;
    }
    board().then(
      (answer) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
});
server.listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
