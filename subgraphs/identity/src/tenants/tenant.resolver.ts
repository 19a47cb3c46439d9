import { Allow, anyOf, authenticated, canInTenant, decodeId, encodeId, NotFound } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { createTenant } from "../operators/create-tenant.service.js";
import { deactivateAnyTenant, moveTenantTo, setTenantPlan, updateAnyTenant } from "../operators/tenant-operations.service.js";
import {
  ArchiveTenantInput,
  ArchiveTenantPayload,
  CreateTenantInput,
  CreateTenantPayload,
  DeactivateTenantInput,
  DeactivateTenantPayload,
  ReactivateTenantInput,
  ReactivateTenantPayload,
  RestoreTenantInput,
  RestoreTenantPayload,
  SetTenantPlanInput,
  SetTenantPlanPayload,
  TenantConnection,
  TenantsArgs,
  UpdateTenantInput,
  UpdateTenantPayload,
} from "./tenant.input.js";
import { listTenantsOfPlatform } from "./tenant-list.service.js";
import { loadTenant } from "./tenant.loader.js";
import { Tenant, toTenant } from "./tenant.type.js";

@Resolver(() => Tenant)
export class TenantResolver {
  @Query(() => Tenant, {
    nullable: true,
    description: "The viewer's own tenant; with platform.read any. Errors: NOT_FOUND for every other one.",
  })
  @Allow(authenticated)
  async tenant(
    @Arg("id", () => ID, { nullable: true, description: "TypeID; your own tenant when left out." }) id: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Tenant> {
    const uuid = id ? decodeId("tenant", id) : ctx.viewer.tenantId;
    const tenant = await loadTenant(ctx, uuid);
    if (!tenant) throw new NotFound("Tenant", encodeId("tenant", uuid));
    return tenant;
  }

  @Query(() => TenantConnection, {
    nullable: true,
    description: "All tenants of the installation, for its operators. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("platform.read"))
  tenants(@Args(() => TenantsArgs) args: TenantsArgs, @Ctx() ctx: Context): Promise<Page<Tenant>> {
    return listTenantsOfPlatform(ctx, args);
  }

  @Mutation(() => CreateTenantPayload, {
    description:
      "Makes a tenant with the shipped roles and its first administrator, for an operator. Organisations that register themselves use `registerOrganization`. Errors: BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  async createTenant(
    @Arg("input", () => CreateTenantInput, { description: "What to do." }) input: CreateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<CreateTenantPayload> {
    return { tenant: toTenant(await createTenant(ctx, input)) };
  }

  @Mutation(() => UpdateTenantPayload, {
    description: "Changes the viewer's own tenant, with platform.update any. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(anyOf(canInTenant("platform.update"), canInTenant("tenant.update")))
  async updateTenant(
    @Arg("input", () => UpdateTenantInput, { description: "What to do." }) input: UpdateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateTenantPayload> {
    return { tenant: toTenant(await updateAnyTenant(ctx, input)) };
  }

  @Mutation(() => DeactivateTenantPayload, {
    description:
      "Suspends the viewer's own tenant, with platform.update any: within a second everybody in it is refused with TENANT_SUSPENDED, you too, and sockets close. Its data stays; only whoever runs this installation can reactivate it. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(anyOf(canInTenant("platform.update"), canInTenant("tenant.update")))
  async deactivateTenant(
    @Arg("input", () => DeactivateTenantInput, { description: "What to do." }) input: DeactivateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<DeactivateTenantPayload> {
    return { tenant: toTenant(await deactivateAnyTenant(ctx, input)) };
  }

  @Mutation(() => ReactivateTenantPayload, {
    description:
      "Ends a suspension: the tenant's people can work again, in the sessions that they had. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  async reactivateTenant(
    @Arg("input", () => ReactivateTenantInput, { description: "What to do." }) input: ReactivateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<ReactivateTenantPayload> {
    return { tenant: toTenant(await moveTenantTo(ctx, input, "reactivate")) };
  }

  @Mutation(() => ArchiveTenantPayload, {
    description:
      "Suspends a tenant for good: when the retention of its configuration is over (`purgeAt`), all that it has is deleted for ever, unless it is restored before. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  async archiveTenant(
    @Arg("input", () => ArchiveTenantInput, { description: "What to do." }) input: ArchiveTenantInput,
    @Ctx() ctx: Context,
  ): Promise<ArchiveTenantPayload> {
    return { tenant: toTenant(await moveTenantTo(ctx, input, "archive")) };
  }

  @Mutation(() => RestoreTenantPayload, {
    description: "Brings an archived tenant back to work, also one that was suspended before. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  async restoreTenant(
    @Arg("input", () => RestoreTenantInput, { description: "What to do." }) input: RestoreTenantInput,
    @Ctx() ctx: Context,
  ): Promise<RestoreTenantPayload> {
    return { tenant: toTenant(await moveTenantTo(ctx, input, "restore")) };
  }

  @Mutation(() => SetTenantPlanPayload, {
    description:
      "Puts a tenant on another plan; its limits count at once, what is above them stays. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  async setTenantPlan(
    @Arg("input", () => SetTenantPlanInput, { description: "What to do." }) input: SetTenantPlanInput,
    @Ctx() ctx: Context,
  ): Promise<SetTenantPlanPayload> {
    return { tenant: toTenant(await setTenantPlan(ctx, input)) };
  }
}
