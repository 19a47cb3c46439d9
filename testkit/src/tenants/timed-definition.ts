import type { TestUser } from "../test-user.js";

/** Definition whose instances have a timer that is due in a year. */
export const timedDefinition = `weft: 1
key: timed
name: Timed
data: { type: object, properties: {} }
initial: open
states:
  open: { timers: { expire: { after: P1Y, fire: close } }, transitions: { close: { to: done } } }
  done: { final: completed }
`;

/**
 * Starts an instance of `timedDefinition`.
 * @returns the ID of its timer
 */
export async function newTimer(admin: Pick<TestUser, "run">): Promise<string> {
  const start = `mutation { startWorkflow(input: { definitionKey: "timed", data: {} }) { instance { timers { id } } } }`;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { timers: { id: string }[] } } }>(start);
  return startWorkflow.instance.timers[0]?.id ?? "";
}
