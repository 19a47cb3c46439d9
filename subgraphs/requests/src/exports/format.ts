import { stringify } from "csv-stringify/sync";
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

/** Spreadsheets ignore spaces before a formula. csv-stringify handles those at the beginning, and leaves numbers as they are. */
const spacedFormula = /^\s+[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;

/** RFC 4180. Formulas are escaped with an apostrophe, see https://owasp.org/www-community/attacks/CSV_Injection. */
const csv = (records: readonly (readonly unknown[])[]): string =>
  stringify(
    records.map((record) => [...record]),
    {
      record_delimiter: "\r\n",
      escape_formulas: true,
      cast: {
        string: (value) => (spacedFormula.test(value) ? `'${value}` : value),
        boolean: String,
        object: (value) => (isListOfTexts(value) ? value.join(", ") : JSON.stringify(value)),
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
