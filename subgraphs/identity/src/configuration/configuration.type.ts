import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
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

const versionColumns = columns({
  level: column.of(() => ConfigurationLevel, "Where the version applies."),
  version: column.int("Version number, starting at 1. 0 if nothing was ever set."),
  document: column.json("Settings of this level (see `configurationSchema`). Omitted settings are inherited from the level above."),
  message: column.text("Change message. Null for version 0, and at the level CONTRACT for users who are not operators.", {
    nullable: true,
  }),
  createdAt: column.time("Creation time. Null for version 0.", { nullable: true }),
});

@ShowColumns(versionColumns)
@ObjectType({ description: "A version of the configuration at a level. Versions are kept; the latest one is in effect." })
@Allow(inherit)
export class ConfigurationVersion extends shapeOf(versionColumns) {
  /** UUID */
  readonly teamUuid!: string | null;
  /** UUID */
  readonly authorUuid!: string | null;
}

export const { Connection: ConfigurationVersionConnection } = connectionOf(ConfigurationVersion);

export function toConfigurationVersion(row: VersionRow): ConfigurationVersion {
  return Object.assign(new ConfigurationVersion(), versionColumns.shown(row), {
    level: row.level as ConfigurationLevel,
    teamUuid: row.level === "TEAM" ? row.subject : null,
    authorUuid: row.authorId,
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

const differenceColumns = columns({
  path: column.text("`security.passwordMinLength`"),
  kind: column.of(() => DifferenceKind, "Whether the later version adds, changes, or removes the setting."),
  before: column.json("Value in the version `from`. Null if it is not set there.", { nullable: true }),
  after: column.json("Value in the version `to`. Null if it is not set there.", { nullable: true }),
});

@ShowColumns(differenceColumns)
@ObjectType({ description: "A setting in which two versions differ." })
@Allow(inherit)
export class ConfigurationDifference extends shapeOf(differenceColumns) {}

const sourceColumns = columns({
  level: column.of(() => ConfigurationLevel, "Where the value is set."),
  version: column.int("Version that set the value."),
  changedAt: column.time("Creation time of that version."),
  message: column.text("Message of that version. Null for versions of platform operators.", { nullable: true }),
});

@ShowColumns(sourceColumns)
@ObjectType({ description: "The version that a value comes from." })
@Allow(inherit)
export class ConfigurationSource extends shapeOf(sourceColumns) {
  /** UUID */
  readonly authorUuid!: string | null;
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
