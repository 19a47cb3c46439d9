import type { Context } from "@weft/api/context";
import { Allow, anyone, ownLogin, RequiresRecentLogin, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { LoginPayload } from "../../sessions/session.type.js";
import { SecondFactorCodeInput } from "../second-factor.type.js";
import { LoginWithPasskeyInput, RegisterPasskeyPayload, RemovePasskeyInput, StartPasskeyLoginInput } from "./passkey.input.js";
import { loginWithPasskey } from "./passkey-login.service.js";
import * as service from "./passkey.service.js";
import { PasskeyOptionsPayload } from "./passkey-options-payload.type.js";
import { PasskeyPayload, RegisterPasskeyInput, RenamePasskeyInput } from "./passkey.type.js";
import { SecondFactorsPayload } from "../second-factor-payload.type.js";

@Resolver()
export class PasskeyResolver {
  @Mutation(() => PasskeyOptionsPayload, {
    description:
      "Begins the registration of a passkey (WebAuthn) in this session. Nothing changes until `registerPasskey`. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (you have a second factor, and gave no code or passkey), RATE_LIMITED, LIMIT_EXCEEDED (20 passkeys), FORBIDDEN (service accounts, platform operators who act in a tenant, and installations without passkeys).",
  })
  @Allow(ownLogin)
  @RequiresRecentLogin()
  @VendorPortal()
  async startPasskeyRegistration(
    @Arg("input", () => SecondFactorCodeInput, { nullable: true, description: "Required if you already have a second factor." })
    input: SecondFactorCodeInput | null,
    @Ctx() ctx: Context,
  ): Promise<PasskeyOptionsPayload> {
    return { options: await service.startPasskeyRegistration(ctx, input ?? {}) };
  }

  @Mutation(() => RegisterPasskeyPayload, {
    description:
      "Registers a passkey. From now on, logins require it or another second factor, or use it alone. If it is your first second factor, your other sessions end. Errors: BAD_USER_INPUT (also if the browser's answer is not accepted), CONFLICT (already registered), LIMIT_EXCEEDED, FORBIDDEN.",
  })
  @Allow(ownLogin)
  @VendorPortal()
  registerPasskey(
    @Arg("input", () => RegisterPasskeyInput, { description: "The input." }) input: RegisterPasskeyInput,
    @Ctx() ctx: Context,
  ): Promise<RegisterPasskeyPayload> {
    return service.registerPasskey(ctx, input);
  }

  @Mutation(() => PasskeyPayload, { description: "Renames one of your passkeys. Errors: BAD_USER_INPUT, NOT_FOUND, FORBIDDEN." })
  @Allow(ownLogin)
  @VendorPortal()
  async renamePasskey(
    @Arg("input", () => RenamePasskeyInput, { description: "The input." }) input: RenamePasskeyInput,
    @Ctx() ctx: Context,
  ): Promise<PasskeyPayload> {
    return { passkey: await service.renamePasskey(ctx, input) };
  }

  @Mutation(() => SecondFactorsPayload, {
    description:
      "Removes one of your passkeys. With your last second factor, the recovery codes go as well. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (a wrong code or passkey), NOT_FOUND, FORBIDDEN (a second factor is required, and you have no other), RATE_LIMITED.",
  })
  @Allow(ownLogin)
  @RequiresRecentLogin()
  @VendorPortal()
  async removePasskey(
    @Arg("input", () => RemovePasskeyInput, { description: "The input." }) input: RemovePasskeyInput,
    @Ctx() ctx: Context,
  ): Promise<SecondFactorsPayload> {
    return { secondFactors: await service.removePasskey(ctx, input) };
  }

  @Mutation(() => PasskeyOptionsPayload, {
    description:
      "Returns the options with which the browser asks for one of your passkeys, for `reauthenticate` and for changes of your second factors in this session. Errors: CONFLICT (you have no passkey), FORBIDDEN.",
  })
  @Allow(ownLogin)
  @VendorPortal()
  async startPasskeyAssertion(@Ctx() ctx: Context): Promise<PasskeyOptionsPayload> {
    return { options: await service.startPasskeyAssertion(ctx) };
  }

  @Mutation(() => PasskeyOptionsPayload, {
    description:
      "Returns the options with which the browser asks for a passkey to log in. Errors: UNAUTHENTICATED (the token is no longer valid: log in again), CONFLICT (the user of the token has no passkey), FORBIDDEN (installations without passkeys), RATE_LIMITED, TENANT_SUSPENDED.",
  })
  @Allow(anyone)
  @VendorPortal()
  async startPasskeyLogin(
    @Arg("input", () => StartPasskeyLoginInput, { description: "The input." }) { mfaToken }: StartPasskeyLoginInput,
    @Ctx() ctx: Context,
  ): Promise<PasskeyOptionsPayload> {
    return { options: await service.startPasskeyLogin(ctx, mfaToken ?? null) };
  }

  @Mutation(() => LoginPayload, {
    description:
      "Opens a session with a passkey alone. It counts as two factors: the device, and what it checks of you. Errors: UNAUTHENTICATED (the same answer for every reason), BAD_USER_INPUT (not the JSON of a passkey), RATE_LIMITED, LIMIT_EXCEEDED, TENANT_SUSPENDED, FORBIDDEN (installations without passkeys).",
  })
  @Allow(anyone)
  @VendorPortal()
  loginWithPasskey(
    @Arg("input", () => LoginWithPasskeyInput, { description: "The input." }) input: LoginWithPasskeyInput,
    @Ctx() ctx: Context,
  ): Promise<LoginPayload> {
    return loginWithPasskey(ctx, input);
  }
}

export const passkeyModule: SubgraphModule = { resolvers: { "sign-in": [PasskeyResolver] } };
