import { Allow, ConnectionArgs, inherit, JsonScalar } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Plan } from "../tenants/tenant.type.js";
import { ConfigurationLevel, ConfigurationVersion } from "./configuration.type.js";

const levelText = "TENANT or TEAM; when left out, TEAM with a team and TENANT without.";

/** Which configuration a query is about. */
@ArgsType()
export class ConfigurationPlaceArgs {
  @Field(() => ConfigurationLevel, {
    nullable: true,
    description: "When left out: TEAM with a team, PLAN with a plan, else TENANT. PLATFORM and PLAN need platform.read.",
  })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "The team, at the level TEAM." })
  teamId?: string | null;

  @Field(() => Plan, { nullable: true, description: "The plan, at the level PLAN." })
  plan?: Plan | null;
}

@ArgsType()
export class ConfigurationDiffArgs extends ConfigurationPlaceArgs {
  @Field(() => Int, { description: "A version; 0 for the empty document before the first." })
  from!: number;

  @Field(() => Int, { description: "Another one." })
  to!: number;
}

// Arguments of two parents: TypeScript knows one.
@ArgsType()
export class ConfigurationVersionsArgs extends ConnectionArgs {
  @Field(() => ConfigurationLevel, {
    nullable: true,
    description: "When left out: TEAM with a team, PLAN with a plan, else TENANT. PLATFORM and PLAN need platform.read.",
  })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "The team, at the level TEAM." })
  teamId?: string | null;

  @Field(() => Plan, { nullable: true, description: "The plan, at the level PLAN." })
  plan?: Plan | null;
}

/** What every change of a configuration takes. */
@InputType({ description: "What every change of a configuration takes." })
export abstract class ConfigurationChangeInput {
  @Field(() => JsonScalar, {
    nullable: true,
    description: "Settings to set: sections are merged; values, lists and null among them, take the place of what was there.",
  })
  patch?: unknown;

  @Field(() => [String], {
    nullable: true,
    description:
      "Paths of settings or sections to take out, so that the level above counts again: `security.passwordMinLength`. Before `patch`.",
  })
  unset?: string[] | null;

  @Field(() => JsonScalar, { nullable: true, description: "The whole document instead of `patch` and `unset`; see `configurationSchema`." })
  document?: unknown;

  @Field(() => String, { description: "Why; stands with the version. 1 to 2000 characters." })
  message!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read, 0 before the first; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same version." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `updateConfiguration` takes." })
export class UpdateConfigurationInput extends ConfigurationChangeInput {
  @Field(() => ConfigurationLevel, { nullable: true, description: levelText })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "The team, at the level TEAM." })
  teamId?: string | null;
}

@ObjectType({ description: "What `updateConfiguration` answers." })
@Allow(inherit)
export class UpdateConfigurationPayload {
  @Field(() => ConfigurationVersion, { description: "The version that counts now: the one before, when nothing changed." })
  configuration!: ConfigurationVersion;
}

@InputType({ description: "What `rollbackConfiguration` takes." })
export class RollbackConfigurationInput {
  @Field(() => ConfigurationLevel, { nullable: true, description: levelText })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "The team, at the level TEAM." })
  teamId?: string | null;

  @Field(() => Int, { description: "The version whose document becomes the next one; 0 for the empty document before the first." })
  toVersion!: number;

  @Field(() => String, { description: "Why; stands with the version. 1 to 2000 characters." })
  message!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `rollbackConfiguration` answers." })
@Allow(inherit)
export class RollbackConfigurationPayload {
  @Field(() => ConfigurationVersion, { description: "The version that counts now." })
  configuration!: ConfigurationVersion;
}

@InputType({ description: "What `updatePlatformConfiguration` takes." })
export class UpdatePlatformConfigurationInput extends ConfigurationChangeInput {}

@ObjectType({ description: "What `updatePlatformConfiguration` answers." })
@Allow(inherit)
export class UpdatePlatformConfigurationPayload {
  @Field(() => ConfigurationVersion, { description: "The version that counts now." })
  configuration!: ConfigurationVersion;
}

@InputType({ description: "What `updatePlanConfiguration` takes." })
export class UpdatePlanConfigurationInput extends ConfigurationChangeInput {
  @Field(() => Plan, { description: "Whose tenants inherit it." })
  plan!: Plan;
}

@ObjectType({ description: "What `updatePlanConfiguration` answers." })
@Allow(inherit)
export class UpdatePlanConfigurationPayload {
  @Field(() => ConfigurationVersion, { description: "The version that counts now." })
  configuration!: ConfigurationVersion;
}

@InputType({ description: "What `updateContractConfiguration` takes." })
export class UpdateContractConfigurationInput extends ConfigurationChangeInput {
  @Field(() => ID, { description: "With whom it was agreed." })
  tenantId!: string;
}

@ObjectType({ description: "What `updateContractConfiguration` answers." })
@Allow(inherit)
export class UpdateContractConfigurationPayload {
  @Field(() => ConfigurationVersion, { description: "The version that counts now." })
  configuration!: ConfigurationVersion;
}
