import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";

/** A workflow that can make any number of transitions. */
export const beaconDefinition = `weft: 1
key: beacon
name: Beacon
initial: lit
states:
  lit: { transitions: { flash: { to: lit }, put_out: { to: dark } } }
  dark: { final: completed }
`;

/** Transitions of an instance, as events that can be resumed. */
export const beaconTransitions =
  "subscription Transitions($instanceId: ID!, $after: String) { workflowTransitioned(instanceId: $instanceId, after: $after) { cursor version } }";

/** An event of `beaconTransitions`. */
export interface BeaconTransitioned {
  readonly workflowTransitioned: { readonly version: number };
}

const start = 'mutation { startWorkflow(input: { definitionKey: "beacon" }) { instance { id } } }';
const fire = 'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "flash" }) { instance { id } } }';

/** An instance whose transitions are events with the versions 2, 3, 4, … */
export interface Beacon {
  readonly instanceId: string;
  readonly user: TestUser;
  readonly admin: TestUser;
  readonly flash: (times?: number, by?: TestUser) => Promise<void>;
}

/** Starts the instance of `beaconDefinition`, which is published. */
export async function startBeacon(user: Pick<TestUser, "run">): Promise<string> {
  const { startWorkflow } = await user.run<{ startWorkflow: { instance: { id: string } } }>(start);
  return startWorkflow.instance.id;
}

/** Publishes the definition in a tenant, and starts an instance. */
export async function newBeacon(tenant: TestTenant): Promise<Beacon> {
  await tenant.definition(beaconDefinition);
  const user = await tenant.user("workflow_manager");
  const instanceId = await startBeacon(user);
  const flash = async (times = 1, by = user): Promise<void> => {
    for (let time = 0; time < times; time++) await by.run(fire, { id: instanceId });
  };
  return { instanceId, user, admin: tenant.admin, flash };
}
