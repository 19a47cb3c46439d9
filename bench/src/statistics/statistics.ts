import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import { spentSeconds } from "../harness/processor-time.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, medianOf, ratioOf, type Contestant, type Sample } from "../harness/rounds.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { measureConsumer } from "./consumer-cost.js";
import { openStatisticsCompany, recount, type StatisticsCompany } from "./statistics-company.js";

const period = (
  days: number,
): string => `{ workflowStatistics(filter: { from: "${new Date(Date.now() - days * 86_400_000).toISOString()}" }) {
  from to pendingEvents unfinished totals { started completed rejected successRate cycleTime { medianSeconds p90Seconds } } previous { started completed }
  states { state running time { medianSeconds p90Seconds } share } transitions { from transition count share } bottleneck { state reason }
  throughput { date started completed rejected } } }`;

interface Answer {
  readonly from: string;
  readonly to: string;
  readonly pendingEvents: number;
  readonly unfinished: number;
  readonly totals: { started: number; completed: number; rejected: number; cycleTime: { medianSeconds: number | null } };
  readonly transitions: readonly { from: string; transition: string; count: number }[];
  readonly throughput: readonly { started: number; completed: number; rejected: number }[];
}

/**
 * Compares statistics of the same periods in tenants with ten thousand, a hundred thousand and a million instances that were started evenly over a
 * year. The roll-up is written with the functions of the consumer; statistics read nothing else. Every answer is first compared with a count of the instances. Also measures what the consumer costs the transitions that it counts.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const sizes = quick ? [1_000, 10_000, 20_000] : [10_000, 100_000, 1_000_000];
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const operations: Readonly<Record<string, string>> = {
    "30 days": period(30),
    "90 days": period(90),
    "360 days": period(360),
    dashboard: "{ dashboard { unfinished running startedToday completedToday rejectedToday states { state running } } }",
  };
  try {
    const companies: StatisticsCompany[] = [];
    for (const count of sizes) {
      const tenant = await openTenant(site.services, weft.url, `of-${count}`);
      companies.push(await openStatisticsCompany(site.services, tenant, { name: `${count.toLocaleString("en")} instances`, count }));
      console.log(`  ${count} instances are counted`);
    }
    await owner`vacuum analyze workflows.statistics`;
    await owner`checkpoint`;
    for (const company of companies) for (const days of [30, 90, 360]) await assertExact(company, days);
    const repeats = quick ? 5 : 25;
    const contestants = companies.map((company): Contestant => ({
      name: company.name,
      run: () => costs(owner, company, operations, repeats),
    }));
    // The first round also compiles the code.
    for (const { run: warm } of contestants) await warm();
    const rounds = await alternate(contestants, quick ? 2 : 5);
    const names = companies.map(({ name }) => name);
    const [small = "", middle = "", large = ""] = names;
    const all = Object.keys(operations);
    const ratios = (of: string): number[] => all.map((operation) => ratioOf(rounds, operation, of, small));
    const consumer = await measureConsumer(quick);
    return {
      title:
        "Statistics of tenants with more and more instances in the same year, in ms of processor time of Weft, its client and the database",
      head: ["", ...names, `${middle} / ${small}`, `${large} / ${small}`],
      rows: all.map((operation, index) => [
        operation,
        ...names.map((name) => medianOf(rounds, name, operation)),
        ratios(middle)[index] ?? Number.NaN,
        ratios(large)[index] ?? Number.NaN,
      ]),
      ratio: { what: "the worst of all", value: Math.max(...ratios(middle), ...ratios(large)), goal: "≤ 1.2" },
      notes: [
        `Medians of rounds in turn, ${repeats} requests each, one at a time, through gateway and subgraphs in one process.`,
        "Correct: totals, unfinished instances, transitions, days and medians of each period and size equal a count of the instances one by one (medians within 1 %).",
        ...consumer.notes,
      ],
      rounds: new Map([...rounds, ...consumer.rounds]),
    };
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}

/** Returns the processor time of each operation in ms. */
async function costs(
  owner: postgres.Sql,
  { admin, name }: StatisticsCompany,
  operations: Readonly<Record<string, string>>,
  repeats: number,
): Promise<Sample> {
  const reader = await admin.again();
  const sample: Record<string, number> = {};
  for (const [operation, query] of Object.entries(operations)) {
    const before = await spentSeconds(owner);
    for (let count = 0; count < repeats; count++) {
      const [found] = Object.values(await reader.run<Record<string, { unfinished: number }>>(query));
      if (!found || found.unfinished < 1) throw new Error(`${operation} of ${name} found nothing.`);
    }
    sample[operation] = ((await spentSeconds(owner)) - before) * (1_000 / repeats);
  }
  return sample;
}

/** @throws Error if the statistics of a period differ from the instances */
async function assertExact(company: StatisticsCompany, days: number): Promise<void> {
  const reader = await company.admin.again();
  const { workflowStatistics: answer } = await reader.run<{ workflowStatistics: Answer }>(period(days));
  const exact = recount(company, Date.parse(answer.from), Date.parse(answer.to));
  const { totals, throughput } = answer;
  const departures = Object.fromEntries(answer.transitions.map(({ from, transition, count }) => [`${from}/${transition}`, count]));
  const sumOf = (what: "started" | "completed" | "rejected"): number => throughput.reduce((sum, day) => sum + day[what], 0);
  const isEqual =
    answer.pendingEvents === 0 &&
    answer.unfinished === exact.unfinished &&
    (["started", "completed", "rejected"] as const).every((what) => totals[what] === exact[what] && sumOf(what) === exact[what]) &&
    Object.keys({ ...departures, ...exact.departures }).every((each) => departures[each] === exact.departures[each]) &&
    Math.abs((totals.cycleTime.medianSeconds ?? Number.NaN) / (exact.medianSeconds ?? Number.NaN) - 1) <= 0.0101;
  if (!isEqual)
    throw new Error(`${days} days of ${company.name}: ${JSON.stringify(answer)}, and the instances give ${JSON.stringify(exact)}.`);
}
