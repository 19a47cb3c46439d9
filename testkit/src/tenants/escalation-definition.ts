import type { TestUser } from "../test-user.js";
import { until } from "../until.js";

/** Definition whose instances escalate at once, to their owner. */
export const escalatingDefinition = `weft: 1
key: escalating
name: Escalating
initial: open
escalations: { slow: { on: { state: open }, levels: [{ notify: { owner: true } }] } }
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

/** Starts an instance of the definition, and waits until it has escalated. Returns its ID. */
export async function newEscalation(admin: Pick<TestUser, "run">): Promise<string> {
  const start = `mutation { startWorkflow(input: { definitionKey: "escalating", data: {} }) { instance { id } } }`;
  const { id } = (await admin.run<{ startWorkflow: { instance: { id: string } } }>(start)).startWorkflow.instance;
  const read = `query ($id: ID!) { workflowInstance(id: $id) { escalations { id } } }`;
  const hasEscalated = async (): Promise<boolean> =>
    (await admin.run<{ workflowInstance: { escalations: object[] } }>(read, { id })).workflowInstance.escalations.length > 0;
  await until(hasEscalated, { what: "the instance has escalated" });
  return id;
}
