import type { Actor } from "../actor.js";

/** Returns the instances of the phases that a project's workflow has started, in their order. */
export async function phasesOf({ api }: Actor, instanceId: string): Promise<string[]> {
  const { workflowInstance } = await api.run<{
    workflowInstance: { children: { edges: { node: { id: string; childIndex: number } }[] } };
  }>("query DemoPhases($id: ID!) { workflowInstance(id: $id) { children(first: 10) { edges { node { id childIndex } } } } }", {
    id: instanceId,
  });
  return workflowInstance.children.edges
    .map(({ node }) => node)
    .toSorted((a, b) => a.childIndex - b.childIndex)
    .map(({ id }) => id);
}
