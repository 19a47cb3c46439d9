import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";
import { until } from "../until.js";

const selection =
  "{ id kind formats status message rowCount snapshotAt expiresAt createdBy { id } schedule { id } files { format table file { id name type size sha256 download { url } } } }";

export const createReport = `mutation ($input: CreateComplianceReportInput!) { createComplianceReport(input: $input) { complianceReport ${selection} } }`;
export const oneReport = `query ($id: ID!) { complianceReport(id: $id) ${selection} }`;

export interface ReportFields {
  readonly id: string;
  readonly status: string;
  readonly message: string | null;
  readonly rowCount: number;
  readonly expiresAt: string | null;
  readonly schedule: { readonly id: string } | null;
  readonly files: readonly {
    readonly format: string;
    readonly table: string | null;
    readonly file: {
      readonly id: string;
      readonly name: string;
      readonly type: string;
      readonly size: number;
      readonly sha256: string;
      readonly download: { readonly url: string };
    };
  }[];
}

interface Source {
  readonly operations: readonly string[];
  readonly path?: string;
  readonly derivation?: string;
}

/** What the JSON file of a report contains. */
export interface MadeReport {
  readonly snapshotAt: string;
  readonly notes: readonly string[];
  readonly figures: readonly { readonly key: string; readonly value: number | null; readonly source: Source }[];
  readonly charts: readonly {
    readonly key: string;
    readonly bars: readonly { readonly label: string; readonly value: number }[];
    readonly source: Source;
  }[];
  readonly tables: readonly {
    readonly key: string;
    readonly columns: readonly { readonly key: string }[];
    readonly rows: readonly (readonly unknown[])[];
    readonly source: Source;
  }[];
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly query: string;
        readonly variables: Readonly<Record<string, unknown>>;
        readonly forEach?: Readonly<Record<string, readonly unknown[]>>;
      }
    >
  >;
}

/** Begins a report. Returns its ID. */
export async function begunReport(user: TestUser, input: object): Promise<string> {
  const { createComplianceReport } = await user.run<{ createComplianceReport: { complianceReport: ReportFields } }>(createReport, {
    input,
  });
  return createComplianceReport.complianceReport.id;
}

/** Returns a report as soon as it has ended. */
export async function endedReport(user: TestUser, id: string): Promise<ReportFields> {
  const isOver = async () => {
    const { complianceReport } = await user.run<{ complianceReport: ReportFields }>(oneReport, { id });
    return complianceReport.status === "RUNNING" ? null : complianceReport;
  };
  return until(isOver, { what: "the report has ended", deadlineMs: 60_000 });
}

/** Downloads a file of a report. */
export async function bytesOf({ url }: Pick<SharedWeft, "url">, { file }: ReportFields["files"][number]): Promise<Buffer> {
  const response = await fetch(new URL(file.download.url, url));
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect([bytes.byteLength, createHash("sha256").update(bytes).digest("hex")]).toEqual([file.size, file.sha256]);
  return bytes;
}

/** Makes a report. Returns what its JSON file contains. */
export async function madeReport(weft: Pick<SharedWeft, "url">, user: TestUser, input: object): Promise<MadeReport> {
  const report = await endedReport(user, await begunReport(user, { formats: ["JSON"], ...input }));
  expect(report).toMatchObject({ status: "COMPLETED", message: null });
  const [file] = report.files;
  if (!file) throw new Error("the report has no file");
  return JSON.parse((await bytesOf(weft, file)).toString("utf8")) as MadeReport;
}

function tableOf({ tables }: MadeReport, key: string): MadeReport["tables"][number] {
  const table = tables.find((each) => each.key === key);
  if (!table) throw new Error(`no table ${key}`);
  return table;
}

/** Returns the rows of a table as objects. */
export function rowsOf(document: MadeReport, key: string): Record<string, unknown>[] {
  const { columns, rows } = tableOf(document, key);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column.key, row[index]])));
}

export const figureOf = ({ figures }: MadeReport, key: string): unknown => figures.find((figure) => figure.key === key)?.value;
