import { stringify } from "csv-stringify/sync";
import { valueAt } from "./columns.js";
import type { ExportFormat } from "./export.type.js";
import { escapeFormulas } from "@weft/shared/texts";

export interface Format {
  readonly extension: string;
  readonly mediaType: string;
  /** Returns what the file begins with. */
  readonly header: (columns: readonly string[]) => string;
  /** Returns the lines of objects. */
  readonly lines: (columns: readonly string[], objects: readonly unknown[]) => string;
}

/** RFC 4180. Formulas in texts are escaped. Numbers are written as they are. */
const csv = (records: readonly (readonly unknown[])[]): string =>
  stringify(
    records.map((record) => [...record]),
    {
      record_delimiter: "\r\n",
      // csv-stringify puts quotation marks only around its own line ends.
      quoted_match: /[\r\n]/,
      cast: {
        string: escapeFormulas,
        boolean: String,
        object: (value) => escapeFormulas(isListOfTexts(value) ? value.join(", ") : JSON.stringify(value)),
      },
    },
  );

const isListOfTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === "string");

export const formats: Readonly<Record<ExportFormat, Format>> = {
  CSV: {
    extension: "csv",
    mediaType: "text/csv",
    header: (columns) => csv([columns]),
    lines: (columns, objects) => csv(objects.map((object) => columns.map((column) => valueAt(object, column)))),
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
