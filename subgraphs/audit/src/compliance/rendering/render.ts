import type { ReportDocument } from "../run/report-document.js";
import type { ComplianceReportFormat } from "../report.type.js";
import { tableAsCsv } from "./csv.js";
import { reportAsPdf } from "./pdf.js";

/** A file of a report. */
export interface RenderedFile {
  readonly format: ComplianceReportFormat;
  /** Key of the table that it contains. Null: the whole report. */
  readonly tableKey: string | null;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Renders a report in the formats, one file after the other. The JSON file contains everything, and the others are renderings of it. */
export async function* renderReport(document: ReportDocument, formats: readonly ComplianceReportFormat[]): AsyncGenerator<RenderedFile> {
  for (const format of formats) yield* renderers[format](document);
}

/** `access-review-2026-03-01` */
const baseName = ({ kind, period }: ReportDocument): string => `${kind.toLowerCase().replaceAll("_", "-")}-${period.to.slice(0, 10)}`;

type Renderer = (document: ReportDocument) => Iterable<RenderedFile> | AsyncIterable<RenderedFile>;

const renderers: Readonly<Record<ComplianceReportFormat, Renderer>> = {
  JSON: (document) => [
    {
      format: "JSON",
      tableKey: null,
      name: `${baseName(document)}.json`,
      mediaType: "application/json",
      bytes: Buffer.from(`${JSON.stringify(document, null, 1)}\n`),
    },
  ],
  CSV: function* (document) {
    for (const table of document.tables)
      yield {
        format: "CSV",
        tableKey: table.key,
        name: `${baseName(document)}-${table.key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.csv`,
        mediaType: "text/csv",
        bytes: Buffer.from(tableAsCsv(table)),
      };
  },
  PDF: async function* (document) {
    const bytes = await reportAsPdf(document);
    yield { format: "PDF", tableKey: null, name: `${baseName(document)}.pdf`, mediaType: "application/pdf", bytes };
  },
};
