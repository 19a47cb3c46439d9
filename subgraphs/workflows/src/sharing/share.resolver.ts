import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { toBulkOperation } from "../bulk/bulk.type.js";
import { RevokeDefinitionShareInput, RevokeDefinitionSharePayload } from "./share.input.js";
import { DefinitionShareFilter, DefinitionShareOrder, listShares } from "./share.list.js";
import { loadInterface } from "./share.loader.js";
import { acceptShare, declineShare, revokeShare, updateShareLimits } from "./change-share.service.js";
import { offerShare, readShare } from "./share.service.js";
import {
  OfferDefinitionShareInput,
  UpdateDefinitionShareInput,
  DefinitionShare,
  DefinitionShareConnection,
  SharedInterface,
  DefinitionSharePayload,
} from "./share.type.js";

@Resolver(() => DefinitionShare)
export class DefinitionShareResolver {
  @Query(() => DefinitionShare, {
    nullable: true,
    description: "A share that your tenant has given or received. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.read")))
  definitionShare(@Arg("id", () => ID, { description: "ID (`dsh_…`)." }) id: string, @Ctx() ctx: Context): Promise<DefinitionShare> {
    return readShare(ctx, id);
  }

  @Query(() => DefinitionShareConnection, {
    nullable: true,
    description: "The shares that your tenant has given (`side: OWNER`) and received (`side: RECIPIENT`), newest first by default.",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.read")))
  definitionShares(
    @Arg("filter", () => DefinitionShareFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => DefinitionShareOrder.Input, { nullable: true, description: "Sort order." }) orderBy:
      | OrderByValue
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<DefinitionShare>> {
    return listShares(ctx, { filter, orderBy, page });
  }

  @FieldResolver(() => SharedInterface, {
    nullable: true,
    description: "For the recipient of an accepted share: what the owner shows of the definition. Null otherwise.",
  })
  @Allow(inherit)
  interface(@Root() share: DefinitionShare, @Ctx() ctx: Context): Promise<SharedInterface | null> | null {
    return loadInterface(ctx, share);
  }

  @Mutation(() => DefinitionSharePayload, {
    description:
      "Offers a definition to another tenant, by its slug. The answer is the same if there is no such tenant. With the mode `START`, the recipient starts the automation in your tenant, with your rights, and under the security profile and the limits of your tenant. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (such as a definition that is already shared with the tenant), FORBIDDEN (without `definition.read`, or `workflow.start` for `START`, in the whole tenant), RATE_LIMITED (100 offers within an hour), CONFLICT (idempotency key).",
  })
  @Allow(allOf(staff, inPerson, canInTenant("definitionShare.manage")))
  @RequiresRecentLogin()
  async offerDefinitionShare(
    @Arg("input", () => OfferDefinitionShareInput) input: OfferDefinitionShareInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionSharePayload> {
    return { share: await offerShare(ctx, input) };
  }

  @Mutation(() => DefinitionSharePayload, {
    description:
      "Accepts the offer of another tenant. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (it is no longer offered), FORBIDDEN (your own offer).",
  })
  @Allow(allOf(staff, inPerson, canInTenant("definitionShare.manage")))
  @RequiresRecentLogin()
  async acceptDefinitionShare(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the share (`dsh_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionSharePayload> {
    return { share: await acceptShare(ctx, input) };
  }

  @Mutation(() => DefinitionSharePayload, {
    description: "Declines the offer of another tenant. Errors: NOT_FOUND, CONFLICT (it is no longer offered), FORBIDDEN (your own offer).",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.manage")))
  async declineDefinitionShare(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the share (`dsh_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionSharePayload> {
    return { share: await declineShare(ctx, input) };
  }

  @Mutation(() => RevokeDefinitionSharePayload, {
    description:
      "Withdraws an offer or ends a share, as its owner or as its recipient. It cannot be used from then on, and the recipient no longer sees results, only whether a run was canceled. What was started continues, unless the owner cancels it with `cancelOpenRuns`. Copies stay. Errors: NOT_FOUND, CONFLICT (it has ended), FORBIDDEN (`cancelOpenRuns` without the permissions, or as the recipient), LIMIT_EXCEEDED (`cancelOpenRuns`: ten operations at a time).",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.manage")))
  async revokeDefinitionShare(
    @Arg("input", () => RevokeDefinitionShareInput) input: RevokeDefinitionShareInput,
    @Ctx() ctx: Context,
  ): Promise<RevokeDefinitionSharePayload> {
    const { share, operation } = await revokeShare(ctx, input);
    return { share, operation: operation && toBulkOperation(operation) };
  }

  @Mutation(() => DefinitionSharePayload, {
    description:
      "Changes the limits of an accepted share of an automation, as its owner. They apply to later starts; runs that are open continue. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT (it is not accepted, or has ended), FORBIDDEN (another tenant shares it), BAD_USER_INPUT, RATE_LIMITED (after 20 changes, one a minute).",
  })
  @Allow(allOf(staff, inPerson, canInTenant("definitionShare.manage")))
  @RequiresRecentLogin()
  async updateDefinitionShare(
    @Arg("input", () => UpdateDefinitionShareInput) input: UpdateDefinitionShareInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionSharePayload> {
    return { share: await updateShareLimits(ctx, input) };
  }
}

export const definitionShareModule: SubgraphModule = { resolvers: { definitions: [DefinitionShareResolver] } };
