import { newGivenShare, newReceivedShare, newShare, shareInput } from "../tenants/new-share.js";
import { restingDefinition } from "../tenants/runs-definition.js";
import { fresh, type IdempotencyCase, type IdempotencyCases, type Stage } from "./case.js";

/** An answer to an offer. */
const answer = (): IdempotencyCase => ({
  who: ({ acme }) => acme.admin,
  selection: "share { id status version }",
  inputs: async (stage: Stage) => ({
    input: { id: await received(stage, "START", "OFFERED") },
    other: { id: await received(stage, "START", "OFFERED") },
  }),
});

const received = ({ acme, owner }: Stage, mode: "COPY" | "START", status: "OFFERED" | "ACCEPTED"): Promise<string> =>
  newReceivedShare(owner, acme.tenant, { mode, status });

/** Publishes an automation of its own. Returns its key. */
async function automation({ acme }: Stage): Promise<string> {
  const key = fresh("shared-");
  await acme.tenant.definition(restingDefinition.replace("key: resting", `key: ${key}`));
  return key;
}

/** Cases of definitions that are shared with other tenants. */
export const shareCases: IdempotencyCases = {
  offerDefinitionShare: {
    who: ({ acme }) => acme.admin,
    selection: "share { id status partnerSlug }",
    inputs: async (stage) => {
      const input = shareInput(await automation(stage), "nobody");
      return { input, other: { ...input, recipient: "nobody-else" } };
    },
  },
  acceptDefinitionShare: answer(),
  declineDefinitionShare: answer(),
  revokeDefinitionShare: {
    who: ({ acme }) => acme.admin,
    selection: "share { id status version }",
    inputs: async (stage) => {
      const key = await automation(stage);
      return {
        input: { id: await newShare(stage.acme.admin, key, "nobody") },
        other: { id: await newShare(stage.acme.admin, key, "nobody-else") },
      };
    },
  },
  updateDefinitionShare: {
    who: ({ acme }) => acme.admin,
    selection: "share { id maxOpenRuns version }",
    inputs: async (stage) => {
      const input = { id: await newGivenShare(stage.owner, stage.acme.admin, await automation(stage), "nobody"), maxOpenRuns: 5 };
      return { input, other: { ...input, maxOpenRuns: 6 } };
    },
  },
  startSharedWorkflow: {
    who: ({ acme }) => acme.admin,
    selection: "start { id shareId }",
    inputs: async (stage) => ({
      input: { shareId: await received(stage, "START", "ACCEPTED") },
      other: { shareId: await received(stage, "START", "ACCEPTED") },
    }),
  },
  copySharedDefinition: {
    who: ({ acme }) => acme.admin,
    selection: "definition { id key number }",
    inputs: async (stage) => {
      const input = { shareId: await received(stage, "COPY", "ACCEPTED"), key: fresh("copy-") };
      return { input, other: { ...input, key: fresh("copy-") } };
    },
  },
};
