import type { ClockPreview, ExplainedChange } from "@weft/engine";
import { Allow, DateTimeScalar, canInTenant, connectionOf, encodeId, inherit, SlaStatus } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "Recomputation of open SLA clocks after a change of a policy or a calendar." })
@Allow(canInTenant("sla.read"))
export class SlaRecomputation {
  @Field(() => ID, { description: "ID (`slr_…`)." })
  id!: string;

  @Field(() => SlaIntervalCause, { description: "POLICY_CHANGE or CALENDAR_CHANGE." })
  cause!: SlaIntervalCause;

  @Field(() => String, { nullable: true, description: "Key of the definition whose clocks it concerns. Null for all definitions." })
  definitionKey!: string | null;

  @Field(() => String, { nullable: true, description: "Message of the change." })
  message!: string | null;

  @Field(() => SlaRecomputationStatus, { description: "Status." })
  status!: SlaRecomputationStatus;

  @Field(() => Int, { nullable: true, description: "Number of open clocks. Null before it has begun." })
  total!: number | null;

  @Field(() => Int, { description: "Number of clocks that have been examined." })
  examined!: number;

  @Field(() => Int, { description: "Number of clocks that have changed." })
  changed!: number;

  @Field(() => SlaClockChangeConnection, { nullable: true, description: "Clocks that have changed." })
  changes?: unknown;

  @Field(() => User, { nullable: true, description: "User who made the change. Null if you cannot see the user." })
  requestedBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the change." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of completion. Null before it." })
  completedAt!: string | null;

  /** UUID, for the field resolver; not a field. */
  readonly uuid!: string;
}

export const { Connection: SlaRecomputationConnection } = connectionOf(SlaRecomputation);

export function toRecomputation(row: RecomputationRow): SlaRecomputation {
  const { cause, definitionKey, message, total, examined, changed, createdAt, completedAt } = row;
  return {
    id: encodeId("slaRecomputation", row.id),
    uuid: row.id,
    cause: cause as SlaIntervalCause,
    definitionKey,
    message,
    status:
      completedAt !== null
        ? SlaRecomputationStatus.COMPLETED
        : row.waitsFor === null
          ? SlaRecomputationStatus.PENDING
          : SlaRecomputationStatus.RUNNING,
    total,
    examined,
    changed,
    requestedBy: User.ofOrNull(row.requestedBy),
    createdAt,
    completedAt,
  };
}

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
