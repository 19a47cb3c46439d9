import { contractApproval, decideContract, newContract } from "../tenants/new-contract.js";
import { newObligation } from "../tenants/new-obligation.js";
import { fresh, type IdempotencyCases, type Stage } from "./case.js";

async function newDraft({ acme }: Stage): Promise<string> {
  await acme.tenant.definition(contractApproval);
  const vendor = await acme.tenant.vendor(fresh("Vendor "));
  return newContract(acme.admin, { vendorId: vendor.id });
}

async function newSigned(stage: Stage): Promise<string> {
  const id = await newDraft(stage);
  await decideContract(stage.acme.admin, id);
  return id;
}

export const contractCases: IdempotencyCases = {
  createContract: {
    who: ({ acme }) => acme.admin,
    selection: "contract { id number }",
    inputs: async ({ acme }) => {
      const vendor = await acme.tenant.vendor(fresh("Vendor "));
      const input = {
        vendorId: vendor.id,
        kind: "OTHER",
        title: "Cleaning",
        amount: { amount: 100, currency: "EUR" },
        startsOn: "2026-01-01",
      };
      return { input, other: { ...input, title: "Security" } };
    },
  },
  submitContract: {
    who: ({ acme }) => acme.admin,
    selection: "contract { id version }",
    inputs: async (stage) => {
      const id = await newDraft(stage);
      return { input: { id }, other: { id, expectedVersion: 1 } };
    },
  },
  createContractVersion: {
    who: ({ acme }) => acme.admin,
    selection: "contract { id version }",
    inputs: async (stage) => {
      const id = await newSigned(stage);
      return { input: { id }, other: { id, expectedVersion: 3 } };
    },
  },
  renewContract: {
    who: ({ acme }) => acme.admin,
    selection: "contract { id version }",
    inputs: async (stage) => {
      const id = await newSigned(stage);
      return { input: { id, endsOn: "2030-12-31" }, other: { id, endsOn: "2031-12-31" } };
    },
  },
  terminateContract: {
    who: ({ acme }) => acme.admin,
    selection: "contract { id version }",
    inputs: async (stage) => {
      const id = await newSigned(stage);
      return { input: { id, reason: "They moved." }, other: { id, reason: "They are insolvent." } };
    },
  },
  addContractObligation: {
    who: ({ acme }) => acme.admin,
    selection: "obligation { id title }",
    inputs: async (stage) => {
      const input = { contractId: await newDraft(stage), title: "A report", party: "VENDOR", dueOn: "2026-06-30" };
      return { input, other: { ...input, title: "A payment" } };
    },
  },
  completeContractObligation: {
    who: ({ acme }) => acme.admin,
    selection: "obligation { id dueOn version }",
    inputs: async (stage) => {
      const id = await newObligation(stage.acme.admin, { contractId: await newDraft(stage), recurrence: "MONTHLY" });
      return { input: { id }, other: { id, note: "Late" } };
    },
  },
};
