import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType } from "type-graphql";
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

export const baselineColumns = columns({
  projectId: column.id("The project.", { shown: false }),
  ...column.shownOnly({ id: column.id("ID (`pbl_…`)."), number: column.int("Number within the project, starting at 1.") }),
  name: column.text("Name.", { max: 200, optional: true, created: "Name of the new baseline (1 to 200 characters)." }),
  baselineId: column.id("An earlier baseline of the project, which becomes the current one again.", { shown: false, optional: true }),
  expectedPlanVersion: column.int(
    "Version of the plan that you last read. The call fails with `CONFLICT` if the current version differs.",
    { shown: false, optional: true },
  ),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    isCurrent: column.flag("Whether it is the current one of the project."),
    planVersion: column.int("Version of the plan."),
    scopeNumber: column.int("Number of the version of the scope. Null if none was approved.", { nullable: true }),
    startAt: column.time("Planned start of the project."),
    finishAt: column.time("Planned finish of the project."),
    workMinutes: column.int("Planned work in minutes: the estimates of the tasks, or their durations."),
    budget: column.of(() => Money, "Budget. Null if there was none.", { nullable: true }),
    createdBy: column.of(() => User, "User who took the snapshot, or whose change of the scope made it.", { nullable: true }),
    createdAt: column.time("Creation time."),
  }),
});

@ShowColumns(baselineColumns)
@ObjectType({
  description:
    "The dates, the work, and the budget of a plan at one time. Variances compare them with the current plan: positive if that is later, or has more.",
})
@Allow(inherit)
export class ProjectBaseline extends shapeOf(baselineColumns) {
  /** For resolvers. */
  row!: BaselineRow;
}

export const SetProjectBaselineInput = createInputOf(
  "SetProjectBaselineInput",
  baselineColumns,
  "Input of `setProjectBaseline`. Provide a name for a new baseline, or the ID of an earlier one.",
);
export type SetProjectBaselineInput = InstanceType<typeof SetProjectBaselineInput>;

/** Converts a row to its API type. */
export const toBaseline = (row: BaselineRow): ProjectBaseline =>
  Object.assign(new ProjectBaseline(), baselineColumns.shown(row), {
    id: encodeId("projectBaseline", row.id),
    budget: toMoney(row.budgetAmount, row.currency),
    createdBy: User.of(row.createdBy),
    row,
  });

export const ProjectBaselinePayload = payloadOf(ProjectBaseline, "baseline");
export type ProjectBaselinePayload = InstanceType<typeof ProjectBaselinePayload>;
