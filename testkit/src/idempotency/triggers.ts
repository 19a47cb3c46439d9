import { failingTrigger, newTrigger, publishTriggered } from "../tenants/new-trigger.js";
import { fresh, type IdempotencyCases, type Stage } from "./case.js";

const selection = "trigger { id version isActive name }";

async function prepared({ acme }: Stage, input: object = failingTrigger): Promise<string> {
  await publishTriggered((source) => acme.tenant.definition(source));
  return newTrigger(acme.admin, input);
}

/** Creates a trigger, and the event on which it fails. */
async function failedRun(stage: Stage): Promise<string> {
  const { acme, weft } = stage;
  const triggerId = await prepared(stage);
  await acme.admin.run("mutation ($id: ID!, $name: String!) { updateBuilding(input: { id: $id, name: $name }) { building { id } } }", {
    id: acme.buildingId,
    name: fresh("Building "),
  });
  await weft.weft.worker.idle();
  const { triggerRuns } = await acme.admin.run<{ triggerRuns: { edges: { node: { id: string } }[] } }>(
    "query ($id: ID!) { triggerRuns(filter: { triggerId: { eq: $id } }) { edges { node { id } } } }",
    { id: triggerId },
  );
  return triggerRuns.edges[0]?.node.id ?? "";
}

/** Cases of triggers. */
export const triggerCases: IdempotencyCases = {
  createTrigger: {
    who: ({ acme }) => acme.admin,
    selection,
    inputs: async (stage) => {
      await publishTriggered((source) => stage.acme.tenant.definition(source));
      const input = { ...failingTrigger, name: fresh("Trigger ") };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  retryTriggerRun: {
    who: ({ acme }) => acme.admin,
    selection: "run { id attempts }",
    inputs: async (stage) => ({ input: { id: await failedRun(stage) }, other: { id: await failedRun(stage) } }),
  },
};
