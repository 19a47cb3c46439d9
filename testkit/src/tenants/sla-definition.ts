import type { TestUser } from "../test-user.js";

/** Definition whose instances have an SLA clock, and another one that is breached after a second. */
export const slaDefinition = `weft: 1
key: measured
name: Measured
slas: { resolution: { target: 8 working hours }, reply: { target: PT1S } }
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

/**
 * Starts an instance of `slaDefinition`.
 * @returns the ID of its first clock
 */
export async function newSlaClock(admin: Pick<TestUser, "run">): Promise<string> {
  const start = `mutation { startWorkflow(input: { definitionKey: "measured", data: {} }) { instance { slaStatus { id } } } }`;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { slaStatus: { id: string }[] } } }>(start);
  const [clock] = startWorkflow.instance.slaStatus;
  if (!clock) throw new Error("the instance has no SLA clock");
  return clock.id;
}
