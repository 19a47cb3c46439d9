import type { compliance } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import { ComplianceReportKind } from "../kinds/kinds.js";
import { ComplianceReportFormat } from "../report.type.js";

export type ReportScheduleRow = typeof compliance.complianceReportSchedules.$inferSelect;

const scheduleColumns = columns({
  id: column.id("ID (`cms_…`)."),
  name: column.text("Display name."),
  kind: column.of(() => ComplianceReportKind, "What the reports show."),
  formats: column.of(() => [ComplianceReportFormat], "Formats of their files."),
  parameters: column.json<Readonly<Record<string, unknown>>>("What the reports are asked for in addition to the period."),
  periodDays: column.int("Days of the period, which ends when the report is planned. It is longer if the previous report ended earlier."),
  cron: column.text("Cron expression of the planned times."),
  timeZone: column.text("Time zone of the cron expression and of the reports."),
  requiresSignOff: column.flag("Whether a workflow starts for each report, in which another user signs it off."),
  nextAt: column.time("Time at which the next report is created. Null if the schedule has stopped.", { nullable: true }),
  message: column.text("Why it has stopped. Null if it has not.", { nullable: true }),
  version: column.int("Version number, incremented with each report."),
  createdAt: column.time("Creation time."),
});

@ShowColumns(scheduleColumns)
@ObjectType({ description: "When compliance reports are created, in the name of the schedule's creator." })
@Allow(canInTenant("complianceReport.read"))
export class ComplianceReportSchedule extends shapeOf(scheduleColumns) {
  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

export const { Connection: ComplianceReportScheduleConnection } = connectionOf(ComplianceReportSchedule);

export const ComplianceReportSchedulePayload = payloadOf(ComplianceReportSchedule, "complianceReportSchedule");
export type ComplianceReportSchedulePayload = InstanceType<typeof ComplianceReportSchedulePayload>;

/** Converts a row to its API type. */
export const toReportSchedule = (row: ReportScheduleRow): ComplianceReportSchedule =>
  Object.assign(new ComplianceReportSchedule(), scheduleColumns.shown(row), {
    id: encodeId("complianceReportSchedule", row.id),
    createdByUuid: row.createdBy,
  });
