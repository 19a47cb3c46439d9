import type { Cell, Figure, Source } from "../run/report-document.js";
import type { ReportDraft } from "../run/draft.js";
import type { ReportKindDefinition, ReportRequest } from "./kind.js";

interface Totals {
  readonly met: number;
  readonly missed: number;
  readonly breachedOpen: number;
  readonly cancelled: number;
  readonly complianceRate: number | null;
  readonly medianConsumedSeconds: number | null;
  readonly p90ConsumedSeconds: number | null;
}

interface SlaReport {
  readonly totals: Totals;
  readonly groups: readonly { readonly definitionKey: string | null; readonly name: string | null; readonly totals: Totals }[];
  readonly trend: readonly { readonly date: string; readonly totals: Totals }[];
}

const totals = "totals { met missed breachedOpen cancelled complianceRate medianConsumedSeconds p90ConsumedSeconds }";

const query = `query SlaCompliance($filter: SlaReportFilter, $interval: SlaReportInterval) {
  slaReport(interval: $interval, groupBy: SLA, filter: $filter) {
    ${totals}
    groups { definitionKey name ${totals} }
    trend { date ${totals} }
  }
}`;

/** Longest period with a bar for each day. */
const maxDays = 45;

export const sla: ReportKindDefinition = {
  title: "Service levels",
  description: "How many deadlines of service-level agreements were met and missed.",
  requires: ["sla.read"],
  write: async (draft, { period }) => {
    const interval = Date.parse(period.to) - Date.parse(period.from) <= maxDays * 86_400_000 ? "DAY" : "WEEK";
    const { slaReport } = await draft.reader.ask<{ slaReport: SlaReport }>({
      subgraph: "workflows",
      name: "SlaCompliance",
      query,
      variables: { filter: period satisfies ReportRequest["period"], interval },
    });
    draft.notes.push(
      "Service levels are those of the environment PROD. They are counted in quarters of an hour, to which the period is extended, and the table has the first 500 agreements.",
    );
    writeTotals(draft, slaReport.totals);
    writeTrend(draft, slaReport, interval);
    await writeGroups(draft, slaReport);
  },
};

const from = (path: string): Source => ({ operations: ["SlaCompliance"], path: `slaReport.${path}` });

function writeTotals({ figures }: ReportDraft, sums: Totals): void {
  const figure = (key: keyof Totals, label: string, unit: Figure["unit"]): void =>
    void figures.push({ key, label, unit, value: sums[key], source: from(`totals.${key}`) });
  figure("complianceRate", "Share of deadlines that were met", "SHARE");
  figure("met", "Deadlines met", "COUNT");
  figure("missed", "Deadlines missed", "COUNT");
  figure("breachedOpen", "Deadlines passed, work still open", "COUNT");
  figure("cancelled", "Deadlines of canceled work", "COUNT");
  figure("medianConsumedSeconds", "Median of the working time", "SECONDS");
  figure("p90ConsumedSeconds", "90th percentile of the working time", "SECONDS");
}

function writeTrend({ charts }: ReportDraft, { trend }: SlaReport, interval: "DAY" | "WEEK"): void {
  const each = interval === "DAY" ? "day" : "week";
  const bars = (valueOf: (sums: Totals) => number) => trend.map(({ date, totals: sums }) => ({ label: date, value: valueOf(sums) }));
  charts.push(
    {
      key: "metOverTime",
      title: `Deadlines met per ${each}`,
      unit: "COUNT",
      isOverTime: true,
      bars: bars(({ met }) => met),
      source: from("trend"),
    },
    {
      key: "missedOverTime",
      title: `Deadlines missed per ${each}`,
      unit: "COUNT",
      isOverTime: true,
      bars: bars(({ missed, breachedOpen }) => missed + breachedOpen),
      source: { operations: ["SlaCompliance"], derivation: "`missed` and `breachedOpen` of each item of `trend`." },
    },
  );
}

async function writeGroups(draft: ReportDraft, { groups }: SlaReport): Promise<void> {
  const rowOf = ({ definitionKey, name, totals: sums }: SlaReport["groups"][number]): Cell[] => [
    definitionKey,
    name,
    sums.met,
    sums.missed,
    sums.breachedOpen,
    sums.cancelled,
    sums.complianceRate,
  ];
  await draft.addTable(
    {
      key: "agreements",
      title: "Service-level agreements",
      columns: [
        { key: "definitionKey", label: "Definition", kind: "TEXT" },
        { key: "name", label: "Agreement", kind: "TEXT" },
        { key: "met", label: "Met", kind: "NUMBER" },
        { key: "missed", label: "Missed", kind: "NUMBER" },
        { key: "breachedOpen", label: "Passed, open", kind: "NUMBER" },
        { key: "cancelled", label: "Canceled", kind: "NUMBER" },
        { key: "complianceRate", label: "Share met", kind: "NUMBER" },
      ],
      source: from("groups"),
    },
    groups.map(rowOf),
  );
}
