import type { TestUser } from "../test-user.js";

/** Automation whose runs greet, and then wait for a month. */
export const automationDefinition = `weft: 1
kind: automation
key: greeting
name: Greeting
inputs: { name: { type: string, default: World } }
steps:
  - { id: greet, type: set, with: { values: { text: "Hello, {{ inputs.name }}!" } } }
  - { id: rest, type: wait, with: { for: 30d } }
outputs: { text: "{{ steps.greet.outputs.text }}" }
`;

/**
 * Starts a run of `automationDefinition`.
 * @returns the ID of the instance
 */
export async function newRun(admin: Pick<TestUser, "run">): Promise<string> {
  const start = `mutation { startWorkflow(input: { definitionKey: "greeting" }) { instance { id } } }`;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(start);
  return startWorkflow.instance.id;
}
