/** Subgraphs whose operations reports use. */
export type ReadSubgraph = "identity" | "workflows" | "audit";

/** A GraphQL operation that gave a part of a report. Its creator can send it to the API and compares the result. */
export interface ReportOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Variables with which it was sent once for each of their values. */
  readonly forEach?: Readonly<Record<string, readonly unknown[]>>;
  /** Whether all pages were read: it was repeated with `endCursor` as `after`. */
  readonly isPaged: boolean;
}

/** Where a part of a report comes from. */
export interface Source {
  /** Keys of `operations`. */
  readonly operations: readonly string[];
  /** Path of the value in the result of the operation. Absent if it is derived. */
  readonly path?: string;
  /** How the value is derived from the results. */
  readonly derivation?: string;
}

export type Unit = "COUNT" | "SHARE" | "SECONDS" | "DAYS";

/** A number with a meaning. */
export interface Figure {
  readonly key: string;
  readonly label: string;
  /** Null: there is nothing to measure. A share is from 0 to 1. */
  readonly value: number | null;
  readonly unit: Unit;
  readonly source: Source;
}

/** Bars, in order. */
export interface Chart {
  readonly key: string;
  readonly title: string;
  readonly unit: Unit;
  /** Whether the bars are times at equal distances, such as days. */
  readonly isOverTime?: true;
  readonly bars: readonly { readonly label: string; readonly value: number }[];
  readonly source: Source;
}

export type Cell = string | number | boolean | null;

export interface Column {
  readonly key: string;
  readonly label: string;
  /** IDs are left out of the PDF. */
  readonly kind: "TEXT" | "TIME" | "NUMBER" | "ID";
}

export interface Table {
  readonly key: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly source: Source;
}

/** What a kind of reports writes. */
export interface ReportContent {
  readonly figures: readonly Figure[];
  readonly charts: readonly Chart[];
  readonly tables: readonly Table[];
  /** What a reader must know about the content, as sentences. */
  readonly notes: readonly string[];
}

/** A report, as its JSON file contains it. CSV and PDF files are rendered from it. */
export interface ReportDocument extends ReportContent {
  readonly format: "weft.complianceReport";
  readonly formatVersion: 1;
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /** Name of the organization. */
  readonly tenant: string;
  readonly createdBy: { readonly id: string; readonly name: string };
  readonly createdAt: string;
  /** Everything that the report shows is as of this time. */
  readonly snapshotAt: string;
  readonly period: { readonly from: string; readonly to: string; readonly timeZone: string };
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly operations: Readonly<Record<string, ReportOperation>>;
}
