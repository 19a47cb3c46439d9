import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { ContractPayload } from "../contract.input.js";
import { Contract } from "../contract.type.js";
import { RenewContractInput, TerminateContractInput } from "./lifetime.input.js";
import * as service from "./lifetime.service.js";

@Resolver(() => Contract)
export class ContractLifetimeResolver {
  @Mutation(() => ContractPayload, {
    description:
      "Creates a draft with a new last day from the version in force. The contract is renewed when it is signed: see `submitContract`. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("contract.sign"))
  async renewContract(
    @Arg("input", () => RenewContractInput, { description: "The contract, and its new days." }) input: RenewContractInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await service.renewContract(ctx, input) };
  }

  @Mutation(() => ContractPayload, {
    description: "Terminates a signed or active contract, today or on a later day. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("contract.sign"))
  async terminateContract(
    @Arg("input", () => TerminateContractInput, { description: "The contract, and the reason." }) input: TerminateContractInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await service.terminateContract(ctx, input) };
  }
}

export const contractLifetimeModule: SubgraphModule = { resolvers: { contracts: [ContractLifetimeResolver] } };
