import type { ClockPreview, ExplainedChange } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { SlaStatus } from "@weft/api/sla-status";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../../principals/principal.type.js";
import { SlaClock, SlaIntervalCause, toSlaClock } from "../sla-clock.type.js";
import type { RecomputationRow } from "./recomputation.store.js";

export enum SlaRecomputationStatus {
  PENDING = "PENDING",
  RUNNING = "RUNNING",
  COMPLETED = "COMPLETED",
}
registerEnumType(SlaRecomputationStatus, {
  name: "SlaRecomputationStatus",
  description: "Statuses of a recomputation of SLA clocks.",
  valuesConfig: {
    PENDING: { description: "It has not begun." },
    RUNNING: { description: "Some of the clocks have been examined." },
    COMPLETED: { description: "All clocks have been examined." },
  },
});

@ObjectType({ description: "What an SLA clock says with the terms of a moment." })
@Allow(inherit)
export class SlaClockTerms {
  @Field(() => Int, { description: "Target, in working seconds." })
  targetSeconds!: number;

  @Field(() => SlaStatus, { description: "Status." })
  status!: SlaStatus;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when the target is reached, or was. Null while the clock is paused." })
  dueAt!: string | null;
}

@ObjectType({ description: "A change of an SLA clock by other terms. The time consumed stays." })
@Allow(inherit)
export class SlaClockChange {
  @Field(() => SlaClock, { description: "The clock, in its current state." })
  clock!: SlaClock;

  @Field(() => SlaClockTerms, { description: "Before the change." })
  before!: SlaClockTerms;

  @Field(() => SlaClockTerms, { description: "After the change." })
  after!: SlaClockTerms;
}

export const { Connection: SlaClockChangeConnection } = connectionOf(SlaClockChange);

@ObjectType({ description: "What a change of a policy or a calendar would do to open SLA clocks. Nothing is written." })
@Allow(inherit)
export class SlaPreview {
  @Field(() => Int, { description: "Number of open clocks that the change concerns." })
  openClocks!: number;

  @Field(() => Int, { description: "Number of clocks that this page has examined." })
  examinedClocks!: number;

  @Field(() => [SlaClockChange], { description: "The examined clocks that would change." })
  changes!: SlaClockChange[];

  @Field(() => String, { nullable: true, description: "Pass it as `cursor` to examine the next clocks. Null if none are left." })
  nextCursor!: string | null;
}

const slaRecomputationColumns = columns({
  id: column.id("ID (`slr_…`)."),
  cause: column.of(() => SlaIntervalCause, "POLICY_CHANGE or CALENDAR_CHANGE."),
  definitionKey: column.text("Key of the definition whose clocks it concerns. Null for all definitions.", { nullable: true }),
  message: column.text("Message of the change.", { nullable: true }),
  status: column.of(() => SlaRecomputationStatus, "Status."),
  total: column.int("Number of open clocks. Null before it has begun.", { nullable: true }),
  examined: column.int("Number of clocks that have been examined."),
  changed: column.int("Number of clocks that have changed."),
  changes: column.of(() => SlaClockChangeConnection, "Clocks that have changed.", { nullable: true, resolved: true }),
  requestedBy: column.of(() => User, "User who made the change. Null if you cannot see the user.", { nullable: true }),
  createdAt: column.time("Time of the change."),
  completedAt: column.time("Time of completion. Null before it.", { nullable: true }),
});

@ShowColumns(slaRecomputationColumns)
@ObjectType({ description: "Recomputation of open SLA clocks after a change of a policy or a calendar." })
@Allow(canInTenant("sla.read"))
export class SlaRecomputation extends shapeOf(slaRecomputationColumns) {
  /** UUID, for the field resolver; not a field. */
  readonly uuid!: string;
}

export const { Connection: SlaRecomputationConnection } = connectionOf(SlaRecomputation);

export const toRecomputation = (row: RecomputationRow): SlaRecomputation => ({
  ...slaRecomputationColumns.shown(row),
  id: encodeId("slaRecomputation", row.id),
  uuid: row.id,
  cause: row.cause as SlaIntervalCause,
  status:
    row.completedAt !== null
      ? SlaRecomputationStatus.COMPLETED
      : row.waitsFor === null
        ? SlaRecomputationStatus.PENDING
        : SlaRecomputationStatus.RUNNING,
  requestedBy: User.ofOrNull(row.requestedBy),
});

type Terms = { readonly target: number; readonly status: string; readonly dueAt: string | null };

const toTerms = ({ target, status, dueAt }: Terms): SlaClockTerms => ({ targetSeconds: target, status: status as SlaStatus, dueAt });

export const toPreviewedChange = ({ row, before, after }: ClockPreview): SlaClockChange => ({
  clock: toSlaClock({ row, standing: before }),
  before: toTerms({ ...before, target: row.targetSeconds }),
  after: toTerms(after),
});

export const toClockChange = ({ clock, before, after }: ExplainedChange): SlaClockChange => ({
  clock: toSlaClock(clock),
  before: toTerms(before),
  after: toTerms(after),
});
