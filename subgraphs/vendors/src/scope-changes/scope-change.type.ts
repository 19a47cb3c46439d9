import { encodeId } from "@weft/shared/ids";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Money } from "../money/money.type.js";
import { ScheduleViolation, type ScheduleViolationKind, toViolation } from "../project-schedule/project-schedule.type.js";
import { ShiftedTask } from "../project-schedule/shift-preview.type.js";
import { ScopeDifference } from "../project-scope/scope-version.type.js";
import { User, WorkflowInstance } from "../references.js";
import type { ShownScopeChange } from "./scope-change.store.js";

export enum ScopeChangeStatus {
  IN_APPROVAL = "IN_APPROVAL",
  APPLIED = "APPLIED",
  REJECTED = "REJECTED",
  STALE = "STALE",
  WITHDRAWN = "WITHDRAWN",
}
registerEnumType(ScopeChangeStatus, {
  name: "ScopeChangeStatus",
  description: "Status of a change of a scope.",
  valuesConfig: {
    IN_APPROVAL: { description: "Waits for its approval." },
    APPLIED: { description: "Approved and made, with a new version of the scope." },
    REJECTED: { description: "Not approved." },
    STALE: {
      description:
        "Approved, but not made, because the project, its scope, or its plan had changed since the proposal. See `refreshScopeChange`.",
    },
    WITHDRAWN: { description: "Withdrawn, or its approval was canceled." },
  },
});

@ObjectType({ description: "A task that a change of a scope adds, with its planned dates." })
@Allow(inherit)
export class ScopeImpactTask {
  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => DateTimeScalar, { description: "Planned start." })
  startAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned finish." })
  finishAt!: string;
}

@ObjectType({
  description: "What a change of a scope does to the dates, the work, and the budget of the project, computed before its approval.",
})
@Allow(inherit)
export class ScopeImpact {
  @Field(() => DateTimeScalar, { description: "Planned start of the project." })
  startAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned start after the change." })
  newStartAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned finish of the project." })
  finishAt!: string;

  @Field(() => DateTimeScalar, { description: "Planned finish after the change." })
  newFinishAt!: string;

  @Field(() => Int, { description: "By how many working minutes the project finishes later. Negative if earlier." })
  finishByMinutes!: number;

  @Field(() => Boolean, { description: "Whether the planned finish is after the last day of the project, both after the change." })
  isAfterLastDay!: boolean;

  @Field(() => Int, { description: "Planned work in minutes." })
  workMinutes!: number;

  @Field(() => Int, { description: "Planned work in minutes after the change." })
  newWorkMinutes!: number;

  @Field(() => String, { nullable: true, description: "First day of the project (`YYYY-MM-DD`)." })
  startsOn!: string | null;

  @Field(() => String, { nullable: true, description: "First day after the change." })
  newStartsOn!: string | null;

  @Field(() => String, { nullable: true, description: "Last day of the project (`YYYY-MM-DD`)." })
  endsOn!: string | null;

  @Field(() => String, { nullable: true, description: "Last day after the change." })
  newEndsOn!: string | null;

  @Field(() => Money, { nullable: true, description: "Budget." })
  budget!: Money | null;

  @Field(() => Money, { nullable: true, description: "Budget after the change." })
  newBudget!: Money | null;

  @Field(() => [ShiftedTask], { description: "Tasks whose planned dates change, in the order of the plan." })
  shiftedTasks!: ShiftedTask[];

  @Field(() => [ScopeImpactTask], { description: "New tasks." })
  addedTasks!: ScopeImpactTask[];

  @Field(() => [ScheduleViolation], { description: "Dates that are no longer met, or by a larger margin." })
  newViolations!: ScheduleViolation[];
}

@ObjectType({ description: "A change of the approved scope of a project, with its impact." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("scope.read"))
export class ScopeChange {
  @Field(() => ID, { description: "ID (`scc_…`)." })
  @Allow(inherit)
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => Int, { description: "Number within the project, starting at 1." })
  number!: number;

  @Field(() => ScopeChangeStatus, { description: "Status." })
  status!: ScopeChangeStatus;

  @Field(() => String, { description: "Why the change is proposed." })
  reason!: string;

  @Field(() => String, {
    nullable: true,
    description: "Why it is rejected, stale, or withdrawn. Null if it is not, or nobody gave a reason.",
  })
  outcomeReason!: string | null;

  @Field(() => [ScopeDifference], { description: "What changes in the scope, compared with the version `baseNumber`." })
  differences!: ScopeDifference[];

  @Field(() => ScopeImpact, {
    description: "What it does to the dates, the work, and the budget. Computed by the proposal, and by each refresh.",
  })
  impact!: ScopeImpact;

  @Field(() => Int, { description: "Number of the version of the scope that it changes." })
  baseNumber!: number;

  @Field(() => Int, { nullable: true, description: "Number of the version of the scope that it has made. Null unless it is applied." })
  appliedNumber!: number | null;

  @Field(() => WorkflowInstance, { nullable: true, description: "Workflow of the last approval." })
  workflow!: WorkflowInstance | null;

  @Field(() => User, { nullable: true, description: "User who proposed it." })
  createdBy!: User | null;

  @Field(() => Int, {
    description: "Version number of this record, incremented on every change. Pass it to mutations as `expectedVersion`.",
  })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Time of the proposal." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  row!: ShownScopeChange;
}

export const { Connection: ScopeChangeConnection } = connectionOf(ScopeChange, "ScopeChange");

/** Converts a row to its API type. */
export function toScopeChange(row: ShownScopeChange): ScopeChange {
  const id = encodeId("scopeChange", row.id);
  const { number, reason, outcomeReason, baseNumber, appliedNumber, version, createdAt, updatedAt } = row;
  return Object.assign(new ScopeChange(), {
    id,
    nodeKey: id,
    number,
    status: row.status as ScopeChangeStatus,
    reason,
    outcomeReason,
    differences: row.impact.differences.map((difference) => Object.assign(new ScopeDifference(), difference)),
    impact: toImpact(row.impact),
    baseNumber,
    appliedNumber,
    workflow: WorkflowInstance.of(row.instanceId),
    createdBy: User.of(row.createdBy),
    version,
    createdAt,
    updatedAt,
    row,
  });
}

const toImpact = ({ budget, newBudget, shiftedTasks, addedTasks, newViolations, ...rest }: ShownScopeChange["impact"]): ScopeImpact =>
  Object.assign(new ScopeImpact(), {
    ...rest,
    budget: budget && Object.assign(new Money(), budget),
    newBudget: newBudget && Object.assign(new Money(), newBudget),
    shiftedTasks: shiftedTasks.map((task) => Object.assign(new ShiftedTask(), task)),
    addedTasks: addedTasks.map((task) => Object.assign(new ScopeImpactTask(), task)),
    newViolations: newViolations.map((violation) =>
      toViolation({ ...violation, kind: violation.kind as keyof typeof ScheduleViolationKind }),
    ),
  });
