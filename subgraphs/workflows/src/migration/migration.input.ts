import { JsonScalar } from "@weft/api/scalars";
import { ArgsType, Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "A name in the old version, and the corresponding name in the new version." })
export class RenamingInput {
  @Field(() => String, { description: "Name in the old version." })
  from!: string;

  @Field(() => String, { description: "Name in the new version." })
  to!: string;
}

@InputType({
  description:
    "How instances are migrated from one version to another. Names that are not listed are unchanged. The data is changed by `move`, then `set`, then `remove`.",
})
export class MigrationMappingInput {
  @Field(() => [RenamingInput], { nullable: true, description: "Renamed states." })
  states?: RenamingInput[] | null;

  @Field(() => [RenamingInput], {
    nullable: true,
    description: "Renamed tasks. The task of a mapped state is mapped automatically.",
  })
  tasks?: RenamingInput[] | null;

  @Field(() => [RenamingInput], {
    nullable: true,
    description:
      'Renamed steps: `{ from: "review.approve", to: "check.accept" }`. `notSameAs` uses them to find who performed a step. Steps of a mapped state whose transition keeps its name are mapped automatically.',
  })
  steps?: RenamingInput[] | null;

  @Field(() => [RenamingInput], {
    nullable: true,
    description: 'Values that are moved: `{ from: "data.amount", to: "data.total" }`.',
  })
  move?: RenamingInput[] | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Paths in the data with their new values, as in the `set` action of a definition: strings are expressions, other values are literals.",
  })
  set?: unknown;

  @Field(() => [String], { nullable: true, description: "Paths in the data to remove." })
  remove?: string[] | null;
}

@ArgsType()
export class PlanMigrationArgs {
  @Field(() => ID, { description: "The version that the instances run on." })
  from!: string;

  @Field(() => ID, { description: "A published version of the same key." })
  to!: string;

  @Field(() => MigrationMappingInput, { nullable: true, description: "Mapping of names, and changes of the data." })
  mapping?: MigrationMappingInput | null;
}

@InputType({ description: "The instances to migrate, the target version, and the mapping." })
export class MigrateInstancesInput {
  @Field(() => ID, { description: "The version that the instances run on." })
  from!: string;

  @Field(() => ID, { description: "A published version of the same key." })
  to!: string;

  @Field(() => MigrationMappingInput, { nullable: true, description: "Mapping of the plan." })
  mapping?: MigrationMappingInput | null;

  @Field(() => [ID], {
    nullable: true,
    description: "IDs of the instances, at most 1,000. If omitted, all running instances, at most the oldest 10,000.",
  })
  instanceIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Comment, added to the history of each instance. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Reason for accepting weaker separation of duties (`WEAKER_RULES`, `UNMAPPED_STEP`). Applies only to instances in which you took no part. Recorded in their history and in the audit trail. At most 2,000 characters.",
  })
  acceptWeakerRules?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "The `total` of the plan. If the number of instances differs now, the call fails with `CONFLICT` and nothing is done.",
  })
  expectedTotal?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "The migration to undo." })
export class UndoMigrationInput {
  @Field(() => ID, { description: "ID of the migration operation (`blk_…`)." })
  operationId!: string;

  @Field(() => String, { nullable: true, description: "Comment, added to the history of each instance. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
