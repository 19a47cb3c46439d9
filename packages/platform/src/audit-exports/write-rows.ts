import { csvOf } from "../csv/write-csv.js";
import { type AuditExportFormat, exportedColumns, type ExportedRow } from "./exported-row.js";

interface Writer {
  readonly extension: string;
  readonly mediaType: string;
  /** Returns what the file begins with. */
  readonly header: () => string;
  readonly lines: (rows: readonly ExportedRow[]) => string;
}

/** How each format is written. Formulas in a CSV file are escaped, so that a spreadsheet does not run them. */
export const writers: Readonly<Record<AuditExportFormat, Writer>> = {
  CSV: {
    extension: "csv",
    mediaType: "text/csv",
    header: () => csvOf([exportedColumns]),
    lines: (rows) => csvOf(rows.map((row) => exportedColumns.map((column) => row[column]))),
  },
  JSON_LINES: {
    extension: "jsonl",
    mediaType: "application/x-ndjson",
    header: () => "",
    lines: (rows) => rows.map((row) => `${JSON.stringify(inOrder(row))}\n`).join(""),
  },
};

const inOrder = (row: ExportedRow): object => Object.fromEntries(exportedColumns.map((column) => [column, row[column]]));
