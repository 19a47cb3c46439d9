import type { Context } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { Allow, anyone, canInTenant, RequiresRecentLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { toUser, User, UserStatus, UserPayload } from "../users/user.type.js";
import { acceptInvitation } from "./accept-invitation.service.js";
import { AcceptInvitationInput, InviteUserInput, ResendInvitationInput } from "./invitation.input.js";
import { loadInvitation } from "./invitation.loader.js";
import { inviteUser, resendInvitation, revokeInvitation } from "./invitation.service.js";
import { Invitation } from "./invitation.type.js";
import { NewUserLoginPayload } from "../registrations/registration.type.js";

@Resolver(() => User)
export class InvitationResolver {
  @FieldResolver(() => Invitation, {
    nullable: true,
    description: "Invitation of a user with the status INVITED. Requires the permission to create users.",
  })
  @Allow(canInTenant("user.create"))
  async invitation(@Root() user: User, @Ctx() ctx: Context): Promise<Invitation | null> {
    if (user.status !== UserStatus.INVITED) return null;
    const found = await loadInvitation(ctx, user.uuid);
    if (found === null) return null;
    const invitedBy = found.invitedByUuid === null ? null : await loadUser(ctx, found.invitedByUuid);
    return Object.assign(new Invitation(), found, { invitedBy });
  }

  @Mutation(() => UserPayload, {
    description:
      "Creates a user and emails a link for choosing a password. Use `users(filter: {status: {eq: INVITED}})` to list open invitations. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (also for a taken name), FORBIDDEN (roles or teams that you cannot assign; an organization without a verified email address), LIMIT_EXCEEDED, RATE_LIMITED, CONFLICT, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(canInTenant("user.create"))
  @RequiresRecentLogin()
  async inviteUser(
    @Arg("input", () => InviteUserInput, { description: "The input." }) input: InviteUserInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await inviteUser(ctx, input)) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Emails a new link and invalidates the previous one. At most once a minute. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN, CONFLICT (the user is not INVITED), RATE_LIMITED, SERVICE_UNAVAILABLE.",
  })
  @Allow(canInTenant("user.create"))
  @RequiresRecentLogin()
  async resendInvitation(
    @Arg("input", () => ResendInvitationInput, { description: "The input." }) input: ResendInvitationInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await resendInvitation(ctx, input)) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Revokes an invitation: its link becomes invalid, and the user is DISABLED. Undo with `reactivateUser` and `resendInvitation`. Errors: NOT_FOUND, FORBIDDEN, CONFLICT (the version differs, or the invitation was accepted).",
  })
  @Allow(canInTenant("user.create"))
  async revokeInvitation(
    @Arg("input", () => VersionedIdInput, { description: "User with the status INVITED." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await revokeInvitation(ctx, input)) };
  }

  @Mutation(() => NewUserLoginPayload, {
    description:
      "Accepts an invitation with the token from its email and logs the new user in. Errors: BAD_USER_INPUT, UNAUTHENTICATED (invalid link, the same answer for every reason), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  acceptInvitation(
    @Arg("input", () => AcceptInvitationInput, { description: "The input." }) input: AcceptInvitationInput,
    @Ctx() ctx: Context,
  ): Promise<NewUserLoginPayload> {
    return acceptInvitation(ctx, input);
  }
}

export const invitationModule: SubgraphModule = { resolvers: { people: [InvitationResolver] } };
