import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { Definition, DefinitionPayload } from "../../definitions/definition.type.js";
import { WorkflowInstance } from "../../instances/instance.type.js";
import { copyShared } from "./copy-shared.service.js";
import { readStart, startShared } from "./start-shared.service.js";
import { listStarts, SharedStartFilter, SharedStartOrder } from "./use.list.js";
import { loadOrigin, loadResult, loadStartingTenant } from "./use.loader.js";
import {
  CopySharedDefinitionInput,
  DefinitionOrigin,
  SharedResult,
  SharedStart,
  SharedStartConnection,
  StartSharedWorkflowInput,
  SharedStartPayload,
} from "./use.type.js";

@Resolver(() => SharedStart)
export class SharedStartResolver {
  @Query(() => SharedStart, {
    nullable: true,
    description: "An automation that your tenant has started in another one. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.use")))
  sharedStart(@Arg("id", () => ID, { description: "ID (`dsu_…`)." }) id: string, @Ctx() ctx: Context): Promise<SharedStart> {
    return readStart(ctx, id);
  }

  @Query(() => SharedStartConnection, {
    nullable: true,
    description: "The automations that your tenant has started in other tenants, newest first by default.",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.use")))
  sharedStarts(
    @Arg("filter", () => SharedStartFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => SharedStartOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<SharedStart>> {
    return listStarts(ctx, { filter, orderBy, page });
  }

  @FieldResolver(() => SharedResult, {
    nullable: true,
    description:
      "Status and outputs. After the share was revoked, null unless the owner has canceled the run. Null if the owner's tenant is not active. What was started before a share expired stays visible.",
  })
  @Allow(inherit)
  result(@Root() { uuid }: SharedStart, @Ctx() ctx: Context): Promise<SharedResult | null> {
    return loadResult(ctx, uuid);
  }

  @Mutation(() => SharedStartPayload, {
    description:
      "Starts an automation in the tenant that shares it. Both tenants record the start. Errors: NOT_FOUND, CONFLICT (the share was revoked, has expired, or cannot be used at the moment), BAD_USER_INPUT (the inputs), RATE_LIMITED (its hourly limit), LIMIT_EXCEEDED (its `maxOpenRuns`), FORBIDDEN (your own tenant shares it).",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.use")))
  async startSharedWorkflow(
    @Arg("input", () => StartSharedWorkflowInput) input: StartSharedWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<SharedStartPayload> {
    return { start: await startShared(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Copies the published version of a shared definition into a draft of your tenant: the first one of its key, or the next one of an earlier copy. Both tenants record the copy. Errors: NOT_FOUND, CONFLICT (the share was revoked, has expired, or cannot be used at the moment), DEFINITION_INVALID (for example, a role that your tenant does not have), BAD_USER_INPUT (the key), FORBIDDEN, LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, canInTenant("definitionShare.use"), canInTenant("definition.create")))
  async copySharedDefinition(
    @Arg("input", () => CopySharedDefinitionInput) input: CopySharedDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await copyShared(ctx, input) };
  }
}

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceStartedByResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Name of the tenant that has started the instance by a share of its definition. Null if no other tenant has, for users of a vendor, and once the record of the start is deleted (`retention.shareUseDays`).",
  })
  @Allow(inherit)
  async startedByTenant(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<string | null> {
    return ctx.viewer.vendorId !== null ? null : loadStartingTenant(ctx, head.id);
  }
}

@Resolver(() => Definition)
export class DefinitionOriginResolver {
  @FieldResolver(() => DefinitionOrigin, {
    nullable: true,
    description: "The definition of another tenant that this version was copied from. Null if there is none, and for users of a vendor.",
  })
  @Allow(inherit)
  async origin(@Root() definition: Definition, @Ctx() ctx: Context): Promise<DefinitionOrigin | null> {
    return ctx.viewer.vendorId !== null ? null : loadOrigin(ctx, decodeId("definition", definition.id));
  }
}

export const workflowInstanceStartedByModule: SubgraphModule = {
  resolvers: { workflows: [WorkflowInstanceStartedByResolver], definitions: [SharedStartResolver, DefinitionOriginResolver] },
};
