import type { listExports } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { Allow, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { SavedViewList } from "../saved-views/saved-view.type.js";

export type ExportRow = typeof listExports.exportJobs.$inferSelect;

export const ExportFormat = { CSV: "CSV", JSON_LINES: "JSON_LINES" } as const;
export type ExportFormat = keyof typeof ExportFormat;

registerEnumType(ExportFormat, {
  name: "ExportFormat",
  description: "Formats of exports. Both are UTF-8.",
  valuesConfig: {
    CSV: {
      description:
        "Comma-separated values (RFC 4180) with a header line. An apostrophe precedes each text that a spreadsheet would run as a formula.",
    },
    JSON_LINES: { description: "A JSON object per line." },
  },
});

export const ExportStatus = { RUNNING: "RUNNING", COMPLETED: "COMPLETED", CANCELLED: "CANCELLED", FAILED: "FAILED" } as const;
export type ExportStatus = keyof typeof ExportStatus;

registerEnumType(ExportStatus, {
  name: "ExportStatus",
  description: "Statuses of an export.",
  valuesConfig: {
    RUNNING: { description: "Waiting or in progress." },
    COMPLETED: { description: "The file is complete." },
    CANCELLED: { description: "Stopped by its creator. There is no file." },
    FAILED: { description: "Stopped for the reason in `message`. There is no file." },
  },
});

@ObjectType({ description: "An export of a list to a file. Only its creator can see it." })
@Allow(staff)
export class Export {
  @Field(() => ID, { description: "ID (`exp_…`)." })
  id!: string;

  @Field(() => SavedViewList, { description: "The list." })
  list!: SavedViewList;

  @Field(() => ExportFormat, { description: "Format of the file." })
  format!: ExportFormat;

  @Field(() => [String], { description: "Columns: paths of fields." })
  columns!: string[];

  @Field(() => ExportStatus, { description: "Status." })
  status!: ExportStatus;

  @Field(() => Int, { description: "Number of objects exported so far." })
  rowCount!: number;

  @Field(() => String, { nullable: true, description: "Why the export failed. Null if it did not." })
  message!: string | null;

  @Field(() => Int, { description: "Version number, incremented as the export progresses." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last progress." })
  updatedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "End time." })
  finishedAt!: string | null;

  readonly row!: ExportRow;
}

/** Converts a row to its API type. */
export const toExport = (row: ExportRow): Export =>
  Object.assign(new Export(), {
    id: encodeId("export", row.id),
    list: row.list as SavedViewList,
    format: row.format as ExportFormat,
    columns: row.columns,
    status: row.status as ExportStatus,
    rowCount: row.rowCount,
    message: row.message,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    finishedAt: row.finishedAt,
    row,
  });
