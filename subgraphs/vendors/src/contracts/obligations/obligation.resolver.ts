import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Contract } from "../contract.type.js";
import { completeObligation } from "./complete-obligation.service.js";
import { CompleteContractObligationInput, ContractObligationPayload } from "./obligation.input.js";
import { loadObligations } from "./obligation.loader.js";
import * as service from "./obligation.service.js";
import { toObligation, TrackedObligation, AddContractObligationInput, UpdateContractObligationInput } from "./obligation.type.js";

@Resolver(() => Contract)
export class ContractObligationResolver {
  @FieldResolver(() => [TrackedObligation], {
    nullable: true,
    description: "Obligations whose completion is tracked, by day. Only for users of the organization.",
  })
  @Allow(staff)
  obligations(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<readonly TrackedObligation[]> {
    return loadObligations(ctx, row.id);
  }

  @Mutation(() => ContractObligationPayload, {
    description:
      "Adds an obligation to a contract. Its owner is reminded of it. Errors: NOT_FOUND (contract), BAD_USER_INPUT, LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(can("contract.update"))
  async addContractObligation(
    @Arg("input", () => AddContractObligationInput, { description: "The obligation." }) input: AddContractObligationInput,
    @Ctx() ctx: Context,
  ): Promise<ContractObligationPayload> {
    return { obligation: toObligation(await service.addObligation(ctx, input)) };
  }

  @Mutation(() => ContractObligationPayload, {
    description: "Changes an obligation that is not done. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("contract.update"))
  async updateContractObligation(
    @Arg("input", () => UpdateContractObligationInput, { description: "The changes." }) input: UpdateContractObligationInput,
    @Ctx() ctx: Context,
  ): Promise<ContractObligationPayload> {
    return { obligation: toObligation(await service.updateObligation(ctx, input)) };
  }

  @Mutation(() => ContractObligationPayload, {
    description: "Completes an obligation. One that recurs moves to its next day. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("contract.update"))
  async completeContractObligation(
    @Arg("input", () => CompleteContractObligationInput, { description: "The obligation, and a note." })
    input: CompleteContractObligationInput,
    @Ctx() ctx: Context,
  ): Promise<ContractObligationPayload> {
    return { obligation: toObligation(await completeObligation(ctx, input)) };
  }

  @Mutation(() => DeletePayload, { description: "Removes an obligation. Errors: NOT_FOUND, CONFLICT." })
  @Allow(can("contract.update"))
  async removeContractObligation(
    @Arg("input", () => VersionedIdInput, { description: "The obligation." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.removeObligation(ctx, input);
    return { id: input.id };
  }
}

export const contractObligationModule: SubgraphModule = { resolvers: { contracts: [ContractObligationResolver] } };
