import type { TestUser } from "../test-user.js";

const definitionWith = (slas: string): string => `weft: 1
key: measured
name: Measured
slas: { ${slas} }
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

/** Definition whose instances have an SLA clock. */
export const measuredDefinition = definitionWith("resolution: { target: 8 working hours }");

/** The same with another clock, which is breached after a second. */
export const slaDefinition = definitionWith("resolution: { target: 8 working hours }, reply: { target: PT1S }");

/**
 * Starts an instance of one of the definitions.
 * @returns the ID of its first clock
 */
export async function newSlaClock(admin: Pick<TestUser, "run">): Promise<string> {
  const start = `mutation { startWorkflow(input: { definitionKey: "measured", data: {} }) { instance { slaStatus { id } } } }`;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { slaStatus: { id: string }[] } } }>(start);
  const [clock] = startWorkflow.instance.slaStatus;
  if (!clock) throw new Error("the instance has no SLA clock");
  return clock.id;
}

/** Pauses and resumes an SLA clock. Returns the ID of its instance. */
export async function pauseAndResume(admin: Pick<TestUser, "run">, id: string): Promise<string> {
  await admin.run(`mutation ($id: ID!) { pauseSla(input: { id: $id, reason: "Parts" }) { clock { id } } }`, { id });
  const resume = `mutation ($id: ID!) { resumeSla(input: { id: $id, reason: "Delivered" }) { clock { instance { id } } } }`;
  const { resumeSla } = await admin.run<{ resumeSla: { clock: { instance: { id: string } } } }>(resume, { id });
  return resumeSla.clock.instance.id;
}
