import { Allow, anyone, canInTenant } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { toUser, User, UserStatus } from "../users/user.type.js";
import { acceptInvitation } from "./accept-invitation.service.js";
import {
  AcceptInvitationInput,
  AcceptInvitationPayload,
  InviteUserInput,
  InviteUserPayload,
  ResendInvitationInput,
  ResendInvitationPayload,
  RevokeInvitationInput,
  RevokeInvitationPayload,
} from "./invitation.input.js";
import { loadInvitation } from "./invitation.loader.js";
import { inviteUser, resendInvitation, revokeInvitation } from "./invitation.service.js";
import { Invitation } from "./invitation.type.js";

@Resolver(() => User)
export class InvitationResolver {
  @FieldResolver(() => Invitation, { nullable: true, description: "Of an INVITED user: what was sent. For whoever may make users." })
  @Allow(canInTenant("user.create"))
  async invitation(@Root() user: User, @Ctx() ctx: Context): Promise<Invitation | null> {
    if (user.status !== UserStatus.INVITED) return null;
    const found = await loadInvitation(ctx, user.uuid);
    if (found === null) return null;
    const invitedBy = found.invitedByUuid === null ? null : await loadUser(ctx, found.invitedByUuid);
    return Object.assign(new Invitation(), found, { invitedBy });
  }

  @Mutation(() => InviteUserPayload, {
    description:
      "Makes a user and mails a link to choose a password with; `users(filter: {status: {eq: INVITED}})` shows who has not answered. Errors: BAD_USER_INPUT (a taken name on its path), FORBIDDEN (roles and teams that are not yours to give; an organisation whose own email is not verified), LIMIT_EXCEEDED, RATE_LIMITED, CONFLICT, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(canInTenant("user.create"))
  async inviteUser(
    @Arg("input", () => InviteUserInput, { description: "What to do." }) input: InviteUserInput,
    @Ctx() ctx: Context,
  ): Promise<InviteUserPayload> {
    return { user: toUser(await inviteUser(ctx, input)) };
  }

  @Mutation(() => ResendInvitationPayload, {
    description:
      "Mails another link; the one before is void. Once a minute. Errors: NOT_FOUND, BAD_USER_INPUT, FORBIDDEN, CONFLICT (who is not INVITED), RATE_LIMITED, SERVICE_UNAVAILABLE.",
  })
  @Allow(canInTenant("user.create"))
  async resendInvitation(
    @Arg("input", () => ResendInvitationInput, { description: "What to do." }) input: ResendInvitationInput,
    @Ctx() ctx: Context,
  ): Promise<ResendInvitationPayload> {
    return { user: toUser(await resendInvitation(ctx, input)) };
  }

  @Mutation(() => RevokeInvitationPayload, {
    description:
      "Takes an invitation back: its link is void, and the user is DISABLED; `reactivateUser` and `resendInvitation` undo it. Errors: NOT_FOUND, FORBIDDEN, CONFLICT (version; who has accepted).",
  })
  @Allow(canInTenant("user.create"))
  async revokeInvitation(
    @Arg("input", () => RevokeInvitationInput, { description: "What to do." }) input: RevokeInvitationInput,
    @Ctx() ctx: Context,
  ): Promise<RevokeInvitationPayload> {
    return { user: toUser(await revokeInvitation(ctx, input)) };
  }

  @Mutation(() => AcceptInvitationPayload, {
    description:
      "Accepts an invitation with the token of its mail, and logs the new user in. Errors: BAD_USER_INPUT, UNAUTHENTICATED (a link that does not work, one answer for every reason), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  acceptInvitation(
    @Arg("input", () => AcceptInvitationInput, { description: "What to do." }) input: AcceptInvitationInput,
    @Ctx() ctx: Context,
  ): Promise<AcceptInvitationPayload> {
    return acceptInvitation(ctx, input);
  }
}
