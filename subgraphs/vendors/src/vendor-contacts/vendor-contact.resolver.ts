import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Vendor } from "../vendors/vendor.type.js";
import * as service from "./vendor-contact.service.js";
import { type ContactRow, findContactsOf } from "./vendor-contact.store.js";
import { toContact, VendorContact, VendorContactPayload, AddVendorContactInput, UpdateVendorContactInput } from "./vendor-contact.type.js";

@Resolver(() => Vendor)
export class VendorContactResolver {
  @FieldResolver(() => [VendorContact], {
    description: "People at the vendor: the primary contact first, the others by age. At most 50.",
  })
  @Allow(inherit)
  async contacts(@Root() { id }: Vendor, @Ctx() ctx: Context): Promise<VendorContact[]> {
    const loader = ctx.loader<string, ContactRow[]>("vendors.contacts", async (tx, ids) =>
      Map.groupBy(await findContactsOf(tx, ids), (row) => row.vendorId),
    );
    return ((await loader.load(decodeId("vendor", id))) ?? []).map(toContact);
  }

  @Mutation(() => VendorContactPayload, {
    description:
      "Adds a contact to a vendor. Users of a vendor can add contacts to their own vendor. Errors: NOT_FOUND, BAD_USER_INPUT (also for more than 50 contacts), CONFLICT (idempotency key).",
  })
  @Allow(can("vendorContact.update"))
  @VendorPortal()
  async addVendorContact(
    @Arg("input", () => AddVendorContactInput) input: AddVendorContactInput,
    @Ctx() ctx: Context,
  ): Promise<VendorContactPayload> {
    return { contact: toContact(await service.addVendorContact(ctx, input)) };
  }

  @Mutation(() => VendorContactPayload, {
    description: "Changes a contact of a vendor. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version).",
  })
  @Allow(can("vendorContact.update"))
  @VendorPortal()
  async updateVendorContact(
    @Arg("input", () => UpdateVendorContactInput) input: UpdateVendorContactInput,
    @Ctx() ctx: Context,
  ): Promise<VendorContactPayload> {
    return { contact: toContact(await service.updateVendorContact(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description: "Removes a contact of a vendor for good. Errors: NOT_FOUND, CONFLICT (version).",
  })
  @Allow(can("vendorContact.update"))
  @VendorPortal()
  async removeVendorContact(
    @Arg("input", () => VersionedIdInput, { description: "The contact." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.removeVendorContact(ctx, input);
    return { id: input.id };
  }
}

export const vendorContactModule: SubgraphModule = { resolvers: { vendors: [VendorContactResolver] } };
