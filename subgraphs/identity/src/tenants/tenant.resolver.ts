import { Allow, authenticated, canInTenant, decodeId, encodeId, NotFound } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { UpdateTenantInput, UpdateTenantPayload } from "./tenant.input.js";
import { loadTenant } from "./tenant.loader.js";
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
}
