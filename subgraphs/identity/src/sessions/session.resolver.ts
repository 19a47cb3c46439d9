import { Allow, inPerson, anyone, VendorPortal } from "@weft/shared";
import type { Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { login } from "./login.service.js";
import { logout } from "./logout.service.js";
import { refreshSession } from "./refresh.service.js";
import { LoginInput, LoginPayload, LogoutPayload, RefreshSessionInput, RefreshSessionPayload } from "./session.type.js";

@Resolver()
export class SessionResolver {
  @Mutation(() => LoginPayload, {
    description: "Opens a session. Errors: UNAUTHENTICATED (the same answer for every reason), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  login(@Arg("input", () => LoginInput, { description: "The input." }) input: LoginInput, @Ctx() ctx: Context): Promise<LoginPayload> {
    return login(ctx, input);
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

  @Mutation(() => LogoutPayload, { description: "Ends this session immediately, including its WebSockets." })
  @Allow(inPerson)
  @VendorPortal()
  logout(@Ctx() ctx: Context): Promise<LogoutPayload> {
    return logout(ctx);
  }
}
