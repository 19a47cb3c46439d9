import { vendors as tables } from "@weft/drizzle";
import {
  Allow,
  canInTenant,
  ConnectionArgs,
  type Context,
  filterInput,
  type FilterValue,
  flagField,
  inherit,
  loadById,
  orderByInput,
  type OrderByValue,
  type Page,
  tablePage,
} from "@weft/shared";
import { isNotNull } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  CreateVendorRegistrationLinkInput,
  CreateVendorRegistrationLinkPayload,
  InviteVendorInput,
  InviteVendorPayload,
  RevokeVendorRegistrationLinkInput,
  RevokeVendorRegistrationLinkPayload,
} from "./registration-link.input.js";
import { registrationLinkLoader } from "./registration-link.loader.js";
import * as service from "./registration-link.service.js";
import type { RegistrationLinkRow } from "./registration-link.store.js";
import { registrationAccess } from "./registration-link.token.js";
import { toRegistrationLink, VendorRegistrationLink, VendorRegistrationLinkConnection } from "./registration-link.type.js";

const { registrationLinks } = tables;

const VendorRegistrationLinkFilter = filterInput("VendorRegistrationLinkFilter", {
  isRevoked: flagField(isNotNull(registrationLinks.revokedAt), "Whether the link is revoked."),
  isInvitation: flagField(isNotNull(registrationLinks.email), "Whether the link was sent to one company by email."),
});

const VendorRegistrationLinkOrder = orderByInput<RegistrationLinkRow, "CREATED_AT">("VendorRegistrationLinkOrder", {
  CREATED_AT: { column: registrationLinks.createdAt, valueOf: (row) => row.createdAt },
});

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
    description: "Links with which companies register as vendors, and invitations. Newest first by default.",
  })
  @Allow(canInTenant("vendor.create"))
  vendorRegistrationLinks(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => VendorRegistrationLinkFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => VendorRegistrationLinkOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<VendorRegistrationLink>> {
    return tablePage(ctx, {
      list: "vendorRegistrationLinks",
      args,
      table: registrationLinks,
      where: VendorRegistrationLinkFilter.toSql(filter),
      orderBy: VendorRegistrationLinkOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toRegistrationLink,
    });
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

  @Mutation(() => CreateVendorRegistrationLinkPayload, {
    description:
      "Creates a link with which everybody can register a vendor, without a login, in your name. Needs the published definition `vendor-onboarding`. Errors: BAD_USER_INPUT (limits, expiration time, no definition), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("vendor.create"))
  async createVendorRegistrationLink(
    @Arg("input", () => CreateVendorRegistrationLinkInput) input: CreateVendorRegistrationLinkInput,
    @Ctx() ctx: Context,
  ): Promise<CreateVendorRegistrationLinkPayload> {
    return { link: toRegistrationLink(await service.createRegistrationLink(ctx, input)) };
  }

  @Mutation(() => InviteVendorPayload, {
    description:
      "Emails a company a link with which it can register as a vendor, once. Needs the published definition `vendor-onboarding`. Errors: BAD_USER_INPUT, FORBIDDEN (the organization is not verified), CONFLICT (idempotency key), RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(canInTenant("vendor.create"))
  async inviteVendor(@Arg("input", () => InviteVendorInput) input: InviteVendorInput, @Ctx() ctx: Context): Promise<InviteVendorPayload> {
    return { link: toRegistrationLink(await service.inviteVendor(ctx, input)) };
  }

  @Mutation(() => RevokeVendorRegistrationLinkPayload, {
    description:
      "Ends the use of a registration link or an invitation. Vendors that registered with it stay. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("vendor.create"))
  async revokeVendorRegistrationLink(
    @Arg("input", () => RevokeVendorRegistrationLinkInput) input: RevokeVendorRegistrationLinkInput,
    @Ctx() ctx: Context,
  ): Promise<RevokeVendorRegistrationLinkPayload> {
    return { link: toRegistrationLink(await service.revokeRegistrationLink(ctx, input)) };
  }
}
