import { configurationSchema } from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import type { Page } from "@weft/api/pages";
import { Allow, anyOf, authenticated, can, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
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
  UpdateConfigurationInput,
  UpdateContractConfigurationInput,
  UpdatePlanConfigurationInput,
  UpdatePlatformConfigurationInput,
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
import { ConfigurationPayload } from "./configuration-payload.type.js";

// A rejection names the last permission, because customers do not know the other one.
const mayRead = anyOf(canInTenant("platform.read"), can("configuration.read"));
const mayChangeShared = canInTenant("platform.update");

@Resolver(() => ConfigurationVersion)
export class ConfigurationResolver {
  @Query(() => JsonScalar, {
    nullable: true,
    description:
      "JSON Schema of a configuration document: every setting with its default, and in `x-weft-levels` the levels at which it can be set.",
  })
  @Allow(authenticated)
  configurationSchema(): unknown {
    return configurationSchema;
  }

  @Query(() => ConfigurationVersion, {
    nullable: true,
    description: "Current settings of a level. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
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
    description: "Settings agreed with your tenant. Requires platform.read for other tenants. Errors: NOT_FOUND for all other tenants.",
  })
  @Allow(anyOf(canInTenant("platform.read"), canInTenant("configuration.read")))
  contractConfiguration(
    @Arg("tenantId", () => ID, { nullable: true, description: "Tenant (default: your own)." }) tenantId: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationVersion> {
    return presentContract(ctx, tenantId);
  }

  @Query(() => ConfigurationVersionConnection, {
    nullable: true,
    description: "Versions of a level, newest first. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
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
    description: "Settings that differ between two versions of a level. Errors: NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT.",
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
      "Effective configuration of your tenant or one of its teams, with the source of each value. Without configuration.read, it contains features, branding, locale, times, and password requirements. Errors: NOT_FOUND (team).",
  })
  @Allow(authenticated)
  effectiveConfiguration(
    @Arg("teamId", () => ID, { nullable: true, description: "Team (default: the tenant without a team)." }) teamId:
      | string
      | null
      | undefined,
    @Ctx() ctx: Context,
  ): Promise<EffectiveConfiguration> {
    return effectiveConfiguration(ctx, teamId);
  }

  @Mutation(() => ConfigurationPayload, {
    description:
      "Writes the next version of the configuration of your tenant or a team. It takes effect everywhere within a second. Errors: REAUTH_REQUIRED, NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("configuration.update"))
  @RequiresRecentLogin()
  async updateConfiguration(
    @Arg("input", () => UpdateConfigurationInput, { description: "The input." }) input: UpdateConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationPayload> {
    return { configuration: toPresentVersion(await updateConfiguration(ctx, input)) };
  }

  @Mutation(() => ConfigurationPayload, {
    description:
      "Writes the document of an earlier version as the next version. Errors: REAUTH_REQUIRED, NOT_FOUND (team), FORBIDDEN, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("configuration.update"))
  @RequiresRecentLogin()
  async rollbackConfiguration(
    @Arg("input", () => RollbackConfigurationInput, { description: "The input." }) input: RollbackConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationPayload> {
    return { configuration: toPresentVersion(await rollbackConfiguration(ctx, input)) };
  }

  @Mutation(() => ConfigurationPayload, {
    description:
      "Writes the next version of the configuration that the whole installation inherits. For operators. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(mayChangeShared)
  @RequiresRecentLogin()
  async updatePlatformConfiguration(
    @Arg("input", () => UpdatePlatformConfigurationInput, { description: "The input." }) input: UpdatePlatformConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationPayload> {
    return { configuration: toPresentVersion(await updateSharedConfiguration(ctx, { level: "PLATFORM", subject: "" }, input)) };
  }

  @Mutation(() => ConfigurationPayload, {
    description:
      "Writes the next version of the configuration that all tenants of a plan inherit. For operators. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(mayChangeShared)
  @RequiresRecentLogin()
  async updatePlanConfiguration(
    @Arg("input", () => UpdatePlanConfigurationInput, { description: "The input." }) input: UpdatePlanConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationPayload> {
    return { configuration: toPresentVersion(await updateSharedConfiguration(ctx, { level: "PLAN", subject: input.plan }, input)) };
  }

  @Mutation(() => ConfigurationPayload, {
    description:
      "Writes the next version of the settings agreed with one tenant, which the tenant can see. For operators. Errors: REAUTH_REQUIRED, NOT_FOUND (tenant), BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(mayChangeShared)
  @RequiresRecentLogin()
  async updateContractConfiguration(
    @Arg("input", () => UpdateContractConfigurationInput, { description: "The input." }) input: UpdateContractConfigurationInput,
    @Ctx() ctx: Context,
  ): Promise<ConfigurationPayload> {
    return { configuration: toPresentVersion(await updateContractConfiguration(ctx, input)) };
  }

  @FieldResolver(() => Team, { nullable: true, description: "Team, for the level TEAM." })
  @Allow(inherit)
  team(@Root() { teamUuid }: ConfigurationVersion, @Ctx() ctx: Context): Promise<Team | null> | null {
    return teamUuid === null ? null : loadTeam(ctx, teamUuid);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "Author of the version. Null for built-in values, or if you cannot see the user.",
  })
  @Allow(inherit)
  author(@Root() { authorUuid }: ConfigurationVersion, @Ctx() ctx: Context): Promise<User | null> | null {
    return authorUuid === null ? null : loadUser(ctx, authorUuid);
  }
}

@Resolver(() => ConfigurationSource)
export class ConfigurationSourceResolver {
  @FieldResolver(() => User, {
    nullable: true,
    description: "Author of that version. Null for built-in values, or if you cannot see the user.",
  })
  @Allow(inherit)
  author(@Root() { authorUuid }: ConfigurationSource, @Ctx() ctx: Context): Promise<User | null> | null {
    return authorUuid === null ? null : loadUser(ctx, authorUuid);
  }
}

export const configurationModule: SubgraphModule = { resolvers: { organizations: [ConfigurationResolver, ConfigurationSourceResolver] } };
