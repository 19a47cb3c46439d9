import { BUILT_IN_PROFILES, type ProfileRules, type ProgramLimits, type SecurityProfile as ProfileOf } from "@weft/engine";
import { automationRules } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import * as commonColumns from "../common-columns.js";

const { securityProfiles } = automationRules;
export type SecurityProfileRow = typeof securityProfiles.$inferSelect;

const limitColumns = columns({
  memoryMb: column.int("Memory, in megabytes.", { nullable: true }),
  processorSeconds: column.int("Processor time, in seconds.", { nullable: true }),
  wallSeconds: column.int("Time, in seconds.", { nullable: true }),
  outputKb: column.int("Output, in kilobytes.", { nullable: true }),
  workspaceMb: column.int("Size of the workspace, in megabytes.", { nullable: true }),
  files: column.int("Number of files in the workspace.", { nullable: true }),
  processes: column.int("Number of processes.", { nullable: true }),
  network: column.flag(
    "Whether the program can have a network, if its step asks for one. It reaches the hosts of `domains` only, and needs such a list.",
    { nullable: true },
  ),
});

@ShowColumns(limitColumns)
@ObjectType({ description: "Limits of one attempt of a program. Null: no limit, apart from those of other profiles." })
@Allow(inherit)
export class SecurityProfileLimits extends shapeOf(limitColumns) implements Nullable<ProgramLimits> {}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

export const SecurityProfileLimitsInput = createInputOf(
  "SecurityProfileLimitsInput",
  limitColumns,
  "Limits of one attempt of a program, from 1. Omitted members limit nothing.",
);
export type SecurityProfileLimitsInput = InstanceType<typeof SecurityProfileLimitsInput>;

const ruleColumns = columns({
  stepTypes: column.texts("Step types, at most 200. `custom` stands for all types of the host application.", {
    shown: "Step types that may run. `custom` stands for all types of the host application. Null: all.",
    nullable: true,
  }),
  commands: column.texts("Programs, such as `git`, at most 200.", {
    shown: "Programs that `script` may start, and that `shell` finds. Null: all of the sandbox.",
    nullable: true,
  }),
  domains: column.texts("Hosts, such as `api.example.com` or `*.example.com`, at most 200.", {
    shown: "Hosts that steps may reach, such as `api.example.com` or `*.example.com`. Null: all that the installation allows.",
    nullable: true,
  }),
  secrets: column.texts("Names of secrets, at most 200.", {
    shown: "Names of the secrets that steps may read. Null: all of the organization.",
    nullable: true,
  }),
  limits: column.pair(
    () => SecurityProfileLimits,
    () => SecurityProfileLimitsInput,
    "Limits of programs.",
    { optional: true },
  ),
  concurrency: column.int("Maximum number of steps of a run that are done at the same time, from 1.", {
    shown: "Maximum number of steps of a run that are done at the same time. Null: no limit.",
    nullable: true,
  }),
});

@ShowColumns(ruleColumns)
@ObjectType({ description: "What the steps of a run may do. Profiles narrow each other: only what all of them allow can happen." })
@Allow(inherit)
export class SecurityProfileRules extends shapeOf(ruleColumns) {}

export const SecurityProfileRulesInput = createInputOf(
  "SecurityProfileRulesInput",
  ruleColumns,
  "What a security profile allows. Omitted members narrow nothing; an empty list allows nothing.",
);
export type SecurityProfileRulesInput = InstanceType<typeof SecurityProfileRulesInput>;

export const securityProfileColumns = columns({
  id: column.id("ID (`spf_…`). Null for a built-in profile.", {
    created: false,
    updated: "The security profile.",
    requiredInUpdate: true,
    isKey: true,
    shownNullable: true,
  }),
  ...commonColumns.readVersion,
  key: column.text("Key. Definitions and the configuration refer to it.", {
    created: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens or underscores. Cannot be changed.",
    updated: false,
  }),
  name: column.text("Name.", { max: 200, updated: "New name (1 to 200 characters)." }),
  description: column.text("What it is for.", {
    max: 1_000,
    mayBeEmpty: true,
    hasLines: true,
    created: "What it is for (up to 1,000 characters).",
    updated: "New description (up to 1,000 characters).",
    optional: true,
  }),
  ...column.shownOnly({ isBuiltIn: column.flag("Whether it is built in. Built-in profiles cannot be changed.") }),
  rules: column.pair(
    () => SecurityProfileRules,
    () => SecurityProfileRulesInput,
    "What it allows.",
    {
      shown: "What it allows. A profile of the organization only narrows the built-in one that applies.",
      updated: "New rules, which replace all of the previous ones.",
    },
  ),
  ...standardColumns.idempotencyKey,
  ...commonColumns.version,
  ...column.shownOnly({
    createdAt: column.time("Creation time. Null for a built-in profile.", { nullable: true }),
    updatedAt: column.time("Time of the last change. Null for a built-in profile.", { nullable: true }),
  }),
});

@ShowColumns(securityProfileColumns)
@ObjectType({ description: "A security profile: built-in, or of the organization." })
@Allow(canInTenant("securityProfile.read"))
export class SecurityProfile extends shapeOf(securityProfileColumns) {}

export const CreateSecurityProfileInput = createInputOf("CreateSecurityProfileInput", securityProfileColumns);
export type CreateSecurityProfileInput = InstanceType<typeof CreateSecurityProfileInput>;

export const UpdateSecurityProfileInput = updateInputOf("UpdateSecurityProfileInput", securityProfileColumns);
export type UpdateSecurityProfileInput = InstanceType<typeof UpdateSecurityProfileInput>;

@ObjectType({
  description: "The security profile with which a run has begun: the intersection of those of the organization and of the definition.",
})
@Allow(canInTenant("securityProfile.read"))
export class RunSecurityProfile {
  @Field(() => String, { description: "Keys of the profiles, joined by `+`. `definition`: the rules of the definition." })
  key!: string;

  @Field(() => SecurityProfileRules, { description: "What the run may do." })
  rules!: SecurityProfileRules;
}

/** Numbers that large are no limit. */
const limit = (value: number | undefined): number | null => (value === undefined || value > 2 ** 31 - 1 ? null : value);

export const toRules = ({ limits, ...rules }: ProfileRules | ProfileOf): SecurityProfileRules =>
  Object.assign(new SecurityProfileRules(), {
    stepTypes: rules.stepTypes ?? null,
    commands: rules.commands ?? null,
    domains: rules.domains ?? null,
    secrets: rules.secrets ?? null,
    limits: {
      memoryMb: limit(limits?.memoryMb),
      processorSeconds: limit(limits?.processorSeconds),
      wallSeconds: limit(limits?.wallSeconds),
      outputKb: limit(limits?.outputKb),
      workspaceMb: limit(limits?.workspaceMb),
      files: limit(limits?.files),
      processes: limit(limits?.processes),
      network: limits?.network ?? null,
    },
    concurrency: limit(rules.concurrency),
  });

export const toSecurityProfile = (row: SecurityProfileRow): SecurityProfile => ({
  ...securityProfileColumns.shown(row),
  id: encodeId("securityProfile", row.id),
  isBuiltIn: false,
  rules: toRules(row.rules),
});

/** From the narrowest to the widest. */
export const builtInProfiles = (): SecurityProfile[] =>
  Object.entries(BUILT_IN_PROFILES).map(([key, { name, description, profile }]) => ({
    id: null,
    key,
    name,
    description,
    isBuiltIn: true,
    rules: toRules(profile),
    version: 1,
    createdAt: null,
    updatedAt: null,
  }));

export const SecurityProfilePayload = payloadOf(SecurityProfile, "securityProfile");
export type SecurityProfilePayload = InstanceType<typeof SecurityProfilePayload>;
