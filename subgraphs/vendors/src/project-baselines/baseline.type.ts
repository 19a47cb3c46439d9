import { Allow, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Money, toMoney } from "../money/money.type.js";
import { User } from "../references.js";
import type { BaselineRow } from "./baseline.store.js";

@ObjectType({
  description: "A task in a baseline, compared with the current plan. Variances are positive if the plan is later, or has more work.",
})
@Allow(inherit)
export class BaselineTask {
  @Field(() => String, { description: "Name in the baseline, or in the plan if the task was added later." })
  name!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start in the baseline. Null if the task was added later." })
  startAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Finish in the baseline. Null if the task was added later." })
  finishAt!: string | null;

  @Field(() => Int, { nullable: true, description: "Work in the baseline, in minutes. Null if the task was added later." })
  workMinutes!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Planned start. Null if the task is deleted, or the plan has no schedule." })
  plannedStartAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Planned finish. Null if the task is deleted, or the plan has no schedule." })
  plannedFinishAt!: string | null;

  @Field(() => Int, { nullable: true, description: "By how many working minutes the start is later. Null if one of the dates is missing." })
  startVarianceMinutes!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "By how many working minutes the finish is later. Null if one of the dates is missing.",
  })
  finishVarianceMinutes!: number | null;

  @Field(() => Int, {
    description: "By how many minutes there is more work. A task that was added or deleted counts with all of its work.",
  })
  workVarianceMinutes!: number;

  /** UUID, for the resolver. */
  taskId!: string;
}

@ObjectType({
  description:
    "The dates, the work, and the budget of a plan at one time. Variances compare them with the current plan: positive if that is later, or has more.",
})
@Allow(inherit)
export class ProjectBaseline {
  @Field(() => ID, { description: "ID (`pbl_…`)." })
  id!: string;

  @Field(() => Int, { description: "Number within the project, starting at 1." })
  number!: number;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => Boolean, { description: "Whether it is the current one of the project." })
  isCurrent!: boolean;

  @Field(() => Int, { description: "Version of the plan." })
  planVersion!: number;

  @Field(() => Int, { nullable: true, description: "Number of the version of the scope. Null if none was approved." })
  scopeNumber!: number | null;

  @Field(() => DateTimeScalar, { description: "Planned start of the project." })
  startAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned finish of the project." })
  finishAt!: string;

  @Field(() => Int, { description: "Planned work in minutes: the estimates of the tasks, or their durations." })
  workMinutes!: number;

  @Field(() => Money, { nullable: true, description: "Budget. Null if there was none." })
  budget!: Money | null;

  @Field(() => User, { nullable: true, description: "User who took the snapshot, or whose change of the scope made it." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  /** For resolvers. */
  row!: BaselineRow;
}

@InputType({ description: "Input of `setProjectBaseline`. Provide a name for a new baseline, or the ID of an earlier one." })
export class SetProjectBaselineInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => String, { nullable: true, description: "Name of the new baseline (1 to 200 characters)." })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: "An earlier baseline of the project, which becomes the current one again." })
  baselineId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version of the plan that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedPlanVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

/** Converts a row to its API type. */
export function toBaseline(row: BaselineRow): ProjectBaseline {
  const { number, name, isCurrent, planVersion, scopeNumber, startAt, finishAt, workMinutes, createdAt } = row;
  return Object.assign(new ProjectBaseline(), {
    id: encodeId("projectBaseline", row.id),
    number,
    name,
    isCurrent,
    planVersion,
    scopeNumber,
    startAt,
    finishAt,
    workMinutes,
    budget: toMoney(row.budgetAmount, row.currency),
    createdBy: User.of(row.createdBy),
    createdAt,
    row,
  });
}

export const ProjectBaselinePayload = payloadOf(ProjectBaseline, "baseline");
export type ProjectBaselinePayload = InstanceType<typeof ProjectBaselinePayload>;
