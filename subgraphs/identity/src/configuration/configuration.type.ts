import { Allow, connectionOf, DateTimeScalar, inherit, JsonScalar } from "@weft/shared";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Present, VersionRow } from "./configuration.store.js";

export enum ConfigurationLevel {
  PLATFORM = "PLATFORM",
  PLAN = "PLAN",
  CONTRACT = "CONTRACT",
  TENANT = "TENANT",
  TEAM = "TEAM",
}
registerEnumType(ConfigurationLevel, {
  name: "ConfigurationLevel",
  description: "Level at which a value is set. Each level inherits from those before it.",
  valuesConfig: {
    PLATFORM: { description: "The whole installation." },
    PLAN: { description: "All tenants of a plan." },
    CONTRACT: { description: "Settings that operators of the platform agreed with one tenant." },
    TENANT: { description: "Settings of the tenant itself." },
    TEAM: { description: "A team of the tenant." },
  },
});

@ObjectType({ description: "A version of the configuration at a level. Versions are kept; the latest one is in effect." })
@Allow(inherit)
export class ConfigurationVersion {
  /** UUID */
  readonly teamUuid!: string | null;
  /** UUID */
  readonly authorUuid!: string | null;

  @Field(() => ConfigurationLevel, { description: "Where the version applies." })
  level!: ConfigurationLevel;

  @Field(() => Int, { description: "Version number, starting at 1. 0 if nothing was ever set." })
  version!: number;

  @Field(() => JsonScalar, {
    description: "Settings of this level (see `configurationSchema`). Omitted settings are inherited from the level above.",
  })
  document!: unknown;

  @Field(() => String, {
    nullable: true,
    description: "Change message. Null for version 0, and at the level CONTRACT for users who are not operators.",
  })
  message!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Creation time. Null for version 0." })
  createdAt!: string | null;
}

export const { Connection: ConfigurationVersionConnection } = connectionOf(ConfigurationVersion);

export function toConfigurationVersion({
  level,
  subject,
  version,
  document,
  message,
  createdAt,
  authorId,
}: VersionRow): ConfigurationVersion {
  return Object.assign(new ConfigurationVersion(), {
    level: level as ConfigurationLevel,
    teamUuid: level === "TEAM" ? subject : null,
    version,
    document,
    message,
    createdAt,
    authorUuid: authorId,
  });
}

/** Returns the current version, or an empty one if nothing was ever set. */
export function toPresentVersion({ place, row }: Present): ConfigurationVersion {
  if (row) return toConfigurationVersion(row);
  const nothing = { ...place, version: 0, document: {}, message: "", createdAt: "", authorId: null };
  return Object.assign(toConfigurationVersion(nothing), { message: null, createdAt: null });
}

export enum DifferenceKind {
  ADDED = "ADDED",
  CHANGED = "CHANGED",
  REMOVED = "REMOVED",
}
registerEnumType(DifferenceKind, { name: "DifferenceKind", description: "How two versions differ in a setting." });

@ObjectType({ description: "A setting in which two versions differ." })
@Allow(inherit)
export class ConfigurationDifference {
  @Field(() => String, { description: "`security.passwordMinLength`" })
  path!: string;

  @Field(() => DifferenceKind, { description: "Whether the later version adds, changes, or removes the setting." })
  kind!: DifferenceKind;

  @Field(() => JsonScalar, { nullable: true, description: "Value in the version `from`. Null if it is not set there." })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Value in the version `to`. Null if it is not set there." })
  after!: unknown;
}

@ObjectType({ description: "The version that a value comes from." })
@Allow(inherit)
export class ConfigurationSource {
  /** UUID */
  readonly authorUuid!: string | null;

  @Field(() => ConfigurationLevel, { description: "Where the value is set." })
  level!: ConfigurationLevel;

  @Field(() => Int, { description: "Version that set the value." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time of that version." })
  changedAt!: string;

  @Field(() => String, { nullable: true, description: "Message of that version. Null for versions of platform operators." })
  message!: string | null;
}

@ObjectType({ description: "A setting with its effective value." })
@Allow(inherit)
export class ConfigurationEntry {
  @Field(() => String, { description: "`security.passwordMinLength`" })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Effective value. For limits, null means no limit." })
  value!: unknown;

  @Field(() => ConfigurationSource, { nullable: true, description: "Source of the value. Null if it is the default of the schema." })
  source!: ConfigurationSource | null;
}

@ObjectType({ description: "Effective configuration of a tenant or a team, from all levels." })
@Allow(inherit)
export class EffectiveConfiguration {
  @Field(() => JsonScalar, { description: "All values that you can see, as one document." })
  value!: unknown;

  @Field(() => [ConfigurationEntry], { description: "Settings one by one, in the order of the schema." })
  entries!: ConfigurationEntry[];
}
