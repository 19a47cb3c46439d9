import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { Page } from "@weft/api/pages";
import { Allow, anyOf, authenticated, canInTenant, RequiresRecentLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { createTenant } from "../operators/create-tenant.service.js";
import { deactivateAnyTenant, changeStatusOfTenant, setTenantPlan, updateAnyTenant } from "../operators/tenant-operations.service.js";
import { DeactivateTenantInput, SetTenantPlanInput, TenantConnection, TenantsArgs, TenantStatusInput } from "./tenant.input.js";
import { listTenantsOfPlatform } from "./tenant-list.service.js";
import { loadTenant, loadTenants } from "./tenant.loader.js";
import { CreateTenantInput, Tenant, toTenant, TenantPayload, UpdateTenantInput } from "./tenant.type.js";

@Resolver(() => Tenant)
export class TenantResolver {
  @Query(() => Tenant, {
    nullable: true,
    description: "Your own tenant or, with platform.read, any tenant. Errors: NOT_FOUND for all other tenants.",
  })
  @Allow(authenticated)
  @VendorPortal()
  async tenant(
    @Arg("id", () => ID, { nullable: true, description: "ID of the tenant (default: your own)." }) id: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Tenant> {
    const uuid = id ? decodeId("tenant", id) : ctx.viewer.tenantId;
    const tenant = await loadTenant(ctx, uuid);
    if (!tenant) throw new NotFound("Tenant", encodeId("tenant", uuid));
    return tenant;
  }

  @Query(() => TenantConnection, {
    nullable: true,
    description: "All tenants of the installation. For operators. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("platform.read"))
  tenants(@Args(() => TenantsArgs) args: TenantsArgs, @Ctx() ctx: Context): Promise<Page<Tenant>> {
    return listTenantsOfPlatform(ctx, args);
  }

  @Mutation(() => TenantPayload, {
    description:
      "Creates a tenant with the built-in roles and its first administrator. For operators; organizations register themselves with `registerOrganization`. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  @RequiresRecentLogin()
  async createTenant(
    @Arg("input", () => CreateTenantInput, { description: "The input." }) input: CreateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await createTenant(ctx, input)) };
  }

  @Mutation(() => TenantPayload, {
    description: "Changes your own tenant or, with platform.update, any tenant. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(anyOf(canInTenant("platform.update"), canInTenant("tenant.update")))
  async updateTenant(
    @Arg("input", () => UpdateTenantInput, { description: "The input." }) input: UpdateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await updateAnyTenant(ctx, input)) };
  }

  @Mutation(() => TenantPayload, {
    description:
      "Suspends your own tenant or, with platform.update, any tenant. Within a second, all its users (including you) get TENANT_SUSPENDED, and WebSockets close. Its data is kept; only operators of the installation can reactivate it. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(anyOf(canInTenant("platform.update"), canInTenant("tenant.update")))
  @RequiresRecentLogin()
  async deactivateTenant(
    @Arg("input", () => DeactivateTenantInput, { description: "The input." }) input: DeactivateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await deactivateAnyTenant(ctx, input)) };
  }

  @Mutation(() => TenantPayload, {
    description:
      "Ends a suspension. Users can work again in their existing sessions. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  @RequiresRecentLogin()
  async reactivateTenant(
    @Arg("input", () => TenantStatusInput, { description: "The input." }) input: TenantStatusInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await changeStatusOfTenant(ctx, input, "reactivate")) };
  }

  @Mutation(() => TenantPayload, {
    description:
      "Archives a tenant. After the retention period of its configuration (`purgeAt`), all its data is permanently deleted unless the tenant is restored before. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  @RequiresRecentLogin()
  async archiveTenant(
    @Arg("input", () => TenantStatusInput, { description: "The input." }) input: TenantStatusInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await changeStatusOfTenant(ctx, input, "archive")) };
  }

  @Mutation(() => TenantPayload, {
    description:
      "Restores an archived tenant to active use, even if it was suspended before. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  @RequiresRecentLogin()
  async restoreTenant(
    @Arg("input", () => TenantStatusInput, { description: "The input." }) input: TenantStatusInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await changeStatusOfTenant(ctx, input, "restore")) };
  }

  @Mutation(() => TenantPayload, {
    description:
      "Changes the plan of a tenant. Its limits take effect immediately; what already exceeds them is kept. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("platform.update"))
  @RequiresRecentLogin()
  async setTenantPlan(
    @Arg("input", () => SetTenantPlanInput, { description: "The input." }) input: SetTenantPlanInput,
    @Ctx() ctx: Context,
  ): Promise<TenantPayload> {
    return { tenant: toTenant(await setTenantPlan(ctx, input)) };
  }
}

export const tenantModule: SubgraphModule = { resolvers: { organizations: [TenantResolver] }, references: { Tenant: loadTenants } };
