import { Allow, connectionOf, DateTimeScalar, inherit, JsonScalar } from "@weft/shared";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Present } from "./configuration.service.js";
import type { VersionRow } from "./configuration.store.js";

export enum ConfigurationLevel {
  PLATFORM = "PLATFORM",
  PLAN = "PLAN",
  CONTRACT = "CONTRACT",
  TENANT = "TENANT",
  TEAM = "TEAM",
}
registerEnumType(ConfigurationLevel, {
  name: "ConfigurationLevel",
  description: "Where a value is set; each level inherits from those before it.",
  valuesConfig: {
    PLATFORM: { description: "The whole installation." },
    PLAN: { description: "All tenants of a plan." },
    CONTRACT: { description: "What the platform's operators set for one tenant." },
    TENANT: { description: "What the tenant sets for itself." },
    TEAM: { description: "A team of the tenant." },
  },
});

@ObjectType({ description: "One version of the configuration at a level. Versions stay; the last one counts." })
@Allow(inherit)
export class ConfigurationVersion {
  /** UUID */
  readonly teamUuid!: string | null;
  /** UUID */
  readonly authorUuid!: string | null;

  @Field(() => ConfigurationLevel, { description: "Where it counts." })
  level!: ConfigurationLevel;

  @Field(() => Int, { description: "From 1; 0 where nothing was ever set." })
  version!: number;

  @Field(() => JsonScalar, {
    description: "What this level sets; see `configurationSchema`. What it leaves out comes from the level above.",
  })
  document!: unknown;

  @Field(() => String, {
    nullable: true,
    description: "Why it was written; null for version 0, and at CONTRACT for whoever is no operator.",
  })
  message!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was written; null for version 0." })
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

/** The present version; where nothing was ever set, an empty one. */
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

  @Field(() => DifferenceKind, { description: "Whether the later one sets it anew, otherwise, or not any more." })
  kind!: DifferenceKind;

  @Field(() => JsonScalar, { nullable: true, description: "In the version `from`; null where it sets none." })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "In the version `to`; null where it sets none." })
  after!: unknown;
}

@ObjectType({ description: "The version that a value comes from." })
@Allow(inherit)
export class ConfigurationSource {
  /** UUID */
  readonly authorUuid!: string | null;

  @Field(() => ConfigurationLevel, { description: "Where it is set." })
  level!: ConfigurationLevel;

  @Field(() => Int, { description: "By which version there." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When that version was written." })
  changedAt!: string;

  @Field(() => String, { nullable: true, description: "Its message; null for those of the platform's operators." })
  message!: string | null;
}

@ObjectType({ description: "A setting as it counts." })
@Allow(inherit)
export class ConfigurationEntry {
  @Field(() => String, { description: "`security.passwordMinLength`" })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "What counts. Of limits null: there is none." })
  value!: unknown;

  @Field(() => ConfigurationSource, { nullable: true, description: "Where it comes from; null: the default of the schema." })
  source!: ConfigurationSource | null;
}

@ObjectType({ description: "What counts in a tenant or a team, from all levels." })
@Allow(inherit)
export class EffectiveConfiguration {
  @Field(() => JsonScalar, { description: "All values that you may see, as one document." })
  value!: unknown;

  @Field(() => [ConfigurationEntry], { description: "Setting by setting, in the order of the schema." })
  entries!: ConfigurationEntry[];
}
