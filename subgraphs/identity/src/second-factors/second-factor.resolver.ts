import type { Context } from "@weft/api/context";
import { IdInput } from "@weft/api/inputs";
import { allOf, Allow, can, inPerson, loggedIn, ownLogin, RequiresRecentLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { toUser, UserPayload } from "../users/user.type.js";
import * as service from "./second-factor.service.js";
import { ConfirmTotpInput, EnrolTotpPayload, SecondFactorCodeInput, SecondFactors } from "./second-factor.type.js";
import { RecoveryCodesPayload } from "./recovery-codes-payload.type.js";
import { SecondFactorsPayload } from "./second-factor-payload.type.js";

@Resolver()
export class SecondFactorResolver {
  @Query(() => SecondFactors, { nullable: true, description: "Your second factors." })
  @Allow(loggedIn)
  @VendorPortal()
  secondFactors(@Ctx() ctx: Context): Promise<SecondFactors> {
    return service.findOwnFactors(ctx);
  }

  @Mutation(() => EnrolTotpPayload, {
    description:
      "Begins the enrolment of an authenticator app (RFC 6238), also of one that replaces the current one. Nothing changes until `confirmTotp`, which also replaces recovery codes: in the same session, within 15 minutes, and before the password or the recovery codes change. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (you have a second factor, and gave none, or a wrong one), FORBIDDEN (service accounts, and platform operators who act in a tenant), RATE_LIMITED.",
  })
  @Allow(ownLogin)
  @RequiresRecentLogin()
  @VendorPortal()
  enrolTotp(
    @Arg("input", () => SecondFactorCodeInput, { nullable: true, description: "Required if you already have a second factor." })
    input: SecondFactorCodeInput | null,
    @Ctx() ctx: Context,
  ): Promise<EnrolTotpPayload> {
    return service.enrolTotp(ctx, input ?? {});
  }

  @Mutation(() => RecoveryCodesPayload, {
    description:
      "Activates the authenticator app with its first code, replaces the one that you have, and ends your other sessions. From now on, logins require a code. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (a wrong code), CONFLICT (nothing that this session has begun), FORBIDDEN, RATE_LIMITED.",
  })
  @Allow(ownLogin)
  @RequiresRecentLogin()
  @VendorPortal()
  confirmTotp(
    @Arg("input", () => ConfirmTotpInput, { description: "The input." }) input: ConfirmTotpInput,
    @Ctx() ctx: Context,
  ): Promise<RecoveryCodesPayload> {
    return service.confirmTotp(ctx, input);
  }

  @Mutation(() => SecondFactorsPayload, {
    description:
      "Removes your authenticator app, and your recovery codes unless you have a passkey. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (a wrong code or passkey), CONFLICT (there is none), FORBIDDEN (a second factor is required, and you have no other), RATE_LIMITED.",
  })
  @Allow(ownLogin)
  @RequiresRecentLogin()
  @VendorPortal()
  async removeTotp(
    @Arg("input", () => SecondFactorCodeInput, { description: "The input." }) input: SecondFactorCodeInput,
    @Ctx() ctx: Context,
  ): Promise<SecondFactorsPayload> {
    return { secondFactors: await service.removeTotp(ctx, input) };
  }

  @Mutation(() => RecoveryCodesPayload, {
    description:
      "Replaces your recovery codes. The old ones no longer work. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (a wrong code or passkey), CONFLICT (you have no second factor), FORBIDDEN, RATE_LIMITED.",
  })
  @Allow(ownLogin)
  @RequiresRecentLogin()
  @VendorPortal()
  regenerateRecoveryCodes(
    @Arg("input", () => SecondFactorCodeInput, { description: "The input." }) input: SecondFactorCodeInput,
    @Ctx() ctx: Context,
  ): Promise<RecoveryCodesPayload> {
    return service.regenerateRecoveryCodes(ctx, input);
  }

  @Mutation(() => UserPayload, {
    description:
      "Removes the second factors, including passkeys, of a user who has lost them, ends the user's sessions, and emails the user. Check first who is asking. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN (a user with more rights; yourself), CONFLICT (the user has none).",
  })
  @Allow(allOf(can("user.update"), inPerson))
  @RequiresRecentLogin()
  async resetSecondFactors(
    @Arg("input", () => IdInput, { description: "The user." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await service.resetSecondFactors(ctx, input)) };
  }
}

export const secondFactorModule: SubgraphModule = { resolvers: { "sign-in": [SecondFactorResolver] } };
