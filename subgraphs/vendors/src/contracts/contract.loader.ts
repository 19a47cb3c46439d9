import { type Context, referencesThrough, type RowLoader, rowLoader } from "@weft/api/context";
import type { ReferenceLoader } from "@weft/api/subgraph";
import { findVersions } from "./contract-version.store.js";
import { type ContractVersion, toContractVersion } from "./contract-version.type.js";
import { findContracts } from "./contract.store.js";
import { type Contract, toContract } from "./contract.type.js";

export const contractLoader: RowLoader<Contract> = rowLoader("vendors.contract", findContracts, toContract);

export const contractReferences: ReferenceLoader = referencesThrough(contractLoader);

/** Loads the versions of a contract that the viewer can see, newest first. Users of a vendor see the signed ones. */
export async function loadVersions(ctx: Context, contractId: string): Promise<readonly ContractVersion[]> {
  const loader = ctx.loader<string, readonly ContractVersion[]>("vendors.contractVersions", async (tx, ids) =>
    Map.groupBy((await findVersions(tx, ids)).map(toContractVersion), (version) => version.contractId),
  );
  return (await loader.load(contractId)) ?? [];
}
