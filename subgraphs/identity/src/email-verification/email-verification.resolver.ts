import type { Context } from "@weft/api/context";
import { TokenInput } from "@weft/api/inputs";
import { Allow, anyone, inPerson, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { toUser, UserPayload } from "../users/user.type.js";
import { requestEmailVerification, verifyEmail } from "./email-verification.service.js";
import { LoginOrganizationPayload } from "../sessions/login-organization.type.js";

@Resolver()
export class EmailVerificationResolver {
  @Mutation(() => UserPayload, {
    description:
      "Mails you a link that shows that your email is yours, unless you have opened one while you were logged in, or have reset your password by email. Links of before are void. Once a minute. Errors: FORBIDDEN, RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(inPerson)
  @VendorPortal()
  async requestEmailVerification(@Ctx() ctx: Context): Promise<UserPayload> {
    return { user: toUser(await requestEmailVerification(ctx)) };
  }

  @Mutation(() => LoginOrganizationPayload, {
    description:
      "Verifies your email address with the token from an email. After the first verified address, the organization can invite users. Send it with your access token: without one, it shows only that somebody reads the emails, and the next reset of the password, or login with single sign-on, still ends what others could have added to the account. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  async verifyEmail(
    @Arg("input", () => TokenInput, { description: "Token from the email (`wev_…`)." }) { token }: TokenInput,
    @Ctx() ctx: Context,
  ): Promise<LoginOrganizationPayload> {
    return { slug: await verifyEmail(ctx, token) };
  }
}

export const emailVerificationModule: SubgraphModule = { resolvers: { "sign-in": [EmailVerificationResolver] } };
