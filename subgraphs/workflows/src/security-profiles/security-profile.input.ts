import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Limits of one attempt of a program, from 1. Omitted members limit nothing." })
export class SecurityProfileLimitsInput {
  @Field(() => Int, { nullable: true, description: "Memory, in megabytes." })
  memoryMb?: number | null;

  @Field(() => Int, { nullable: true, description: "Processor time, in seconds." })
  processorSeconds?: number | null;

  @Field(() => Int, { nullable: true, description: "Time, in seconds." })
  wallSeconds?: number | null;

  @Field(() => Int, { nullable: true, description: "Output, in kilobytes." })
  outputKb?: number | null;

  @Field(() => Int, { nullable: true, description: "Size of the workspace, in megabytes." })
  workspaceMb?: number | null;

  @Field(() => Int, { nullable: true, description: "Number of files in the workspace." })
  files?: number | null;

  @Field(() => Int, { nullable: true, description: "Number of processes." })
  processes?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether the program can have a network, if its step asks for one. It reaches the hosts of `domains` only, and needs such a list.",
  })
  network?: boolean | null;
}

@InputType({ description: "What a security profile allows. Omitted members narrow nothing; an empty list allows nothing." })
export class SecurityProfileRulesInput {
  @Field(() => [String], { nullable: true, description: "Step types, at most 200. `custom` stands for all types of the host application." })
  stepTypes?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Programs, such as `git`, at most 200." })
  commands?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Hosts, such as `api.example.com` or `*.example.com`, at most 200." })
  domains?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Names of secrets, at most 200." })
  secrets?: string[] | null;

  @Field(() => SecurityProfileLimitsInput, { nullable: true, description: "Limits of programs." })
  limits?: SecurityProfileLimitsInput | null;

  @Field(() => Int, { nullable: true, description: "Maximum number of steps of a run that are done at the same time, from 1." })
  concurrency?: number | null;
}

@InputType({ description: "Input of `createSecurityProfile`." })
export class CreateSecurityProfileInput {
  @Field(() => String, {
    description: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens or underscores. Cannot be changed.",
  })
  key!: string;

  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { nullable: true, description: "What it is for (up to 1,000 characters)." })
  description?: string | null;

  @Field(() => SecurityProfileRulesInput, { description: "What it allows." })
  rules!: SecurityProfileRulesInput;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateSecurityProfile`. Omitted fields keep their values." })
export class UpdateSecurityProfileInput {
  @Field(() => ID, { description: "The security profile." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New description (up to 1,000 characters)." })
  description?: string | null;

  @Field(() => SecurityProfileRulesInput, { nullable: true, description: "New rules, which replace all of the previous ones." })
  rules?: SecurityProfileRulesInput | null;
}
