import { Allow, authenticated, canInTenant, decodeId, encodeId, NotFound } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { DeactivateTenantInput, DeactivateTenantPayload, UpdateTenantInput, UpdateTenantPayload } from "./tenant.input.js";
import { loadTenant } from "./tenant.loader.js";
import { deactivateTenant } from "./tenant-status.service.js";
import { updateTenant } from "./tenant.service.js";
import { Tenant, toTenant } from "./tenant.type.js";

@Resolver(() => Tenant)
export class TenantResolver {
  @Query(() => Tenant, { nullable: true, description: "The viewer's own tenant. Errors: NOT_FOUND for every other one." })
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

  @Mutation(() => UpdateTenantPayload, { description: "Changes the viewer's own tenant. Errors: BAD_USER_INPUT, CONFLICT." })
  @Allow(canInTenant("tenant.update"))
  async updateTenant(
    @Arg("input", () => UpdateTenantInput, { description: "What to do." }) input: UpdateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateTenantPayload> {
    return { tenant: toTenant(await updateTenant(ctx, input)) };
  }

  @Mutation(() => DeactivateTenantPayload, {
    description:
      "Suspends the viewer's own tenant: within a second everybody in it is refused with TENANT_SUSPENDED, you too, and sockets close. Its data stays; only whoever runs this installation can reactivate it. Errors: BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(canInTenant("tenant.update"))
  async deactivateTenant(
    @Arg("input", () => DeactivateTenantInput, { description: "What to do." }) input: DeactivateTenantInput,
    @Ctx() ctx: Context,
  ): Promise<DeactivateTenantPayload> {
    return { tenant: toTenant(await deactivateTenant(ctx, input)) };
  }
}
