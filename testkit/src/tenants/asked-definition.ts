import type { TestUser } from "../test-user.js";

/** Definition whose instances ask users (`whom`) to do one task. They are notified of it by its title. */
export const askedDefinition = `weft: 1
key: asked
name: Asked
data: { type: object, properties: { title: { type: string }, whom: { type: array, items: { type: string } } } }
initial: open
states:
  open:
    task: { title: "{{ data.title }}", candidates: { from: data.whom } }
    transitions: { close: { to: closed } }
  closed: { final: completed }
`;

/** Starts an instance of `askedDefinition`. `whom` has IDs of users. */
export const askUsers = (admin: Pick<TestUser, "run">, data: { readonly title: string; readonly whom: readonly string[] }) =>
  admin.run('mutation ($data: JSON) { startWorkflow(input: { definitionKey: "asked", data: $data }) { instance { id } } }', { data });
