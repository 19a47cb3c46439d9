import { ConnectionArgs } from "@weft/api/pages";
import { JsonScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { Plan } from "../tenants/tenant.type.js";
import { ConfigurationLevel } from "./configuration.type.js";

const levelText = "TENANT or TEAM. Default: TEAM if a team is given, otherwise TENANT.";

/** Which configuration a query reads. */
@ArgsType()
export class ConfigurationPlaceArgs {
  @Field(() => ConfigurationLevel, {
    nullable: true,
    description:
      "Level. Default: TEAM if a team is given, PLAN if a plan is given, otherwise TENANT. PLATFORM and PLAN require platform.read.",
  })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "Team, for the level TEAM." })
  teamId?: string | null;

  @Field(() => Plan, { nullable: true, description: "Plan, for the level PLAN." })
  plan?: Plan | null;
}

@ArgsType()
export class ConfigurationDiffArgs extends ConfigurationPlaceArgs {
  @Field(() => Int, { description: "A version. 0 is the empty document before the first version." })
  from!: number;

  @Field(() => Int, { description: "The version to compare with." })
  to!: number;
}

// Arguments with two parents, because TypeScript classes can extend only one.
@ArgsType()
export class ConfigurationVersionsArgs extends ConnectionArgs {
  @Field(() => ConfigurationLevel, {
    nullable: true,
    description:
      "Level. Default: TEAM if a team is given, PLAN if a plan is given, otherwise TENANT. PLATFORM and PLAN require platform.read.",
  })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "Team, for the level TEAM." })
  teamId?: string | null;

  @Field(() => Plan, { nullable: true, description: "Plan, for the level PLAN." })
  plan?: Plan | null;
}

/** Input fields common to all configuration changes. */
@InputType({ description: "Common input of configuration changes." })
export abstract class ConfigurationChangeInput {
  @Field(() => JsonScalar, {
    nullable: true,
    description: "Settings to set. Sections are merged; values, including lists and null, replace existing ones.",
  })
  patch?: unknown;

  @Field(() => [String], {
    nullable: true,
    description:
      "Paths of settings or sections to remove so that they are inherited again, for example `security.passwordMinLength`. Applied before `patch`.",
  })
  unset?: string[] | null;

  @Field(() => JsonScalar, { nullable: true, description: "Complete document, instead of `patch` and `unset`. See `configurationSchema`." })
  document?: unknown;

  @Field(() => String, { description: "Change message, stored with the version (1 to 2000 characters)." })
  message!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read, 0 before the first. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same version.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateConfiguration`." })
export class UpdateConfigurationInput extends ConfigurationChangeInput {
  @Field(() => ConfigurationLevel, { nullable: true, description: levelText })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "Team, for the level TEAM." })
  teamId?: string | null;
}

@InputType({ description: "Input of `rollbackConfiguration`." })
export class RollbackConfigurationInput {
  @Field(() => ConfigurationLevel, { nullable: true, description: levelText })
  level?: ConfigurationLevel | null;

  @Field(() => ID, { nullable: true, description: "Team, for the level TEAM." })
  teamId?: string | null;

  @Field(() => Int, { description: "Version whose document becomes the next version. 0 is the empty document before the first version." })
  toVersion!: number;

  @Field(() => String, { description: "Change message, stored with the version (1 to 2000 characters)." })
  message!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `updatePlatformConfiguration`." })
export class UpdatePlatformConfigurationInput extends ConfigurationChangeInput {}

@InputType({ description: "Input of `updatePlanConfiguration`." })
export class UpdatePlanConfigurationInput extends ConfigurationChangeInput {
  @Field(() => Plan, { description: "Plan whose tenants inherit the configuration." })
  plan!: Plan;
}

@InputType({ description: "Input of `updateContractConfiguration`." })
export class UpdateContractConfigurationInput extends ConfigurationChangeInput {
  @Field(() => ID, { description: "Tenant of the contract." })
  tenantId!: string;
}
