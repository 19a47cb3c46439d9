import { type Context, loadById } from "@weft/api/context";
import { DeletePayload, KeyedVersionedIdInput, VersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { Allow, can, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadProject } from "../projects/project.loader.js";
import { Project } from "../projects/project.type.js";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import * as versions from "./contract-version.service.js";
import { ContractVersion } from "./contract-version.type.js";
import { ContractPayload, ContractsArgs } from "./contract.input.js";
import { contractLoader, loadVersions, contractReferences } from "./contract.loader.js";
import * as service from "./contract.service.js";
import { Contract, ContractConnection, CreateContractInput, UpdateContractInput } from "./contract.type.js";

@Resolver(() => Contract)
export class ContractResolver {
  @Query(() => Contract, { nullable: true, description: "A contract. Errors: NOT_FOUND." })
  @Allow(can("contract.read"))
  contract(@Arg("id", () => ID, { description: "The contract." }) id: string, @Ctx() ctx: Context): Promise<Contract> {
    return loadById(ctx, contractLoader, "contract", id);
  }

  @Query(() => ContractConnection, { nullable: true, description: "Contracts that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("contract.read"))
  contracts(@Args(() => ContractsArgs) args: ContractsArgs, @Ctx() ctx: Context): Promise<Page<Contract>> {
    return service.listContracts(ctx, args);
  }

  @FieldResolver(() => Vendor, { nullable: true })
  @Allow(can("vendor.read"))
  vendor(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<Vendor | null> {
    return loadVendor(ctx, row.vendorId);
  }

  @FieldResolver(() => Project, { nullable: true })
  @Allow(can("project.read"))
  project(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<Project | null> {
    return row.projectId === null ? Promise.resolve(null) : loadProject(ctx, row.projectId);
  }

  @FieldResolver(() => ContractVersion, { nullable: true, description: "The version in force. Null until one is signed." })
  @Allow(can("contract.read"))
  async signedVersion(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<ContractVersion | null> {
    return (await loadVersions(ctx, row.id)).find(({ number }) => number === row.signedNumber) ?? null;
  }

  @FieldResolver(() => ContractVersion, {
    nullable: true,
    description: "The version that is a draft or in approval. Null if there is none.",
  })
  @Allow(staff)
  async draft(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<ContractVersion | null> {
    return (await loadVersions(ctx, row.id)).find(({ status }) => status !== "SIGNED") ?? null;
  }

  @FieldResolver(() => [ContractVersion], { description: "Versions, newest first. Users of the vendor see the signed ones." })
  @Allow(can("contract.read"))
  versions(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<readonly ContractVersion[]> {
    return loadVersions(ctx, row.id);
  }

  @Mutation(() => ContractPayload, {
    description: "Creates a contract with a draft of its first version. Errors: BAD_USER_INPUT, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("contract.create"))
  async createContract(
    @Arg("input", () => CreateContractInput, { description: "The contract." }) input: CreateContractInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await service.createContract(ctx, input) };
  }

  @Mutation(() => ContractPayload, {
    description:
      "Changes a contract. What the parties agree on changes only in a draft: see `createContractVersion`. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("contract.update"))
  async updateContract(
    @Arg("input", () => UpdateContractInput, { description: "The changes." }) input: UpdateContractInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await service.updateContract(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a contract that was never submitted. `restoreContract` restores it. Errors: NOT_FOUND, CONFLICT (another version; it was submitted; workflows about it run).",
  })
  @Allow(can("contract.update"))
  async deleteContract(
    @Arg("input", () => VersionedIdInput, { description: "The contract." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.deleteContract(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => ContractPayload, { description: "Restores a deleted contract. Errors: NOT_FOUND, CONFLICT." })
  @Allow(canInTenant("contract.update"))
  async restoreContract(
    @Arg("input", () => VersionedIdInput, { description: "The contract." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await service.restoreContract(ctx, input) };
  }

  @Mutation(() => ContractPayload, {
    description:
      "Starts the approval of the draft with the published definition `contract-approval`. When the approval ends, the version is signed, or a draft again. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("contract.sign"))
  async submitContract(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The contract." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await versions.submitContract(ctx, input) };
  }

  @Mutation(() => ContractPayload, {
    description:
      "Creates a draft from the version in force, to amend a contract. It takes effect when it is signed: see `submitContract`. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(can("contract.update"))
  async createContractVersion(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The contract." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ContractPayload> {
    return { contract: await versions.createContractVersion(ctx, input) };
  }
}

export const contractModule: SubgraphModule = {
  resolvers: { contracts: [ContractResolver] },
  references: { Contract: contractReferences },
};
