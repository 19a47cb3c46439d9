import type { ApiClient } from "@weft/standalone";

/** An instance that starts others of `memberDefinition`, one for each of its data's list, and waits for all of them. */
export const familyDefinition = `weft: 1
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

/** Ids of an instance and of those that it has started. */
export interface TestFamily {
  readonly id: string;
  readonly children: readonly string[];
}

/** Starts an instance of `familyDefinition` with members of these names. */
export async function newFamily(user: ApiClient, members: readonly string[]): Promise<TestFamily> {
  const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "family", data: $data }) {
    instance { id children(first: 100) { edges { node { id } } } } } }`;
  const { startWorkflow } = await user.run<{
    startWorkflow: { instance: { id: string; children: { edges: { node: { id: string } }[] } } };
  }>(start, { data: { members } });
  const { id, children } = startWorkflow.instance;
  return { id, children: children.edges.map(({ node }) => node.id) };
}
