import type { Fixture } from "../fixture.js";
import { decideContract, newContract } from "../../tenants/new-contract.js";
import { newObligation } from "../../tenants/new-obligation.js";
import type { Cases } from "./case.js";

const vendorOf = ({ ids }: Fixture): string => ids.get("vendor")?.[0] ?? "";
const fresh = (fixture: Fixture) => newContract(fixture.admin, { vendorId: vendorOf(fixture) });

async function signed(fixture: Fixture): Promise<string> {
  const id = await fresh(fixture);
  await decideContract(fixture.admin, id);
  return id;
}

const obligation = async (fixture: Fixture) => newObligation(fixture.admin, { contractId: await fresh(fixture) });

async function deleted(fixture: Fixture): Promise<string> {
  const id = await fresh(fixture);
  await fixture.admin.run("mutation ($id: ID!) { deleteContract(input: { id: $id }) { id } }", { id });
  return id;
}

/** Cases of contracts. */
export const contractCases: Cases = {
  mutations: {
    createContract: {
      input: async (fixture) => ({
        vendorId: vendorOf(fixture),
        projectId: fixture.ids.get("project")?.[0],
        ownerId: fixture.admin.id,
        kind: "OTHER",
        title: "A contract",
        amount: { amount: 1, currency: "EUR" },
        startsOn: "2026-01-01",
        parties: [{ role: "CONTRACTOR", vendorId: vendorOf(fixture) }],
      }),
    },
    updateContract: {
      input: async (fixture) => ({
        id: await fresh(fixture),
        projectId: fixture.ids.get("project")?.[0],
        ownerId: fixture.admin.id,
        parties: [{ role: "CONTRACTOR", vendorId: vendorOf(fixture) }],
      }),
    },
    deleteContract: { input: async (fixture) => ({ id: await fresh(fixture) }) },
    restoreContract: { input: async (fixture) => ({ id: await deleted(fixture) }) },
    submitContract: { input: async (fixture) => ({ id: await fresh(fixture) }) },
    renewContract: { input: async (fixture) => ({ id: await signed(fixture), endsOn: "2030-12-31" }) },
    terminateContract: { input: async (fixture) => ({ id: await signed(fixture), reason: "They moved." }) },
    createContractVersion: { input: async (fixture) => ({ id: await signed(fixture) }) },
    addContractObligation: {
      input: async (fixture) => ({ contractId: await fresh(fixture), title: "A report", party: "VENDOR", dueOn: "2026-06-30" }),
    },
    updateContractObligation: { input: async (fixture) => ({ id: await obligation(fixture), title: "Renamed" }) },
    completeContractObligation: { input: async (fixture) => ({ id: await obligation(fixture) }) },
    removeContractObligation: { input: async (fixture) => ({ id: await obligation(fixture) }) },
  },
  filters: {
    "contracts.filter.owner": ["user"],
  },
};
