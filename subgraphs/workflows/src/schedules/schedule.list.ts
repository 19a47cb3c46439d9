import { schedules as tables } from "@weft/drizzle";
import {
  enumField,
  filterInput,
  idField,
  orderByInput,
  tablePage,
  textField,
  timeField,
  type ConnectionArgs,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
} from "@weft/shared";
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
