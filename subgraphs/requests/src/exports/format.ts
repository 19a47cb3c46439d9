import { csvOf } from "@weft/platform/csv";
import { valueAt } from "./columns.js";
import type { ExportFormat } from "./export.type.js";

export interface Format {
  readonly extension: string;
  readonly mediaType: string;
  /** Returns what the file begins with. */
  readonly header: (columns: readonly string[]) => string;
  /** Returns the lines of objects. */
  readonly lines: (columns: readonly string[], objects: readonly unknown[]) => string;
}

export const formats: Readonly<Record<ExportFormat, Format>> = {
  CSV: {
    extension: "csv",
    mediaType: "text/csv",
    header: (columns) => csvOf([columns]),
    lines: (columns, objects) => csvOf(objects.map((object) => columns.map((column) => valueAt(object, column)))),
  },
  JSON_LINES: {
    extension: "jsonl",
    mediaType: "application/x-ndjson",
    header: () => "",
    lines: (columns, objects) =>
      objects
        .map((object) => `${JSON.stringify(Object.fromEntries(columns.map((column) => [column, valueAt(object, column)])))}\n`)
        .join(""),
  },
};
