import { readNow } from "@weft/engine";
import { QueryLimitExceeded } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { periodOf, timeOf } from "@weft/api/periods";
import { usageOfRow } from "../usage/usage.type.js";
import { countFailingSteps, countReadRuns, MAX_COUNTED, sumRuns, type CountedRuns, type SumRow } from "./run-statistics.store.js";
import type { RunStatistics, RunStatisticsFilter, RunTotals } from "./run-statistics.type.js";

/** Counts the runs of a period that the viewer can see. Errors: BAD_USER_INPUT (the period), QUERY_LIMIT_EXCEEDED (too many runs). */
export function readRunStatistics(ctx: Context, filter: RunStatisticsFilter): Promise<RunStatistics> {
  return ctx.read(async (tx) => {
    const period = periodOf(filter, await readNow(tx));
    const { definitionKey = null, environment } = filter;
    const counted: CountedRuns = { viewer: ctx.viewer, period, definitionKey, environment: environment ?? "PROD" };
    const actual = await countReadRuns(tx, counted);
    if (actual > MAX_COUNTED) throw new QueryLimitExceeded({ limit: "countedRuns", actual, max: MAX_COUNTED });
    const [all, ...definitions] = await sumRuns(tx, counted);
    return {
      from: timeOf(period.from),
      to: timeOf(period.to),
      totals: totalsOf(all ?? NONE),
      definitions: definitions.map((sums) => ({ definitionKey: sums.definitionKey ?? "", totals: totalsOf(sums) })),
      failingSteps: await countFailingSteps(tx, counted),
    };
  });
}

const NONE: SumRow = {
  definitionKey: null,
  created: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  measured: 0,
  average: null,
  quantiles: null,
  attempts: 0,
  processorMs: 0,
  memoryBytes: 0,
  calls: 0,
  tokensIn: 0,
  tokensOut: 0,
  costMicros: 0,
  sentBytes: 0,
  receivedBytes: 0,
};

function totalsOf({ created, succeeded, failed, cancelled, measured, average, quantiles, attempts, ...usage }: SumRow): RunTotals {
  const ended = succeeded + failed + cancelled;
  return {
    created,
    unfinished: created - ended,
    succeeded,
    failed,
    cancelled,
    successRate: ended === 0 ? null : succeeded / ended,
    duration: { count: measured, averageSeconds: average, medianSeconds: quantiles?.[0] ?? null, p90Seconds: quantiles?.[1] ?? null },
    attempts,
    usage: usageOfRow(usage),
  };
}
