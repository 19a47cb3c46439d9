import { Allow, JsonScalar, inherit } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { BulkOperation } from "../bulk/bulk.type.js";

@InputType({ description: "A name of the old version, and the name that it has in the new one." })
export class RenamingInput {
  @Field(() => String, { description: "In the old version." })
  from!: string;

  @Field(() => String, { description: "In the new version." })
  to!: string;
}

@InputType({
  description:
    "How instances get from one version to another. What is not named keeps its name. Of the data, first `move`, then `set`, then `remove`.",
})
export class MigrationMappingInput {
  @Field(() => [RenamingInput], { nullable: true, description: "States that are called otherwise." })
  states?: RenamingInput[] | null;

  @Field(() => [RenamingInput], {
    nullable: true,
    description: "Tasks that are called otherwise. The task of a state that is mapped follows it.",
  })
  tasks?: RenamingInput[] | null;

  @Field(() => [RenamingInput], {
    nullable: true,
    description:
      'Steps that are called otherwise: `{ from: "review.approve", to: "check.accept" }`. `notSameAs` finds who did them. Steps of a mapped state whose transition keeps its name follow it.',
  })
  steps?: RenamingInput[] | null;

  @Field(() => [RenamingInput], {
    nullable: true,
    description: 'Values that stand elsewhere: `{ from: "data.amount", to: "data.total" }`.',
  })
  move?: RenamingInput[] | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "Paths in the data with their values, as in `set` of a definition's actions: a text is an expression, everything else stands for itself.",
  })
  set?: unknown;

  @Field(() => [String], { nullable: true, description: "Paths in the data that go." })
  remove?: string[] | null;
}

@ArgsType()
export class PlanMigrationArgs {
  @Field(() => ID, { description: "The version that the instances run on." })
  from!: string;

  @Field(() => ID, { description: "A published version of the same key." })
  to!: string;

  @Field(() => MigrationMappingInput, { nullable: true, description: "What is called otherwise, and what becomes of the data." })
  mapping?: MigrationMappingInput | null;
}

@InputType({ description: "Which instances to move to which version, and how." })
export class MigrateInstancesInput {
  @Field(() => ID, { description: "The version that the instances run on." })
  from!: string;

  @Field(() => ID, { description: "A published version of the same key." })
  to!: string;

  @Field(() => MigrationMappingInput, { nullable: true, description: "That of the plan." })
  mapping?: MigrationMappingInput | null;

  @Field(() => [ID], { nullable: true, description: "Only these, at most 1,000; else all that run, the oldest 10,000." })
  instanceIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "Why; stands in the history of each. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Reason for accepting that separation of duties becomes weaker (`WEAKER_RULES`, `UNMAPPED_STEP`). Counts for the instances in which you took no part; recorded in their history and the audit trail. At most 2,000 characters.",
  })
  acceptWeakerRules?: string | null;

  @Field(() => Int, { nullable: true, description: "The `total` of the plan; when others are found now, nothing is done: CONFLICT." })
  expectedTotal?: number | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which migration to take back." })
export class UndoMigrationInput {
  @Field(() => ID, { description: "The operation that migrated, `blk_…`." })
  operationId!: string;

  @Field(() => String, { nullable: true, description: "Why; stands in the history of each. At most 10,000 characters." })
  comment?: string | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The migration, which has begun." })
@Allow(inherit)
export class MigrateInstancesPayload {
  @Field(() => BulkOperation, { description: "As it is now; follow it by `bulkOperationChanged`." })
  operation!: BulkOperation;
}

@ObjectType({ description: "The taking back, which has begun." })
@Allow(inherit)
export class UndoMigrationPayload {
  @Field(() => BulkOperation, { description: "As it is now; follow it by `bulkOperationChanged`." })
  operation!: BulkOperation;
}
