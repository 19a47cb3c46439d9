import { type Context, loadById } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { allOf, Allow, can, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { Vendor, VendorConnection } from "../vendors/vendor.type.js";
import { vendorsOfLink } from "../vendors/vendors-of-link.js";
import { InviteVendorInput, VendorRegistrationLinksArgs } from "./registration-link.input.js";
import { registrationLinkLoader } from "./registration-link.loader.js";
import * as service from "./registration-link.service.js";
import { registrationAccess } from "./registration-link.token.js";
import {
  toRegistrationLink,
  VendorRegistrationLink,
  VendorRegistrationLinkConnection,
  VendorRegistrationLinkPayload,
  CreateVendorRegistrationLinkInput,
} from "./registration-link.type.js";

@Resolver(() => VendorRegistrationLink)
export class RegistrationLinkResolver {
  @Query(() => VendorRegistrationLink, {
    nullable: true,
    description: "A link with which companies register as vendors. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("vendor.create"))
  vendorRegistrationLink(
    @Arg("id", () => ID, { description: "ID of the link (`vrl_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<VendorRegistrationLink> {
    return loadById(ctx, registrationLinkLoader, "vendorRegistrationLink", id);
  }

  @Query(() => VendorRegistrationLinkConnection, {
    nullable: true,
    description:
      "Links with which companies register as vendors, and invitations. Newest first by default. They are deleted 90 days after they were revoked, used up, or expired.",
  })
  @Allow(canInTenant("vendor.create"))
  vendorRegistrationLinks(
    @Args(() => VendorRegistrationLinksArgs) args: VendorRegistrationLinksArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<VendorRegistrationLink>> {
    return service.listRegistrationLinks(ctx, args);
  }

  @FieldResolver(() => VendorConnection, {
    nullable: true,
    description: "Vendors that registered with the link and that you can see, newest first.",
  })
  @Allow(can("vendor.read"))
  vendors(
    @Root() { row }: VendorRegistrationLink,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Vendor>> {
    return vendorsOfLink(ctx, row.id, args);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "URL of the form, with the token. Everybody who has it can register a vendor. Null if the link is revoked, or was sent by email: then only the email contains it.",
  })
  @Allow(inherit)
  url(@Root() { row }: VendorRegistrationLink, @Ctx() ctx: Context): string | null {
    return row.revokedAt === null && row.email === null ? registrationAccess(ctx.services, row).url : null;
  }

  @Mutation(() => VendorRegistrationLinkPayload, {
    description:
      "Creates a link with which everybody can register a vendor, without a login, in your name. Needs the published definition `vendor-onboarding`. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (limits, expiration time, no definition), CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("vendor.create"), inPerson))
  @RequiresRecentLogin()
  async createVendorRegistrationLink(
    @Arg("input", () => CreateVendorRegistrationLinkInput) input: CreateVendorRegistrationLinkInput,
    @Ctx() ctx: Context,
  ): Promise<VendorRegistrationLinkPayload> {
    return { link: toRegistrationLink(await service.createRegistrationLink(ctx, input)) };
  }

  @Mutation(() => VendorRegistrationLinkPayload, {
    description:
      "Emails a company a link with which it can register as a vendor, once. Needs the published definition `vendor-onboarding`. Errors: BAD_USER_INPUT, FORBIDDEN (the organization is not verified), CONFLICT (idempotency key), RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(allOf(canInTenant("vendor.create"), inPerson))
  async inviteVendor(
    @Arg("input", () => InviteVendorInput) input: InviteVendorInput,
    @Ctx() ctx: Context,
  ): Promise<VendorRegistrationLinkPayload> {
    return { link: toRegistrationLink(await service.inviteVendor(ctx, input)) };
  }

  @Mutation(() => VendorRegistrationLinkPayload, {
    description:
      "Ends the use of a registration link or an invitation. Vendors that registered with it stay. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("vendor.create"))
  async revokeVendorRegistrationLink(
    @Arg("input", () => VersionedIdInput, { description: "The link." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<VendorRegistrationLinkPayload> {
    return { link: toRegistrationLink(await service.revokeRegistrationLink(ctx, input)) };
  }
}

/** The field that registrations add to vendors. */
@Resolver(() => Vendor)
export class VendorRegistrationResolver {
  @FieldResolver(() => VendorRegistrationLink, {
    nullable: true,
    description:
      "Link or invitation with which the vendor registered. Null if it did not register, or if the link is deleted: see `registrationMethod`.",
  })
  @Allow(canInTenant("vendor.create"))
  registrationLink(@Root() { registrationLinkId }: Vendor, @Ctx() ctx: Context): Promise<VendorRegistrationLink | null> {
    return registrationLinkId === null ? Promise.resolve(null) : registrationLinkLoader(ctx).load(registrationLinkId);
  }
}

export const registrationLinkModule: SubgraphModule = { resolvers: { vendors: [RegistrationLinkResolver, VendorRegistrationResolver] } };
