import { Allow, canInTenant, type Context, RequiresRecentLogin } from "@weft/shared";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import {
  CreateSecurityProfileInput,
  CreateSecurityProfilePayload,
  DeleteSecurityProfileInput,
  DeleteSecurityProfilePayload,
  UpdateSecurityProfileInput,
  UpdateSecurityProfilePayload,
} from "./security-profile.input.js";
import * as service from "./security-profile.service.js";
import { SecurityProfile } from "./security-profile.type.js";

@Resolver(() => SecurityProfile)
export class SecurityProfileResolver {
  @Query(() => [SecurityProfile], {
    nullable: true,
    description: "Built-in security profiles, from the narrowest to the widest, and those of the organization by key, at most 50.",
  })
  @Allow(canInTenant("securityProfile.read"))
  securityProfiles(@Ctx() ctx: Context): Promise<SecurityProfile[]> {
    return service.readSecurityProfiles(ctx);
  }

  @Mutation(() => CreateSecurityProfilePayload, {
    description:
      "Creates a security profile, which narrows the built-in one. To apply it to everything, set `automation.ownSecurityProfile`; or let definitions refer to it. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (such as a key that is taken), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("securityProfile.manage"))
  @RequiresRecentLogin()
  async createSecurityProfile(
    @Arg("input", () => CreateSecurityProfileInput) input: CreateSecurityProfileInput,
    @Ctx() ctx: Context,
  ): Promise<CreateSecurityProfilePayload> {
    return { securityProfile: await service.createSecurityProfile(ctx, input) };
  }

  @Mutation(() => UpdateSecurityProfilePayload, {
    description:
      "Changes a security profile. Runs that have begun keep the rules with which they began. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("securityProfile.manage"))
  @RequiresRecentLogin()
  async updateSecurityProfile(
    @Arg("input", () => UpdateSecurityProfileInput) input: UpdateSecurityProfileInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateSecurityProfilePayload> {
    return { securityProfile: await service.updateSecurityProfile(ctx, input) };
  }

  @Mutation(() => DeleteSecurityProfilePayload, {
    description:
      "Deletes a security profile. Automations that refer to it cannot be started any more. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("securityProfile.manage"))
  @RequiresRecentLogin()
  async deleteSecurityProfile(
    @Arg("input", () => DeleteSecurityProfileInput) input: DeleteSecurityProfileInput,
    @Ctx() ctx: Context,
  ): Promise<DeleteSecurityProfilePayload> {
    return { securityProfileId: await service.deleteSecurityProfile(ctx, input) };
  }
}
