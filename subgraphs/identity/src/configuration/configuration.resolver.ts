import { Allow, anyOf, authenticated, can, canInTenant, configurationSchema, inherit, JsonScalar } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadTeam } from "../teams/team.loader.js";
import { Team } from "../teams/team.type.js";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import { diffVersions, effectiveConfiguration, listVersions, presentContract, presentVersion } from "./configuration-read.service.js";
import {
  ConfigurationDiffArgs,
  ConfigurationPlaceArgs,
  ConfigurationVersionsArgs,
  RollbackConfigurationInput,
  RollbackConfigurationPayload,
  UpdateConfigurationInput,
  UpdateConfigurationPayload,
  UpdateContractConfigurationInput,
  UpdateContractConfigurationPayload,
  UpdatePlanConfigurationInput,
  UpdatePlanConfigurationPayload,
  UpdatePlatformConfigurationInput,
  UpdatePlatformConfigurationPayload,
} from "./configuration.input.js";
import { rollbackConfiguration, updateConfiguration } from "./configuration.service.js";
import {
  ConfigurationDifference,
  ConfigurationSource,
  ConfigurationVersion,
  ConfigurationVersionConnection,
  EffectiveConfiguration,
  toPresentVersion,
} from "./configuration.type.js";
import { updateContractConfiguration, updateSharedConfiguration } from "./operators-configuration.service.js";
import { readablePlace } from "./reach.js";

// The last one is what a refusal names: a customer has never heard of the other.
const mayRead = anyOf(canInTenant("platform.read"), can("configuration.read"));
const mayChangeShared = canInTenant("platform.update");

@Resolver(() => ConfigurationVersion)
export class ConfigurationResolver {
  @Query(() => JsonScalar, {
    nullable: true,
    description: "The JSON Schema of a configuration document: every setting with its default, and in `x-weft-levels` where it may be set.",
  })
  @Allow(authenticated)
  configurationSchema(): unknown {
    return configurationSchema;
  }

  @Query(() => ConfigurationVersion, {
    nullable: true,
    description: "What a level sets now. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
  })
  @Allow(mayRead)
  async configuration(
    @Args(() => ConfigurationPlaceArgs) args: ConfigurationPlaceArgs,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationVersion> {
    return presentVersion(ctx, await readablePlace(ctx, args));
  }

  @Query(() => ConfigurationVersion, {
    nullable: true,
    description: "What was agreed with your tenant; with platform.read, with any. Errors: NOT_FOUND for every other one.",
  })
  @Allow(anyOf(canInTenant("platform.read"), canInTenant("configuration.read")))
  contractConfiguration(
    @Arg("tenantId", () => ID, { nullable: true, description: "Your own when left out." }) tenantId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationVersion> {
    return presentContract(ctx, tenantId);
  }

  @Query(() => ConfigurationVersionConnection, {
    nullable: true,
    description: "The versions of a level, newest first. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
  })
  @Allow(mayRead)
  async configurationVersions(
    @Args(() => ConfigurationVersionsArgs) args: ConfigurationVersionsArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<ConfigurationVersion>> {
    return listVersions(ctx, await readablePlace(ctx, args), args);
  }

  @Query(() => [ConfigurationDifference], {
    nullable: true,
    description: "In which settings two versions of a level differ. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
  })
  @Allow(mayRead)
  async configurationDiff(
    @Args(() => ConfigurationDiffArgs) args: ConfigurationDiffArgs,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationDifference[]> {
    const found = await diffVersions(ctx, await readablePlace(ctx, args), args);
    return found.map((each) => Object.assign(new ConfigurationDifference(), each));
  }

  @Query(() => EffectiveConfiguration, {
    nullable: true,
    description:
      "What counts in your tenant, or in a team of it, and where each value comes from. Without configuration.read: features, branding, locale, times and what a password needs. Errors: NOT_FOUND (team).",
  })
  @Allow(authenticated)
  effectiveConfiguration(
    @Arg("teamId", () => ID, { nullable: true, description: "A team; the tenant without one when left out." }) teamId:
      | string
      | null
      | undefined,
    @Ctx() ctx: Context,
  ): Promise<EffectiveConfiguration> {
    return effectiveConfiguration(ctx, teamId);
  }

  @Mutation(() => UpdateConfigurationPayload, {
    description:
      "Writes the next version of the configuration of your tenant or of a team; it counts everywhere within a second. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("configuration.update"))
  async updateConfiguration(
    @Arg("input", () => UpdateConfigurationInput, { description: "What to do." }) input: UpdateConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateConfigurationPayload> {
    return { configuration: toPresentVersion(await updateConfiguration(ctx, input)) };
  }

  @Mutation(() => RollbackConfigurationPayload, {
    description:
      "Writes the document of an earlier version again, as the next one. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("configuration.update"))
  async rollbackConfiguration(
    @Arg("input", () => RollbackConfigurationInput, { description: "What to do." }) input: RollbackConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<RollbackConfigurationPayload> {
    return { configuration: toPresentVersion(await rollbackConfiguration(ctx, input)) };
  }

  @Mutation(() => UpdatePlatformConfigurationPayload, {
    description: "Writes the next version of what the whole installation inherits, for an operator. Errors: BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(mayChangeShared)
  async updatePlatformConfiguration(
    @Arg("input", () => UpdatePlatformConfigurationInput, { description: "What to do." }) input: UpdatePlatformConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<UpdatePlatformConfigurationPayload> {
    return { configuration: toPresentVersion(await updateSharedConfiguration(ctx, { level: "PLATFORM", subject: "" }, input)) };
  }

  @Mutation(() => UpdatePlanConfigurationPayload, {
    description: "Writes the next version of what all tenants of a plan inherit, for an operator. Errors: BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(mayChangeShared)
  async updatePlanConfiguration(
    @Arg("input", () => UpdatePlanConfigurationInput, { description: "What to do." }) input: UpdatePlanConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<UpdatePlanConfigurationPayload> {
    return { configuration: toPresentVersion(await updateSharedConfiguration(ctx, { level: "PLAN", subject: input.plan }, input)) };
  }

  @Mutation(() => UpdateContractConfigurationPayload, {
    description:
      "Writes the next version of what was agreed with one tenant, for an operator; the tenant sees it. Errors: NOT_FOUND (tenant), BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(mayChangeShared)
  async updateContractConfiguration(
    @Arg("input", () => UpdateContractConfigurationInput, { description: "What to do." }) input: UpdateContractConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateContractConfigurationPayload> {
    return { configuration: toPresentVersion(await updateContractConfiguration(ctx, input)) };
  }

  @FieldResolver(() => Team, { nullable: true, description: "The team, at the level TEAM." })
  @Allow(inherit)
  team(@Root() { teamUuid }: ConfigurationVersion, @Ctx() ctx: Context): Promise<Team | null> | null {
    return teamUuid === null ? null : loadTeam(ctx, teamUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "Who wrote it; null when shipped, or when you do not see that user." })
  @Allow(inherit)
  author(@Root() { authorUuid }: ConfigurationVersion, @Ctx() ctx: Context): Promise<User | null> | null {
    return authorUuid === null ? null : loadUser(ctx, authorUuid);
  }
}

@Resolver(() => ConfigurationSource)
export class ConfigurationSourceResolver {
  @FieldResolver(() => User, {
    nullable: true,
    description: "Who wrote that version; null when shipped, or when you do not see that user.",
  })
  @Allow(inherit)
  author(@Root() { authorUuid }: ConfigurationSource, @Ctx() ctx: Context): Promise<User | null> | null {
    return authorUuid === null ? null : loadUser(ctx, authorUuid);
  }
}
