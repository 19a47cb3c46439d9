import type { Context } from "@weft/api/context";
import { KeyedIdInput } from "@weft/api/inputs";
import { Allow, anyone, can, inPerson, RequiresRecentLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { toUser, UserPayload } from "../users/user.type.js";
import * as service from "./password-change.service.js";
import { ChangePasswordInput, RequestPasswordResetInput, RequestPasswordResetPayload, ResetPasswordInput } from "./password-change.type.js";
import { LoginOrganizationPayload } from "../sessions/login-organization.type.js";

@Resolver()
export class PasswordChangeResolver {
  @Mutation(() => UserPayload, {
    description:
      "Changes your password, ends your other sessions, and tells you by email. Errors: BAD_USER_INPUT (also if the current password is wrong), FORBIDDEN (you have no password), CONFLICT (it was changed meanwhile), RATE_LIMITED.",
  })
  @Allow(inPerson)
  @VendorPortal()
  async changePassword(
    @Arg("input", () => ChangePasswordInput, { description: "The input." }) input: ChangePasswordInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await service.changePassword(ctx, input)) };
  }

  @Mutation(() => RequestPasswordResetPayload, {
    description:
      "Emails the user with this login name a link with which they choose a new password. The answer is the same if there is no such user. Errors: RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(anyone)
  @VendorPortal()
  async requestPasswordReset(
    @Arg("input", () => RequestPasswordResetInput, { description: "The input." }) input: RequestPasswordResetInput,
    @Ctx() ctx: Context,
  ): Promise<RequestPasswordResetPayload> {
    await service.requestPasswordReset(ctx, input);
    return { message: "If there is an active user with this login name, an email with a link is on its way." };
  }

  @Mutation(() => LoginOrganizationPayload, {
    description:
      "Sets a new password with the token from an email, or of PASSWORD_CHANGE_REQUIRED, and ends all sessions and API keys of the user. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason), BAD_USER_INPUT (the password), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  async resetPassword(
    @Arg("input", () => ResetPasswordInput, { description: "The input." }) input: ResetPasswordInput,
    @Ctx() ctx: Context,
  ): Promise<LoginOrganizationPayload> {
    return { slug: await service.resetPassword(ctx, input) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Emails a user the link with which they choose a new password, or their first one. The old password works until then. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (a user with more rights), CONFLICT (not active, or single sign-on is required), RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(can("user.update"))
  @RequiresRecentLogin()
  async startPasswordReset(
    @Arg("input", () => KeyedIdInput, { description: "ID of the user (`usr_…`)." }) input: KeyedIdInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await service.startPasswordReset(ctx, input)) };
  }
}

export const passwordChangeModule: SubgraphModule = { resolvers: { "sign-in": [PasswordChangeResolver] } };
