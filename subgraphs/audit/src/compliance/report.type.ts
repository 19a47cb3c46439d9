import type { compliance } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import type { EntityStub } from "../nodes/entity.type.js";
import { ComplianceReportKind } from "./kinds/kinds.js";

export type ComplianceReportRow = typeof compliance.complianceReports.$inferSelect;
export type ComplianceReportFileRow = typeof compliance.complianceReportFiles.$inferSelect;

registerEnumType(ComplianceReportKind, {
  name: "ComplianceReportKind",
  description: "Kinds of compliance reports.",
  valuesConfig: {
    ACCESS_REVIEW: { description: "Which users can do what, by which chain of roles, and when they used it last." },
    SEPARATION_OF_DUTIES: { description: "Which users could do both of two conflicting duties, and which users did." },
    SLA: { description: "Deadlines of service-level agreements that were met and missed." },
    RETENTION: { description: "How long data is kept, where that is set, and since when there is data." },
    CHANGES: { description: "Changes of configuration and rights." },
    OPERATOR_VISITS: { description: "When platform operators acted in the organization, why, and what they changed." },
    DEFINITIONS: { description: "Versions of workflow definitions that were published, with their authors and approvers." },
  },
});

export const ComplianceReportFormat = { JSON: "JSON", CSV: "CSV", PDF: "PDF" } as const;
export type ComplianceReportFormat = keyof typeof ComplianceReportFormat;

registerEnumType(ComplianceReportFormat, {
  name: "ComplianceReportFormat",
  description: "Formats of compliance reports.",
  valuesConfig: {
    JSON: { description: "The whole report: figures, charts, tables, and the operations that gave them." },
    CSV: {
      description:
        "A file for each table: comma-separated values (RFC 4180) in UTF-8. An apostrophe precedes each text that a spreadsheet would run as a formula.",
    },
    PDF: { description: "The report for people, with charts. Long tables are shortened." },
  },
});

export const ComplianceReportStatus = { RUNNING: "RUNNING", COMPLETED: "COMPLETED", FAILED: "FAILED" } as const;
export type ComplianceReportStatus = keyof typeof ComplianceReportStatus;

registerEnumType(ComplianceReportStatus, {
  name: "ComplianceReportStatus",
  description: "Statuses of a compliance report.",
  valuesConfig: {
    RUNNING: { description: "Waiting or in progress." },
    COMPLETED: { description: "Its files are available." },
    FAILED: { description: "Could not be made, for the reason in `message`. There are no files." },
  },
});

const reportColumns = columns({
  id: column.id("ID (`cmr_…`)."),
  kind: column.of(() => ComplianceReportKind, "What the report shows."),
  formats: column.of(() => [ComplianceReportFormat], "Formats of its files."),
  periodFrom: column.time("Start of the period."),
  periodTo: column.time("End of the period, not included."),
  timeZone: column.text("Time zone of days, and of times in the PDF."),
  parameters: column.json<Readonly<Record<string, unknown>>>("What the report was asked for in addition to the period."),
  requiresSignOff: column.flag("Whether a workflow starts in which another user signs it off."),
  status: column.of(() => ComplianceReportStatus, "Status."),
  snapshotAt: column.time("Time as of which the report shows everything. Null until it is completed.", { nullable: true }),
  rowCount: column.int("Number of rows of all its tables."),
  message: column.text("Why it failed, or why its sign-off did not start. Null if neither is the case.", { nullable: true }),
  version: column.int("Version number, incremented on every change."),
  createdAt: column.time("Creation time."),
  finishedAt: column.time("End time. Null while it runs.", { nullable: true }),
  ...column.shownOnly({ expiresAt: column.time("Time at which it is deleted with its files. Null while it runs.", { nullable: true }) }),
});

@ShowColumns(reportColumns)
@ObjectType({
  description: "A compliance report. It shows what its creator could see, as of one time. It does not change when the data does.",
})
@Allow(canInTenant("complianceReport.read"))
export class ComplianceReport extends shapeOf(reportColumns) {
  /** UUIDs, for field resolvers. */
  uuid!: string;
  createdByUuid!: string;
  signOffUuid!: string | null;
  scheduleUuid!: string | null;
}

/** A file, which the subgraph of requests owns. Its key makes every query ask the owner, which knows whether the viewer can see the file. */
@ObjectType()
@Directive('@key(fields: "nodeKey", resolvable: false)')
@Allow(inherit)
export class File {
  @Field(() => ID)
  @Directive("@inaccessible")
  nodeKey!: string;
}

export const fileStub = (uuid: string): EntityStub => ({ __typename: "File", nodeKey: encodeId("file", uuid) });

@ObjectType({ description: "A file of a compliance report." })
@Allow(inherit)
export class ComplianceReportFile {
  @Field(() => ComplianceReportFormat, { description: "Format." })
  format!: ComplianceReportFormat;

  @Field(() => String, { nullable: true, description: "Key of the table that a CSV file contains. Null for files with the whole report." })
  table!: string | null;

  /** UUID, for the field resolver. */
  fileUuid!: string;
}

export const { Connection: ComplianceReportConnection } = connectionOf(ComplianceReport);

export const ComplianceReportPayload = payloadOf(ComplianceReport, "complianceReport");
export type ComplianceReportPayload = InstanceType<typeof ComplianceReportPayload>;

/** Converts a row to its API type. */
export const toComplianceReport = (row: ComplianceReportRow): ComplianceReport =>
  Object.assign(new ComplianceReport(), reportColumns.shown(row), {
    id: encodeId("complianceReport", row.id),
    uuid: row.id,
    createdByUuid: row.createdBy,
    expiresAt: row.status === "RUNNING" ? null : row.dueAt,
    signOffUuid: row.signOffId,
    scheduleUuid: row.scheduleId,
  });

export const toComplianceReportFile = ({ format, tableKey, fileId }: ComplianceReportFileRow): ComplianceReportFile =>
  Object.assign(new ComplianceReportFile(), { format, table: tableKey, fileUuid: fileId });
