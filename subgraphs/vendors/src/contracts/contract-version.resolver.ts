import { diffDocuments } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ContractChange, ContractParty, ContractVersion } from "./contract-version.type.js";
import { loadVersions } from "./contract.loader.js";

@Resolver(() => ContractVersion)
export class ContractVersionResolver {
  @FieldResolver(() => [ContractChange], {
    description:
      "Differences from another version that you can see, in the order of the content. Empty if there is no earlier one. Errors: BAD_USER_INPUT.",
  })
  @Allow(inherit)
  async changesSince(
    @Root() { contractId, content, number: ownNumber }: ContractVersion,
    @Arg("number", () => Int, { nullable: true, description: "Number of the other version. Default: the one before." }) number:
      | number
      | null,
    @Ctx() ctx: Context,
  ): Promise<ContractChange[]> {
    const versions = await loadVersions(ctx, contractId);
    const since =
      typeof number === "number"
        ? versions.find((version) => version.number === number)
        : versions.filter((version) => version.number < ownNumber).toSorted((one, other) => other.number - one.number)[0];
    if (!since && typeof number !== "number") return [];
    if (!since) throw new BadUserInput([{ path: "number", message: `The contract has no version ${number}.` }]);
    return diffDocuments(since.content, content).map(({ path, before, after }) => ({
      path: path.join("."),
      before: before ?? null,
      after: after ?? null,
    }));
  }
}

@Resolver(() => ContractParty)
export class ContractPartyResolver {
  @FieldResolver(() => Vendor, { nullable: true })
  @Allow(can("vendor.read"))
  vendor(@Root() { vendorId }: ContractParty, @Ctx() ctx: Context): Promise<Vendor | null> {
    return vendorId === null ? Promise.resolve(null) : loadVendor(ctx, decodeId("vendor", vendorId));
  }
}

export const contractVersionModule: SubgraphModule = { resolvers: { contracts: [ContractVersionResolver, ContractPartyResolver] } };
