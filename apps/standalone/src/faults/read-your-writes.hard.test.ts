import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

// X3: no projection stands between a write and the lists that show it.

/** Number of writes, by all people together. WEFT_WRITES=10000 looks longer. */
const TIMES = Number(process.env["WEFT_WRITES"] ?? 1_500);
const PEOPLE = 8;

const definition = `weft: 1
key: pendulum
name: Pendulum
data: { properties: { swings: { type: integer }, name: { type: string } } }
index: [swings, name]
initial: left
states:
  left:
    task: { title: "Push {{ data.name }}", candidates: { owner: true } }
    transitions: { swing: { to: right, input: { properties: { swings: { type: integer } } } }, stop: { to: still } }
  right:
    transitions: { swing: { to: left, input: { properties: { swings: { type: integer } } } }, stop: { to: still } }
  still: { final: completed }
`;

const start = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id version state } } }";
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id version state } } }";
const lists = `query ($owner: ID!, $state: String!, $swings: JSON!, $name: JSON!, $search: String!, $instance: ID!) {
  byState: workflowInstances(first: 3, filter: { ownerId: { eq: $owner }, state: { eq: $state }, updatedAt: { gt: "2020-01-01T00:00:00Z" } }, orderBy: { field: UPDATED_AT, direction: DESC }) { edges { node { id version } } }
  byData: workflowInstances(first: 3, filter: { data: [{ field: "swings", eq: $swings }, { field: "name", eq: $name }] }) { edges { node { id version } } }
  bySearch: workflowInstances(first: 3, filter: { search: { contains: $search } }) { edges { node { id version } } }
  tasks(first: 3, filter: { instanceId: { eq: $instance }, status: { in: [OPEN, CLAIMED] } }) { edges { node { id } } } }`;

type Instance = { readonly id: string; readonly version: number; readonly state: string };
type Listed = Readonly<
  Record<
    "byState" | "byData" | "bySearch" | "tasks",
    { readonly edges: readonly { readonly node: { readonly id: string; readonly version?: number } }[] }
  >
>;

let weft: TestWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It overloads Weft." });
  acme = await weft.tenant();
  await acme.definition(definition);
});
afterAll(() => weft.stop());

test(`${TIMES} times: the next lists after a start or a transition include it`, { timeout: 900_000 }, async () => {
  const missed: string[] = [];
  const watch = async (person: number): Promise<void> => {
    const user: TestUser = await acme.user("workflow_manager");
    let instance: Instance | null = null;
    for (let turn = 0; turn < TIMES / PEOPLE; turn++) {
      const name = `p${person}x${Math.floor(turn / 5)}`;
      if (turn % 5 === 0) {
        const input = { definitionKey: "pendulum", data: { name, swings: turn } };
        instance = (await user.run<{ startWorkflow: { instance: Instance } }>(start, { input })).startWorkflow.instance;
      } else {
        const input: object = {
          instanceId: instance?.id,
          transition: turn % 5 === 4 ? "stop" : "swing",
          ...(turn % 5 === 4 ? {} : { input: { swings: turn } }),
        };
        instance = (await user.run<{ fireTransition: { instance: Instance } }>(fire, { input })).fireTransition.instance;
      }
      const { id, version, state } = instance;
      const swings = turn % 5 === 4 ? turn - 1 : turn;
      const seen = await user.run<Listed>(lists, { owner: user.id, state, swings, name, search: name, instance: id });
      const shows = ({ edges }: Listed["byState"]): boolean => edges.some(({ node }) => node.id === id && node.version === version);
      for (const list of ["byState", "byData", "bySearch"] as const) if (!shows(seen[list])) missed.push(`${list} of ${id} at ${version}`);
      if (seen.tasks.edges.length !== (state === "left" ? 1 : 0)) missed.push(`tasks of ${id} at ${version}`);
    }
  };
  await Promise.all(Array.from({ length: PEOPLE }, (_none, person) => watch(person)));
  expect(missed).toEqual([]);
});
