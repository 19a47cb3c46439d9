import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf, Priority } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import { MissedRunPolicy, spanOf } from "@weft/api/timing";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { toDecimal, toMillionths } from "../meters/quantity.js";
import { User } from "../references.js";
import { MaintenanceMeterInput, MaintenanceTemplateInput } from "./plan.input.js";
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

export const planColumns = columns({
  ...standardColumns.nodeKey,
  ...column.shownOnly({
    data: column.jsonObject("Fields of the requests."),
    priority: column.of(() => Priority, "Priority of the requests. Null: the default of their type.", { nullable: true }),
    dueIn: column.text("Time from the occurrence to the due date of its request, in ISO 8601. Null: none.", { nullable: true }),
    tags: column.texts("Tags of the requests."),
  }),
  cron: column.text("Cron expression of the planned times.", {
    created: "Cron expression of the planned times: minute, hour, day of month, month, day of week, such as `0 8 1 */3 *`.",
    nullable: true,
  }),
  every: column.text("Interval between the planned times, in ISO 8601.", {
    created: "Interval between the planned times in ISO 8601, such as PT336H. At least PT1H.",
    nullable: true,
  }),
  timeZone: column.text("IANA time zone of the cron expression.", {
    created: "IANA time zone of the cron expression (default for new plans: that of the building, or of the organization).",
    optional: true,
  }),
  startsAt: column.time("Start. No time is planned before it.", { nullable: true }),
  endsAt: column.time("End. No time is planned at or after it.", { nullable: true }),
  ...column.shownOnly({
    meterEvery: column.text("Difference between the planned totals of the meter.", { nullable: true }),
    meterLead: column.text("How much before a planned total its request is created.", { nullable: true }),
    nextTotal: column.text("Next planned total of the meter.", { nullable: true }),
  }),
  missedRuns: column.of(() => MissedRunPolicy, "What happens with planned times at which no worker was running.", {
    created: "What happens with planned times at which no worker was running (default for new plans: RUN_ONCE).",
    optional: true,
  }),
  catchUpWindow: column.text("Maximum age of a missed planned time that is made up for, in ISO 8601.", {
    created: "Maximum age of a missed planned time that is made up for, in ISO 8601 (default P7D, maximum P31D).",
    optional: true,
  }),
  id: column.id("ID (`mpl_…`).", {
    shownBefore: "nodeKey",
    created: false,
    updated: "ID of the plan (`mpl_…`).",
    requiredInUpdate: true,
    isKey: true,
  }),
  ...standardColumns.expectedVersion,
  name: column.text("Name.", { max: 200, shownBefore: "data" }),
  template: column.of(() => MaintenanceTemplateInput, "Template of the requests.", {
    shown: false,
    updated: "Template. It replaces the earlier one.",
  }),
  meter: column.of(() => MaintenanceMeterInput, "Meter.", {
    shown: false,
    created: "Meter. With a calendar too, a request is created by whichever comes first.",
    updated: "Meter. It replaces the earlier one.",
    nullable: true,
  }),
  ...column.shownOnly({
    owner: column.of(
      () => User,
      "User in whose name requests are created: the one who created the plan or changed it last. Null if you cannot see the user.",
      { shownNullable: true },
    ),
    status: column.of(() => MaintenancePlanStatus, "Status."),
    pauseReason: column.text("Reason for the pause. Null if the plan is not paused.", { nullable: true }),
    pausedBy: column.of(() => User, "User who paused the plan. Null if it is not paused or has paused itself.", { nullable: true }),
    pausedAt: column.time("Time at which the plan was paused. Null if it is not paused.", { nullable: true }),
    failuresInRow: column.int("Number of consecutive occurrences that have failed. After five, the plan pauses itself."),
    nextAt: column.time("Time of the next request by the calendar. Null if none is planned.", { nullable: true }),
    version: column.int("Version number, incremented on every change. Pass it as `expectedVersion`."),
    createdBy: column.of(() => User, "User who created the plan. Null if you cannot see the user.", { shownNullable: true }),
  }),
  ...standardColumns.times,
  ...standardColumns.idempotencyKey,
});

@ShowColumns(planColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description: "A maintenance plan, which creates and submits requests by the calendar, by a meter, or by whichever comes first.",
})
@Allow(can("maintenancePlan.read"))
export class MaintenancePlan extends shapeOf(planColumns) {
  /** The underlying row, for field resolvers. */
  readonly row!: PlanRow;
}

export const CreateMaintenancePlanInput = createInputOf(
  "CreateMaintenancePlanInput",
  planColumns,
  "Input of `createMaintenancePlan`. At least one of `cron`, `every` and `meter` is required.",
);
export type CreateMaintenancePlanInput = InstanceType<typeof CreateMaintenancePlanInput>;

export const UpdateMaintenancePlanInput = updateInputOf(
  "UpdateMaintenancePlanInput",
  planColumns,
  "Input of `updateMaintenancePlan`. Omitted fields keep their values. Null removes the meter, the start or the end.",
);
export type UpdateMaintenancePlanInput = InstanceType<typeof UpdateMaintenancePlanInput>;

export const { Connection: MaintenancePlanConnection } = connectionOf(MaintenancePlan);

const shortest = (value: string | null): string | null => (value === null ? null : toDecimal(toMillionths(value)));

/** Converts a row to its API type. */
export function toMaintenancePlan(row: PlanRow): MaintenancePlan {
  const id = encodeId("maintenancePlan", row.id);
  const isPaused = row.status === "PAUSED";
  return Object.assign(new MaintenancePlan(), {
    ...planColumns.shown(row),
    id,
    nodeKey: id,
    dueIn: row.dueInSeconds === null ? null : spanOf(row.dueInSeconds),
    every: row.everySeconds === null ? null : spanOf(row.everySeconds),
    meterEvery: shortest(row.meterEvery),
    meterLead: row.meterId === null ? null : shortest(row.meterLead),
    nextTotal: shortest(row.nextTotal),
    catchUpWindow: spanOf(row.catchUpSeconds),
    owner: User.of(row.ownerId),
    pauseReason: isPaused ? (row.pauseReason ?? `${row.failuresInRow} consecutive occurrences failed.`) : null,
    pausedBy: row.pausedBy === null ? null : User.of(row.pausedBy),
    nextAt: row.status === "ACTIVE" ? row.nextRunAt : null,
    createdBy: User.of(row.createdBy),
    row,
  });
}

export const MaintenancePlanPayload = payloadOf(MaintenancePlan, "plan");
export type MaintenancePlanPayload = InstanceType<typeof MaintenancePlanPayload>;
