import { BUILT_IN_PROFILES, type ProfileRules, type ProgramLimits, type SecurityProfile as ProfileOf } from "@weft/engine";
import { automationRules } from "@weft/drizzle";
import { Allow, canInTenant, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";

const { securityProfiles } = automationRules;
export type SecurityProfileRow = typeof securityProfiles.$inferSelect;

@ObjectType({ description: "Limits of one attempt of a program. Null: no limit, apart from those of other profiles." })
@Allow(inherit)
export class SecurityProfileLimits implements Nullable<ProgramLimits> {
  @Field(() => Int, { nullable: true, description: "Memory, in megabytes." })
  memoryMb!: number | null;

  @Field(() => Int, { nullable: true, description: "Processor time, in seconds." })
  processorSeconds!: number | null;

  @Field(() => Int, { nullable: true, description: "Time, in seconds." })
  wallSeconds!: number | null;

  @Field(() => Int, { nullable: true, description: "Output, in kilobytes." })
  outputKb!: number | null;

  @Field(() => Int, { nullable: true, description: "Size of the workspace, in megabytes." })
  workspaceMb!: number | null;

  @Field(() => Int, { nullable: true, description: "Number of files in the workspace." })
  files!: number | null;

  @Field(() => Int, { nullable: true, description: "Number of processes." })
  processes!: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether the program can have a network, if its step asks for one. It reaches the hosts of `domains` only, and needs such a list.",
  })
  network!: boolean | null;
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

@ObjectType({ description: "What the steps of a run may do. Profiles narrow each other: only what all of them allow can happen." })
@Allow(inherit)
export class SecurityProfileRules {
  @Field(() => [String], {
    nullable: true,
    description: "Step types that may run. `custom` stands for all types of the host application. Null: all.",
  })
  stepTypes!: readonly string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Programs that `script` may start, and that `shell` finds. Null: all of the sandbox.",
  })
  commands!: readonly string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Hosts that steps may reach, such as `api.example.com` or `*.example.com`. Null: all that the installation allows.",
  })
  domains!: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: "Names of the secrets that steps may read. Null: all of the organization." })
  secrets!: readonly string[] | null;

  @Field(() => SecurityProfileLimits, { description: "Limits of programs." })
  limits!: SecurityProfileLimits;

  @Field(() => Int, { nullable: true, description: "Maximum number of steps of a run that are done at the same time. Null: no limit." })
  concurrency!: number | null;
}

@ObjectType({ description: "A security profile: built-in, or of the organization." })
@Allow(canInTenant("securityProfile.read"))
export class SecurityProfile {
  @Field(() => ID, { nullable: true, description: "ID (`spf_…`). Null for a built-in profile." })
  id!: string | null;

  @Field(() => String, { description: "Key. Definitions and the configuration refer to it." })
  key!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "What it is for." })
  description!: string;

  @Field(() => Boolean, { description: "Whether it is built in. Built-in profiles cannot be changed." })
  isBuiltIn!: boolean;

  @Field(() => SecurityProfileRules, {
    description: "What it allows. A profile of the organization only narrows the built-in one that applies.",
  })
  rules!: SecurityProfileRules;

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Creation time. Null for a built-in profile." })
  createdAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last change. Null for a built-in profile." })
  updatedAt!: string | null;
}

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

export const toRules = ({
  stepTypes,
  commands,
  domains,
  secrets,
  limits,
  concurrency,
}: ProfileRules | ProfileOf): SecurityProfileRules => ({
  stepTypes: stepTypes ?? null,
  commands: commands ?? null,
  domains: domains ?? null,
  secrets: secrets ?? null,
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
  concurrency: limit(concurrency),
});

export const toSecurityProfile = (row: SecurityProfileRow): SecurityProfile => ({
  id: encodeId("securityProfile", row.id),
  key: row.key,
  name: row.name,
  description: row.description,
  isBuiltIn: false,
  rules: toRules(row.rules),
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
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
