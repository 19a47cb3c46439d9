import { stringify } from "csv-stringify/sync";
import { escapeFormulas } from "@weft/shared/texts";

/** Returns records as CSV (RFC 4180). Formulas in texts are escaped. Numbers are written as they are, and lists and objects as JSON. */
export const csvOf = (records: readonly (readonly unknown[])[]): string =>
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
