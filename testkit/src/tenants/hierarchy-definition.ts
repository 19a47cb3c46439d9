import type { ApiClient } from "@weft/standalone";

/** Definition whose instances start an instance of `memberDefinition` for each entry of a list in their data, and wait for all of them. */
export const hierarchyDefinition = `weft: 1
key: family
name: Family
data: { type: object, properties: { members: { type: array, items: { type: string } }, results: { type: array } } }
initial: together
states:
  together:
    children: { member: { definition: member, for: data.members, data: { name: item }, result: { name: data.name }, collect: data.results } }
    join: { then: finished, otherwise: failed }
    transitions: { finished: { to: done }, failed: { to: trouble }, part: { to: trouble } }
  trouble: { transitions: { give_up: { to: gone } } }
  done: { final: completed }
  gone: { final: cancelled }
`;

export const memberDefinition = `weft: 1
key: member
name: Member
data: { type: object, properties: { name: { type: string } } }
index: [name]
initial: open
states:
  open:
    task: { title: "Do {{ data.name }}", candidates: { owner: true } }
    transitions: { finish: { to: done }, fail: { to: failed } }
  done: { final: completed }
  failed: { final: rejected }
`;

/** IDs of an instance and its child instances. */
export interface TestHierarchy {
  readonly id: string;
  readonly children: readonly string[];
}

/** Starts an instance of `hierarchyDefinition` with members of these names. */
export async function newHierarchy(user: ApiClient, members: readonly string[]): Promise<TestHierarchy> {
  const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "family", data: $data }) {
    instance { id children(first: 100) { edges { node { id } } } } } }`;
  const { startWorkflow } = await user.run<{
    startWorkflow: { instance: { id: string; children: { edges: { node: { id: string } }[] } } };
  }>(start, { data: { members } });
  const { id, children } = startWorkflow.instance;
  return { id, children: children.edges.map(({ node }) => node.id) };
}
