/**
 * A hierarchy whose members end one another. Completing the one task of a room ends the room and its wing, which is enough for the house. This ends
 * the other wing with its room, and the house continues to a state with a task and a child.
 */
export const houseDefinitions: readonly string[] = [
  `weft: 1
key: room
name: Room
data: { properties: { name: { type: string } } }
initial: open
states:
  open:
    task: { title: "Do {{ data.name }}", candidates: { owner: true } }
    transitions: { finish: { to: done } }
  done: { final: completed }
`,
  `weft: 1
key: wing
name: Wing
data: { properties: { rooms: { type: array }, done: { type: array } } }
initial: building
states:
  building:
    children: { room: { definition: room, for: data.rooms, data: { name: item }, result: { name: data.name }, collect: data.done } }
    join: { then: built }
    transitions: { built: { to: done } }
  done: { final: completed }
`,
  `weft: 1
key: house
name: House
data: { properties: { wings: { type: array, items: { type: object } }, done: { type: array } } }
initial: building
states:
  building:
    children: { wing: { definition: wing, for: data.wings, data: { rooms: item.rooms }, result: { rooms: data.done }, collect: data.done } }
    join: { need: any, then: enough, otherwise: nothing }
    transitions: { enough: { to: moving }, nothing: { to: gone } }
  moving:
    task: { title: Move in, candidates: { owner: true } }
    children: { hall: { definition: room, data: { name: "'hall'" } } }
    join: { then: moved }
    transitions: { moved: { to: done } }
  done: { final: completed }
  gone: { final: cancelled }
`,
];

export const houseData = { wings: [{ rooms: ["east"] }, { rooms: ["west"] }] };

export const startHouse = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "house", data: $data }) { instance {
  id children(first: 2) { edges { node { children(first: 1) { edges { node { tasks { id } } } } } } } } } }`;

/** The result of `startHouse`. */
export interface StartedHouse {
  readonly startWorkflow: {
    readonly instance: {
      readonly id: string;
      readonly children: Edges<{ readonly children: Edges<{ readonly tasks: readonly { readonly id: string }[] }> }>;
    };
  };
}
interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}

/** The house, and the task of its first wing's room. */
export function houseOf({ startWorkflow: { instance } }: StartedHouse): { readonly id: string; readonly taskId: string } {
  const [task] = instance.children.edges[0]?.node.children.edges[0]?.node.tasks ?? [];
  if (!task) throw new Error("the first room of a house has no task");
  return { id: instance.id, taskId: task.id };
}

export const completeTask = `mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { status } instance { state version } } }`;
