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

/** A policy that changes no clock of the definitions above. */
export const samplePolicy = { name: "Sample", definitionKey: "measured", sla: "resolution", target: "8 working hours" };

let policies = 0;

/** Creates a policy with a key of its own. Returns its ID. */
export async function newSlaPolicy(admin: Pick<TestUser, "run">): Promise<string> {
  const create = `mutation ($input: CreateSlaPolicyInput!) { createSlaPolicy(input: $input) { policy { id } } }`;
  const input = { ...samplePolicy, key: nextPolicyKey() };
  const { createSlaPolicy } = await admin.run<{ createSlaPolicy: { policy: { id: string } } }>(create, { input });
  return createSlaPolicy.policy.id;
}

/** Returns a key that no other policy of this process has. */
export const nextPolicyKey = (): string => `sample-${++policies}`;
