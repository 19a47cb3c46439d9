import { Allow, authenticated, can, configurationSchema, inherit, JsonScalar } from "@weft/shared";
import type { Context, Page } from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadTeam } from "../teams/team.loader.js";
import { Team } from "../teams/team.type.js";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import { diffVersions, effectiveConfiguration, listVersions, presentVersion } from "./configuration-read.service.js";
import {
  ConfigurationVersionsArgs,
  RollbackConfigurationInput,
  RollbackConfigurationPayload,
  UpdateConfigurationInput,
  UpdateConfigurationPayload,
} from "./configuration.input.js";
import { rollbackConfiguration, updateConfiguration } from "./configuration.service.js";
import {
  ConfigurationDifference,
  ConfigurationLevel,
  ConfigurationSource,
  ConfigurationVersion,
  ConfigurationVersionConnection,
  EffectiveConfiguration,
  toPresentVersion,
} from "./configuration.type.js";
import { ownPlace } from "./reach.js";

const levelText = "When left out, TEAM with a team and TENANT without.";

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
  @Allow(can("configuration.read"))
  async configuration(
    @Arg("level", () => ConfigurationLevel, { nullable: true, description: levelText }) level: ConfigurationLevel | null | undefined,
    @Arg("teamId", () => ID, { nullable: true, description: "The team, at the level TEAM." }) teamId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationVersion> {
    return presentVersion(ctx, await ownPlace(ctx, "configuration.read", { level, teamId }));
  }

  @Query(() => ConfigurationVersionConnection, {
    nullable: true,
    description: "The versions of a level, newest first. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
  })
  @Allow(can("configuration.read"))
  async configurationVersions(
    @Args(() => ConfigurationVersionsArgs) args: ConfigurationVersionsArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<ConfigurationVersion>> {
    return listVersions(ctx, await ownPlace(ctx, "configuration.read", args), args);
  }

  @Query(() => [ConfigurationDifference], {
    nullable: true,
    description: "In which settings two versions of a level differ. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
  })
  @Allow(can("configuration.read"))
  async configurationDiff(
    @Arg("from", () => Int, { description: "A version; 0 for the empty document before the first." }) from: number,
    @Arg("to", () => Int, { description: "Another one." }) to: number,
    @Arg("level", () => ConfigurationLevel, { nullable: true, description: levelText }) level: ConfigurationLevel | null | undefined,
    @Arg("teamId", () => ID, { nullable: true, description: "The team, at the level TEAM." }) teamId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationDifference[]> {
    const found = await diffVersions(ctx, await ownPlace(ctx, "configuration.read", { level, teamId }), { from, to });
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
