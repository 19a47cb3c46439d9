import type { Content, TableCell } from "pdfmake";
import type pdfMakeType from "pdfmake";
import type { Chart, Figure, ReportDocument, ReportOperation, Source, Table } from "../run/report-document.js";
import { accent, chartAsSvg } from "./charts.js";
import { cellText, isPrintable, printable, timeText, valueText } from "./values.js";

type PdfMake = typeof pdfMakeType;
type Definition = Parameters<PdfMake["createPdf"]>[0];

/** Rows of a table that the PDF shows. The other files have all of them. */
const maxRows = 500;
const figuresPerLine = 3;
const grey = "#6b7280";
const line = "#d1d5db";

let library: Promise<PdfMake> | undefined;

/** Loads the library for the first report. Its fonts are the only files that it can read, and it loads nothing from the network. */
async function loadPdfMake(): Promise<PdfMake> {
  const [{ default: pdfmake }, { default: fonts }] = await Promise.all([import("pdfmake"), import("pdfmake/fonts/Roboto.js")]);
  const files = new Set(Object.values(fonts.Roboto));
  pdfmake.setFonts(fonts);
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => files.has(path));
  return pdfmake;
}

/** Renders a report for people: its figures, charts and tables, and the operations that gave them. */
export async function reportAsPdf(document: ReportDocument): Promise<Buffer> {
  const pdfmake = await (library ??= loadPdfMake());
  return pdfmake.createPdf(definitionOf(document)).getBuffer();
}

function definitionOf(document: ReportDocument): Definition {
  const { id, title, tenant, createdBy, createdAt, figures, charts, tables, operations } = document;
  const numbers = new Map(Object.keys(operations).map((key, index) => [key, index + 1]));
  const references = ({ operations: keys }: Source): string => keys.map((key) => `[${numbers.get(key) ?? "?"}]`).join(" ");
  return {
    pageBreakBefore: (node, questions) => node.headlineLevel === 1 && questions.getFollowingNodesOnPage().length === 0,
    info: { title: `${title}: ${tenant}`, author: createdBy.name, creationDate: new Date(createdAt) },
    language: "en",
    pageSize: "A4",
    pageMargins: [40, 40, 40, 50],
    defaultStyle: { font: "Roboto", fontSize: 9, lineHeight: 1.15 },
    styles: {
      title: { fontSize: 22, bold: true, color: accent },
      heading: { fontSize: 13, bold: true, margin: [0, 16, 0, 6] },
      small: { fontSize: 7.5, color: grey },
    },
    footer: (page, pages) => ({
      margin: [40, 16, 40, 0],
      columns: [
        { text: printable(`${title} · ${tenant} · ${id}`), style: "small" },
        { text: `Page ${page} of ${pages}`, style: "small", alignment: "right", width: 80 },
      ],
    }),
    content: [
      ...openingOf(document),
      ...figuresOf(figures, references),
      ...charts.flatMap((chart) => chartOf(chart, references)),
      ...tables.flatMap((table) => tableOf(table, document, references)),
      ...operationsOf(operations, [...figures, ...charts, ...tables]),
    ],
  };
}

function openingOf({ title, description, tenant, createdBy, snapshotAt, period, notes }: ReportDocument): Content[] {
  const { from, to, timeZone } = period;
  const facts: readonly (readonly [string, string])[] = [
    ["Organization", tenant],
    ["Period", `${timeText(from, timeZone)} to ${timeText(to, timeZone)} (${timeZone})`],
    ["As of", timeText(snapshotAt, timeZone)],
    ["Created by", createdBy.name],
  ];
  return [
    { text: title, style: "title" },
    { text: description, color: grey, margin: [0, 2, 0, 10] },
    {
      layout: "noBorders",
      table: { widths: [80, "*"], body: facts.map(([label, value]) => [{ text: label, color: grey }, { text: printable(value) }]) },
    },
    ...notes.map((note): Content => ({ text: `Note: ${note}`, margin: [0, 6, 0, 0] })),
  ];
}

function figuresOf(figures: readonly Figure[], references: (source: Source) => string): Content[] {
  if (figures.length === 0) return [];
  const cells = figures.map(({ label, value, unit, source }): TableCell => {
    const number = { text: valueText(value, unit), fontSize: 17, bold: true };
    return { stack: [number, { text: [label, { text: ` ${references(source)}`, color: grey }], fontSize: 8 }], margin: [0, 4, 6, 6] };
  });
  const lines = Array.from({ length: Math.ceil(cells.length / figuresPerLine) }, (_, index) => {
    const some = cells.slice(index * figuresPerLine, (index + 1) * figuresPerLine);
    return [...some, ...Array.from({ length: figuresPerLine - some.length }, (): TableCell => "")];
  });
  return [
    { text: "Figures", style: "heading" },
    {
      layout: { vLineWidth: () => 0, hLineWidth: () => 0.5, hLineColor: () => line },
      table: { widths: Array.from({ length: figuresPerLine }, () => "*"), dontBreakRows: true, body: lines },
    },
  ];
}

function chartOf(chart: Chart, references: (source: Source) => string): Content[] {
  const heading: Content = { text: [chart.title, { text: ` ${references(chart.source)}`, style: "small" }], style: "heading" };
  if (chart.bars.every(({ value }) => value === 0)) return [{ stack: [heading, { text: "No data in the period.", color: grey }] }];
  return [{ stack: [heading, { svg: chartAsSvg(chart) }], unbreakable: true }];
}

function tableOf(table: Table, { period }: ReportDocument, references: (source: Source) => string): Content[] {
  const shown = table.columns.flatMap((column, index) => (column.kind === "ID" ? [] : [{ column, index }]));
  const heading: Content = {
    text: [table.title, { text: ` ${references(table.source)}`, style: "small" }],
    style: "heading",
    headlineLevel: 1,
  };
  if (table.rows.length === 0) return [heading, { text: "None.", color: grey }];
  const left = table.rows.length - maxRows;
  const head = shown.map(({ column }): TableCell => ({ text: column.label, bold: true, fontSize: 8 }));
  const texts = table.rows
    .slice(0, maxRows)
    .map((row) =>
      shown.map(({ column, index }) => `${cellText(row[index] ?? null, column, period.timeZone)}${idNextTo(table, row, index)}`),
    );
  return [
    heading,
    {
      fontSize: 7.5,
      layout: { vLineWidth: () => 0, hLineWidth: () => 0.5, hLineColor: () => line, paddingLeft: () => 0, paddingRight: () => 6 },
      table: {
        headerRows: 1,
        keepWithHeaderRows: 1,
        dontBreakRows: true,
        widths: widthsOf(
          shown.map(({ column }) => column.label),
          texts,
        ),
        body: [head, ...texts],
      },
    },
    ...(left > 0
      ? [{ text: `${left} more rows are in the JSON and CSV files.`, style: "small", margin: [0, 4, 0, 0] } satisfies Content]
      : []),
  ];
}

/** Returns the ID in the column before a name that the font cannot show. Otherwise nobody could tell who it is. */
function idNextTo({ columns }: Table, row: Table["rows"][number], index: number): string {
  const [name, id] = [row[index], row[index - 1]];
  const isNameless = typeof name === "string" && !isPrintable(name) && columns[index - 1]?.kind === "ID" && typeof id === "string";
  return isNameless ? ` ${id}` : "";
}

/** Returns the widths of columns in percent, by the lengths of their texts: none takes more than three times as much as the narrowest. */
function widthsOf(labels: readonly string[], texts: readonly (readonly string[])[]): string[] {
  const lengths = labels.map((label, index) => {
    const longest = Math.max(label.length, ...texts.slice(0, 100).map((row) => row[index]?.length ?? 0));
    return Math.min(44, Math.max(17, longest));
  });
  const sum = lengths.reduce((total, length) => total + length, 0);
  return lengths.map((length) => `${((100 * length) / sum).toFixed(2)}%`);
}

function operationsOf(operations: Readonly<Record<string, ReportOperation>>, parts: readonly { readonly source: Source }[]): Content[] {
  const [first = { text: "None." }, ...others] = Object.entries(operations).map(
    ([key, { query, variables, forEach = {}, isPaged }], index): Content => {
      const repeated = Object.entries(forEach).map(
        ([name, values]) => `Sent once for each value of $${name}, ${values.length} in total. The JSON file lists them.`,
      );
      const derivations = parts.flatMap(({ source }) => (source.operations.includes(key) && source.derivation ? [source.derivation] : []));
      const explanation = [...repeated, ...(isPaged ? ["All pages are read."] : []), ...new Set(derivations)].join(" ");
      return {
        stack: [
          { text: `[${index + 1}] ${key}`, bold: true },
          { text: query, fontSize: 7.5, preserveLeadingSpaces: true },
          { text: `Variables: ${JSON.stringify(variables)}`, fontSize: 7.5 },
          ...(explanation === "" ? [] : [{ text: explanation, style: "small" }]),
        ],
        margin: [0, 0, 0, 8],
      };
    },
  );
  const heading: Content[] = [
    { text: "Where the figures come from", style: "heading" },
    {
      text: "Send these GraphQL operations to the API, with the rights of the report's creator, to check the figures against the data of today.",
      margin: [0, 0, 0, 6],
    },
  ];
  // The heading does not stand alone at the foot of a page.
  return [{ stack: [...heading, first], unbreakable: true }, ...others];
}
