import type { Context } from "@weft/api/context";
import { Allow, anyone, ownLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { login } from "./login.service.js";
import { logout } from "./logout.service.js";
import { refreshSession } from "./refresh.service.js";
import { completeLogin } from "./pending/complete-login.service.js";
import { reauthenticate } from "./reauthenticate.service.js";
import {
  CompleteLoginInput,
  LoginInput,
  LoginPayload,
  EndedSessionPayload,
  ReauthenticateInput,
  ReauthenticatePayload,
  RefreshSessionInput,
  RefreshSessionPayload,
} from "./session.type.js";

@Resolver()
export class SessionResolver {
  @Mutation(() => LoginPayload, {
    description:
      "Opens a session. Users with a second factor get MFA_REQUIRED with `extensions.mfaToken`, for `completeLogin`. Users with a temporary password get PASSWORD_CHANGE_REQUIRED with `extensions.resetToken`, for `resetPassword`. Errors: UNAUTHENTICATED (the same answer for every reason), BAD_USER_INPUT (users of several organizations have this login name and password: send `tenant`), MFA_REQUIRED, PASSWORD_CHANGE_REQUIRED, RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  login(@Arg("input", () => LoginInput, { description: "The input." }) input: LoginInput, @Ctx() ctx: Context): Promise<LoginPayload> {
    return login(ctx, input);
  }

  @Mutation(() => LoginPayload, {
    description:
      "Completes a login with a second factor, within five minutes. After five wrong codes, log in again. Errors: UNAUTHENTICATED (the token is no longer valid: log in again), BAD_USER_INPUT (the code or passkey is wrong, or was used), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  completeLogin(
    @Arg("input", () => CompleteLoginInput, { description: "The input." }) input: CompleteLoginInput,
    @Ctx() ctx: Context,
  ): Promise<LoginPayload> {
    return completeLogin(ctx, input);
  }

  @Mutation(() => ReauthenticatePayload, {
    description:
      "Proves again who you are, with your password, a code or a passkey, so that operations that require a recent login work. See the error REAUTH_REQUIRED. Errors: BAD_USER_INPUT (wrong), FORBIDDEN (platform operators who act in a tenant), RATE_LIMITED, SERVICE_UNAVAILABLE (the directory does not answer).",
  })
  @Allow(ownLogin)
  @VendorPortal()
  reauthenticate(
    @Arg("input", () => ReauthenticateInput, { description: "The input." }) input: ReauthenticateInput,
    @Ctx() ctx: Context,
  ): Promise<ReauthenticatePayload> {
    return reauthenticate(ctx, input);
  }

  @Mutation(() => RefreshSessionPayload, {
    description:
      "Renews a session. A refresh token works once; using it again ends the session. Errors: UNAUTHENTICATED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  refreshSession(
    @Arg("input", () => RefreshSessionInput, { description: "The input." }) { refreshToken }: RefreshSessionInput,
    @Ctx() ctx: Context,
  ): Promise<RefreshSessionPayload> {
    return refreshSession(ctx, refreshToken);
  }

  @Mutation(() => EndedSessionPayload, { description: "Ends this session immediately, including its WebSockets." })
  @Allow(ownLogin)
  @VendorPortal()
  logout(@Ctx() ctx: Context): Promise<EndedSessionPayload> {
    return logout(ctx);
  }
}

export const sessionModule: SubgraphModule = { resolvers: { "sign-in": [SessionResolver] } };
