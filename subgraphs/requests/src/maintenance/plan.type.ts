import {
  Allow,
  can,
  connectionOf,
  DateTimeScalar,
  encodeId,
  inherit,
  JsonScalar,
  MissedRunPolicy,
  spanOf,
  Priority,
  payloadOf,
} from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { toDecimal, toMillionths } from "../meters/quantity.js";
import { User } from "../references.js";
import type { PlanRow } from "./plan.store.js";

export const MaintenancePlanStatus = { ACTIVE: "ACTIVE", PAUSED: "PAUSED", ENDED: "ENDED" } as const;
export type MaintenancePlanStatus = keyof typeof MaintenancePlanStatus;
registerEnumType(MaintenancePlanStatus, {
  name: "MaintenancePlanStatus",
  description: "Status of a maintenance plan.",
  valuesConfig: {
    ACTIVE: { description: "Requests are created." },
    PAUSED: { description: "No requests are created until the plan is resumed." },
    ENDED: { description: "No further occurrences are planned." },
  },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description: "A maintenance plan, which creates and submits requests by the calendar, by a meter, or by whichever comes first.",
})
@Allow(can("maintenancePlan.read"))
export class MaintenancePlan {
  @Field(() => ID, { description: "ID (`mpl_…`)." })
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => JsonScalar, { description: "Fields of the requests." })
  data!: Record<string, unknown>;

  @Field(() => Priority, { nullable: true, description: "Priority of the requests. Null: the default of their type." })
  priority!: Priority | null;

  @Field(() => String, { nullable: true, description: "Time from the occurrence to the due date of its request, in ISO 8601. Null: none." })
  dueIn!: string | null;

  @Field(() => [String], { description: "Tags of the requests." })
  tags!: string[];

  @Field(() => String, { nullable: true, description: "Cron expression of the planned times." })
  cron!: string | null;

  @Field(() => String, { nullable: true, description: "Interval between the planned times, in ISO 8601." })
  every!: string | null;

  @Field(() => String, { description: "IANA time zone of the cron expression." })
  timeZone!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Start. No time is planned before it." })
  startsAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "End. No time is planned at or after it." })
  endsAt!: string | null;

  @Field(() => String, { nullable: true, description: "Difference between the planned totals of the meter." })
  meterEvery!: string | null;

  @Field(() => String, { nullable: true, description: "How much before a planned total its request is created." })
  meterLead!: string | null;

  @Field(() => String, { nullable: true, description: "Next planned total of the meter." })
  nextTotal!: string | null;

  @Field(() => MissedRunPolicy, { description: "What happens with planned times at which no worker was running." })
  missedRuns!: MissedRunPolicy;

  @Field(() => String, { description: "Maximum age of a missed planned time that is made up for, in ISO 8601." })
  catchUpWindow!: string;

  @Field(() => User, {
    nullable: true,
    description:
      "User in whose name requests are created: the one who created the plan or changed it last. Null if you cannot see the user.",
  })
  owner!: User | null;

  @Field(() => MaintenancePlanStatus, { description: "Status." })
  status!: MaintenancePlanStatus;

  @Field(() => String, { nullable: true, description: "Reason for the pause. Null if the plan is not paused." })
  pauseReason!: string | null;

  @Field(() => User, { nullable: true, description: "User who paused the plan. Null if it is not paused or has paused itself." })
  pausedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the plan was paused. Null if it is not paused." })
  pausedAt!: string | null;

  @Field(() => Int, { description: "Number of consecutive occurrences that have failed. After five, the plan pauses itself." })
  failuresInRow!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the next request by the calendar. Null if none is planned." })
  nextAt!: string | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "User who created the plan. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** The underlying row, for field resolvers. */
  readonly row!: PlanRow;
}

export const { Connection: MaintenancePlanConnection } = connectionOf(MaintenancePlan);

const shortest = (value: string | null): string | null => (value === null ? null : toDecimal(toMillionths(value)));

/** Converts a row to its API type. */
export function toMaintenancePlan(row: PlanRow): MaintenancePlan {
  const id = encodeId("maintenancePlan", row.id);
  const isPaused = row.status === "PAUSED";
  const { name, data, priority, tags, cron, timeZone, startsAt, endsAt, failuresInRow, pausedAt, version, createdAt, updatedAt } = row;
  return Object.assign(new MaintenancePlan(), {
    id,
    nodeKey: id,
    name,
    data,
    priority,
    tags,
    cron,
    timeZone,
    startsAt,
    endsAt,
    failuresInRow,
    pausedAt,
    version,
    createdAt,
    updatedAt,
    dueIn: row.dueInSeconds === null ? null : spanOf(row.dueInSeconds),
    every: row.everySeconds === null ? null : spanOf(row.everySeconds),
    meterEvery: shortest(row.meterEvery),
    meterLead: row.meterId === null ? null : shortest(row.meterLead),
    nextTotal: shortest(row.nextTotal),
    missedRuns: row.missedRuns as MissedRunPolicy,
    catchUpWindow: spanOf(row.catchUpSeconds),
    owner: User.of(row.ownerId),
    status: row.status as MaintenancePlanStatus,
    pauseReason: isPaused ? (row.pauseReason ?? `${failuresInRow} consecutive occurrences failed.`) : null,
    pausedBy: row.pausedBy === null ? null : User.of(row.pausedBy),
    nextAt: row.status === "ACTIVE" ? row.nextRunAt : null,
    createdBy: User.of(row.createdBy),
    row,
  });
}

export const MaintenancePlanPayload = payloadOf(MaintenancePlan, "plan");
export type MaintenancePlanPayload = InstanceType<typeof MaintenancePlanPayload>;
