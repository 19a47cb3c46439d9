import { Allow, anyone, authenticated } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { login } from "./login.service.js";
import { logout } from "./logout.service.js";
import { refreshSession } from "./refresh.service.js";
import { LoginInput, LoginPayload, LogoutPayload, RefreshSessionInput, RefreshSessionPayload } from "./session.type.js";

@Resolver()
export class SessionResolver {
  @Mutation(() => LoginPayload, {
    description: "Opens a session. Errors: UNAUTHENTICATED (one answer for every reason), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  login(@Arg("input", () => LoginInput, { description: "What to do." }) input: LoginInput, @Ctx() ctx: Context): Promise<LoginPayload> {
    return login(ctx, input);
  }

  @Mutation(() => RefreshSessionPayload, {
    description:
      "Renews a session. The refresh token is used up; a second use of it ends the session. Errors: UNAUTHENTICATED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  refreshSession(
    @Arg("input", () => RefreshSessionInput, { description: "What to do." }) { refreshToken }: RefreshSessionInput,
    @Ctx() ctx: Context,
  ): Promise<RefreshSessionPayload> {
    return refreshSession(ctx, refreshToken);
  }

  @Mutation(() => LogoutPayload, { description: "Ends this session at once, on its sockets too." })
  @Allow(authenticated)
  logout(@Ctx() ctx: Context): Promise<LogoutPayload> {
    return logout(ctx);
  }
}
