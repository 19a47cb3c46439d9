import type { auditExports } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";

export type AuditExportRow = typeof auditExports.exportsOfAudit.$inferSelect;

export const ExportFormat = { CSV: "CSV", JSON_LINES: "JSON_LINES" } as const;

registerEnumType(ExportFormat, {
  name: "AuditExportFormat",
  description: "Formats of exports of the audit trail. Both are UTF-8.",
  valuesConfig: {
    CSV: {
      description:
        "Comma-separated values (RFC 4180) with a header line. An apostrophe precedes each text that a spreadsheet would run as a formula.",
    },
    JSON_LINES: { description: "A JSON object per line." },
  },
});

const ExportStatus = { RUNNING: "RUNNING", COMPLETED: "COMPLETED", CANCELLED: "CANCELLED", FAILED: "FAILED" } as const;

registerEnumType(ExportStatus, {
  name: "AuditExportStatus",
  description: "Statuses of an export of the audit trail.",
  valuesConfig: {
    RUNNING: { description: "Waiting or in progress." },
    COMPLETED: { description: "The file is complete and signed." },
    CANCELLED: { description: "Stopped by its creator. There is no file." },
    FAILED: { description: "Stopped for the reason in `message`. There is no file." },
  },
});

const auditExportColumns = columns({
  id: column.id("ID (`aex_…`)."),
  format: column.of(() => ExportFormat, "Format of the file."),
  status: column.of(() => ExportStatus, "Status."),
  afterSequence: column.int("Place in the chain after which the export begins. 0: the beginning."),
  upToSequence: column.int("Place in the chain of the last entry that was sealed when the export was started. The export ends there."),
  sequence: column.int("Place in the chain that the export has reached."),
  rowCount: column.int("Number of entries in the file so far."),
  message: column.text("Why the export failed. Null if it did not.", { nullable: true }),
  proof: column.text(
    "What Weft signed for the file: the hashes of its bytes, its range of the chain, and the hashes of the chain there. Save it next to the file: `weft audit verify` needs it. Null until the export is completed.",
    { nullable: true },
  ),
  version: column.int("Version number, incremented as the export progresses."),
  createdAt: column.time("Creation time."),
  updatedAt: column.time("Time of the last progress."),
  finishedAt: column.time("End time. Null while it runs.", { nullable: true }),
});

@ShowColumns(auditExportColumns)
@ObjectType({ description: "An export of the audit trail to a file. Only its creator can see it." })
@Allow(staff)
export class AuditExport extends shapeOf(auditExportColumns) {
  readonly row!: AuditExportRow;
}

@ObjectType({ description: "A link to the file of an export of the audit trail. It works in the session of the viewer only." })
@Allow(inherit)
export class AuditExportFile {
  @Field(() => String, { description: "Name of the file." })
  name!: string;

  @Field(() => String, { description: "Path of the file on this server." })
  url!: string;

  @Field(() => DateTimeScalar, { description: "When the link expires. Read the field again to get another one." })
  expiresAt!: string;

  @Field(() => String, { description: "SHA-256 of the content, in hexadecimal." })
  sha256!: string;
}

export const { Connection: AuditExportConnection } = connectionOf(AuditExport);

/** Converts a row to its API type. */
export const toAuditExport = (row: AuditExportRow): AuditExport =>
  Object.assign(new AuditExport(), auditExportColumns.shown(row), { id: encodeId("auditExport", row.id), row });

export const AuditExportPayload = payloadOf(AuditExport, "export");
export type AuditExportPayload = InstanceType<typeof AuditExportPayload>;
