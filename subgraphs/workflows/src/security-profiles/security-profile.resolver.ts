import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, canInTenant, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import * as service from "./security-profile.service.js";
import {
  CreateSecurityProfileInput,
  UpdateSecurityProfileInput,
  SecurityProfile,
  SecurityProfilePayload,
} from "./security-profile.type.js";

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

  @Mutation(() => SecurityProfilePayload, {
    description:
      "Creates a security profile, which narrows the built-in one. To apply it to everything, set `automation.ownSecurityProfile`; or let definitions refer to it. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (such as a key that is taken), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("securityProfile.manage"))
  @RequiresRecentLogin()
  async createSecurityProfile(
    @Arg("input", () => CreateSecurityProfileInput) input: CreateSecurityProfileInput,
    @Ctx() ctx: Context,
  ): Promise<SecurityProfilePayload> {
    return { securityProfile: await service.createSecurityProfile(ctx, input) };
  }

  @Mutation(() => SecurityProfilePayload, {
    description:
      "Changes a security profile. Runs that have begun keep the rules with which they began. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("securityProfile.manage"))
  @RequiresRecentLogin()
  async updateSecurityProfile(
    @Arg("input", () => UpdateSecurityProfileInput) input: UpdateSecurityProfileInput,
    @Ctx() ctx: Context,
  ): Promise<SecurityProfilePayload> {
    return { securityProfile: await service.updateSecurityProfile(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a security profile. Automations that refer to it cannot be started any more. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("securityProfile.manage"))
  @RequiresRecentLogin()
  async deleteSecurityProfile(
    @Arg("input", () => VersionedIdInput, { description: "The security profile." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteSecurityProfile(ctx, input) };
  }
}

export const securityProfileModule: SubgraphModule = { resolvers: { automation: [SecurityProfileResolver] } };
