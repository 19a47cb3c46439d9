import { escapeFormulas } from "@weft/shared/texts";
import { stringify } from "csv-stringify/sync";
import type { Table } from "../run/report-document.js";

/** Returns a table as CSV (RFC 4180), with the keys of its columns as the header. Formulas in texts are escaped. */
export const tableAsCsv = ({ columns, rows }: Pick<Table, "columns" | "rows">): string =>
  stringify([columns.map(({ key }) => key), ...rows.map((row) => [...row])], {
    record_delimiter: "\r\n",
    // csv-stringify puts quotation marks only around its own line ends.
    quoted_match: /[\r\n]/,
    cast: { string: escapeFormulas, boolean: String },
  });
