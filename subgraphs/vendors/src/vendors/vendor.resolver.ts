import { Allow, can, canInTenant, decodeId, NotFound } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import {
  CreateVendorInput,
  CreateVendorPayload,
  DeactivateVendorInput,
  DeactivateVendorPayload,
  UpdateVendorInput,
  UpdateVendorPayload,
  VendorsArgs,
} from "./vendor.input.js";
import { loadVendor } from "./vendor.loader.js";
import { createVendor, deactivateVendor, listVendors, updateVendor } from "./vendor.service.js";
import { toVendor, Vendor, VendorConnection } from "./vendor.type.js";

@Resolver(() => Vendor)
export class VendorResolver {
  @Query(() => Vendor, { nullable: true, description: "A vendor. Errors: NOT_FOUND." })
  @Allow(can("vendor.read"))
  async vendor(@Arg("id", () => ID, { description: "The vendor." }) id: string, @Ctx() ctx: Context): Promise<Vendor> {
    const vendor = await loadVendor(ctx, decodeId("vendor", id));
    if (!vendor) throw new NotFound("Vendor", id);
    return vendor;
  }

  @Query(() => VendorConnection, { nullable: true, description: "Vendors of the tenant that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("vendor.read"))
  vendors(@Args(() => VendorsArgs) args: VendorsArgs, @Ctx() ctx: Context): Promise<Page<Vendor>> {
    return listVendors(ctx, args);
  }

  @Mutation(() => CreateVendorPayload, { description: "Creates a vendor. Errors: BAD_USER_INPUT, CONFLICT." })
  @Allow(canInTenant("vendor.create"))
  async createVendor(
    @Arg("input", () => CreateVendorInput, { description: "The vendor." }) input: CreateVendorInput,
    @Ctx() ctx: Context,
  ): Promise<CreateVendorPayload> {
    return { vendor: toVendor(await createVendor(ctx, input)) };
  }

  @Mutation(() => UpdateVendorPayload, { description: "Changes a vendor. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT." })
  @Allow(can("vendor.update"))
  async updateVendor(
    @Arg("input", () => UpdateVendorInput, { description: "The input." }) input: UpdateVendorInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateVendorPayload> {
    return { vendor: toVendor(await updateVendor(ctx, input)) };
  }

  @Mutation(() => DeactivateVendorPayload, {
    description: "Deactivates a vendor. It gets no new work and keeps what it has. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(can("vendor.deactivate"))
  async deactivateVendor(
    @Arg("input", () => DeactivateVendorInput, { description: "The vendor." }) input: DeactivateVendorInput,
    @Ctx() ctx: Context,
  ): Promise<DeactivateVendorPayload> {
    return { vendor: toVendor(await deactivateVendor(ctx, input)) };
  }
}
