import type { Context } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { connectionOf, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadUser } from "../../users/user.loader.js";
import { User } from "../../users/user.type.js";
import { DeclinePrivacyRequestInput, PersonInput, PrivacyRequestsArgs } from "./privacy-request.input.js";
import * as service from "./privacy-request.service.js";
import { ErasurePreview, PrivacyRequest, PrivacyRequestKind, PrivacyRequestPayload } from "./privacy-request.type.js";

const { Connection: PrivacyRequestConnection } = connectionOf(PrivacyRequest);

const manages = allOf(inPerson, canInTenant("privacy.manage"));
const requestErrors =
  "Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (you have ended a legal hold on the person), BAD_USER_INPUT, CONFLICT (a legal hold, another open request, idempotency key).";

@Resolver(() => PrivacyRequest)
export class PrivacyRequestResolver {
  @Query(() => PrivacyRequest, { nullable: true, description: "A privacy request. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(canInTenant("privacy.read"))
  privacyRequest(
    @Arg("id", () => ID, { description: "ID of the request (`pvr_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<PrivacyRequest> {
    return service.readPrivacyRequest(ctx, id);
  }

  @Query(() => PrivacyRequestConnection, {
    nullable: true,
    description: "Privacy requests of the tenant, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("privacy.read"))
  privacyRequests(@Args(() => PrivacyRequestsArgs) args: PrivacyRequestsArgs, @Ctx() ctx: Context): Promise<Page<PrivacyRequest>> {
    return service.listPrivacyRequests(ctx, args);
  }

  @Query(() => ErasurePreview, {
    nullable: true,
    description:
      "What anonymizing or erasing a person would do: what goes, what stays, and why. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("privacy.read"))
  erasurePreview(
    @Arg("personId", () => ID, { description: "ID of a user (`usr_…`) or of a contact of a vendor (`vct_…`)." }) personId: string,
    @Arg("isAnonymization", () => Boolean, { defaultValue: false, description: "Whether the person is anonymized, not erased." })
    isAnonymization: boolean,
    @Ctx() ctx: Context,
  ): Promise<ErasurePreview> {
    return service.previewOf(ctx, personId, isAnonymization ? PrivacyRequestKind.ANONYMISE : PrivacyRequestKind.ERASE);
  }

  @FieldResolver(() => User, { nullable: true, description: "The person, if it is a user that you can see." })
  @Allow(inherit)
  async user(@Root() { row }: PrivacyRequest, @Ctx() ctx: Context): Promise<User | null> {
    return row.personType === "user" ? loadUser(ctx, row.personId) : null;
  }

  @FieldResolver(() => User, { nullable: true, description: "User who requested it. Null if you cannot see the user." })
  @Allow(inherit)
  requestedBy(@Root() { row }: PrivacyRequest, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, row.requestedBy);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "User who approved or declined it. Null if nobody has, or you cannot see the user.",
  })
  @Allow(inherit)
  async decidedBy(@Root() { row }: PrivacyRequest, @Ctx() ctx: Context): Promise<User | null> {
    return row.decidedBy === null ? null : loadUser(ctx, row.decidedBy);
  }

  @Mutation(() => PrivacyRequestPayload, {
    description:
      "Starts an export of all data of a person to a ZIP file: a readable page, JSON, and the person's files. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (a user with rights that you do not have), BAD_USER_INPUT, CONFLICT (idempotency key).",
  })
  @Allow(manages)
  @RequiresRecentLogin()
  async exportPerson(@Arg("input", () => PersonInput) input: PersonInput, @Ctx() ctx: Context): Promise<PrivacyRequestPayload> {
    return { privacyRequest: await service.exportPerson(ctx, input) };
  }

  @Mutation(() => PrivacyRequestPayload, {
    description: `Requests to anonymize a person: to replace what identifies the person, and keep what the person has written. A second person decides. ${requestErrors}`,
  })
  @Allow(manages)
  @RequiresRecentLogin()
  async anonymisePerson(@Arg("input", () => PersonInput) input: PersonInput, @Ctx() ctx: Context): Promise<PrivacyRequestPayload> {
    return { privacyRequest: await service.requestErasure(ctx, "ANONYMISE", input) };
  }

  @Mutation(() => PrivacyRequestPayload, {
    description: `Requests to erase a person: to replace what identifies the person and what the person has written, and to delete the person's files. A second person decides. ${requestErrors}`,
  })
  @Allow(manages)
  @RequiresRecentLogin()
  async erasePerson(@Arg("input", () => PersonInput) input: PersonInput, @Ctx() ctx: Context): Promise<PrivacyRequestPayload> {
    return { privacyRequest: await service.requestErasure(ctx, "ERASE", input) };
  }

  @Mutation(() => PrivacyRequestPayload, {
    description:
      "Approves a privacy request of another user. A user whom it is about is disabled at once. It cannot be undone. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (your own request, one about you, or you or the other user has ended a legal hold on the person), CONFLICT (decided already, a legal hold, the last administrator).",
  })
  @Allow(manages)
  @RequiresRecentLogin()
  async approvePrivacyRequest(
    @Arg("input", () => VersionedIdInput, { description: "The request." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<PrivacyRequestPayload> {
    return { privacyRequest: await service.approvePrivacyRequest(ctx, input) };
  }

  @Mutation(() => PrivacyRequestPayload, {
    description:
      "Declines a privacy request of another user. One that was approved can be declined until it has begun; a user whom it is about stays disabled. Errors: NOT_FOUND, FORBIDDEN (your own request), BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(manages)
  async declinePrivacyRequest(
    @Arg("input", () => DeclinePrivacyRequestInput) input: DeclinePrivacyRequestInput,
    @Ctx() ctx: Context,
  ): Promise<PrivacyRequestPayload> {
    return { privacyRequest: await service.declinePrivacyRequest(ctx, input) };
  }

  @Mutation(() => PrivacyRequestPayload, {
    description:
      "Withdraws a privacy request that you have made. One that was approved can be withdrawn until it has begun; a user whom it is about stays disabled. Errors: NOT_FOUND, FORBIDDEN (a request of another user), CONFLICT.",
  })
  @Allow(manages)
  async withdrawPrivacyRequest(
    @Arg("input", () => VersionedIdInput, { description: "The request." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<PrivacyRequestPayload> {
    return { privacyRequest: await service.withdrawPrivacyRequest(ctx, input) };
  }
}

export const privacyRequestModule: SubgraphModule = { resolvers: { privacy: [PrivacyRequestResolver] } };
