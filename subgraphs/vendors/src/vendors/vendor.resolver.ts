import { formOfFields, shownFields, type JsonObject } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { loadExternalId } from "@weft/api/external-ids";
import { Form } from "@weft/api/forms";
import type { Page } from "@weft/api/pages";
import { Allow, can, canInTenant, inherit, staff, VendorPortal } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { VendorsArgs } from "./vendor.input.js";
import { loadVendor, loadVendors } from "./vendor.loader.js";
import { createVendor, listVendors, updateVendor } from "./vendor.service.js";
import { toVendor, Vendor, VendorConnection, VendorPayload, CreateVendorInput, UpdateVendorInput } from "./vendor.type.js";

@Resolver(() => Vendor)
export class VendorResolver {
  @Query(() => Vendor, { nullable: true, description: "A vendor. Errors: NOT_FOUND." })
  @Allow(can("vendor.read"))
  @VendorPortal()
  async vendor(@Arg("id", () => ID, { description: "The vendor." }) id: string, @Ctx() ctx: Context): Promise<Vendor> {
    const vendor = await loadVendor(ctx, decodeId("vendor", id));
    if (!vendor) throw new NotFound("Vendor", id);
    return vendor;
  }

  @Query(() => VendorConnection, { nullable: true, description: "Vendors of the tenant that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("vendor.read"))
  @VendorPortal()
  vendors(@Args(() => VendorsArgs) args: VendorsArgs, @Ctx() ctx: Context): Promise<Page<Vendor>> {
    return listVendors(ctx, args);
  }

  @FieldResolver(() => JsonScalar)
  fields(@Root() { id, fields }: Vendor, @Ctx() ctx: Context): Promise<JsonObject> {
    return shownFields(ctx, "VENDOR", { id: decodeId("vendor", id), fields: fields as JsonObject });
  }

  @FieldResolver(() => Form, {
    nullable: true,
    description: "Form of the input `fields` of `updateVendor`, with the current values. Null if vendors have no custom fields.",
  })
  @Allow(inherit)
  form(@Root() { id, fields }: Vendor, @Ctx() ctx: Context): Promise<Form | null> {
    return formOfFields(ctx, "VENDOR", { id: decodeId("vendor", id), fields: fields as JsonObject });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "ID of the vendor in another system, from an import or a mutation. Null if there is none. Only for users of the organization.",
  })
  @Allow(staff)
  externalId(@Root() { id }: Vendor, @Ctx() ctx: Context): Promise<string | null> {
    return loadExternalId(ctx, decodeId("vendor", id));
  }

  @Mutation(() => VendorPayload, { description: "Creates a vendor. Errors: BAD_USER_INPUT, CONFLICT." })
  @Allow(canInTenant("vendor.create"))
  async createVendor(
    @Arg("input", () => CreateVendorInput, { description: "The vendor." }) input: CreateVendorInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await createVendor(ctx, input)) };
  }

  @Mutation(() => VendorPayload, { description: "Changes a vendor. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT." })
  @Allow(can("vendor.update"))
  async updateVendor(
    @Arg("input", () => UpdateVendorInput, { description: "The input." }) input: UpdateVendorInput,
    @Ctx() ctx: Context,
  ): Promise<VendorPayload> {
    return { vendor: toVendor(await updateVendor(ctx, input)) };
  }
}

export const vendorModule: SubgraphModule = { resolvers: { vendors: [VendorResolver] }, references: { Vendor: loadVendors } };
