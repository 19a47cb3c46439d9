import { schedules as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { type ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import type { ScheduleRow } from "./schedule.store.js";
import { ScheduleStatus, toSchedule, type Schedule } from "./schedule.type.js";

const { schedules } = tables;

export const ScheduleFilter = filterInput("ScheduleFilter", {
  name: textField(schedules.name),
  definitionKey: textField(schedules.definitionKey),
  status: enumField("ScheduleStatus", ScheduleStatus, schedules.status),
  owner: idField("user", schedules.ownerId),
  createdAt: timeField(schedules.createdAt),
});

export const ScheduleOrder = orderByInput("ScheduleOrder", {
  NAME: { column: schedules.name, valueOf: (row: ScheduleRow) => row.name },
  CREATED_AT: { column: schedules.createdAt, valueOf: (row: ScheduleRow) => row.createdAt },
});

interface ListOptions {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
}

/** Returns a page of the tenant's schedules, by name by default. */
export const listSchedules = (ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Schedule>> =>
  tablePage(ctx, {
    list: "schedules",
    args: page,
    table: schedules,
    where: ScheduleFilter.toSql(filter),
    orderBy: ScheduleOrder.resolve(orderBy, ["NAME", "ASC"]),
    toNode: toSchedule,
  });
