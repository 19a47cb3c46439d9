import type { TestUser } from "../test-user.js";

/** Definition whose instances stop with an incident as soon as they start, depending on their data. */
export const loopingDefinition = `weft: 1
key: looping
name: Looping
data: { type: object, properties: { here: { type: boolean }, there: { type: boolean } } }
initial: here
states:
  here: { transitions: { go: { to: there, auto: true, when: "data.here == true" }, finish: { to: done } } }
  there: { transitions: { back: { to: here, auto: true, when: "data.there == true" }, finish: { to: done } } }
  done: { final: completed }
`;

/**
 * Starts an instance of `loopingDefinition`.
 * @returns the ID of its incident
 */
export async function newIncident(admin: Pick<TestUser, "run">): Promise<string> {
  const start = `mutation { startWorkflow(input: { definitionKey: "looping", data: { here: true, there: true } }) { instance { incident { id } } } }`;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { incident: { id: string } } } }>(start);
  return startWorkflow.instance.incident.id;
}
