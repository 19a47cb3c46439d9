import { automation, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { named, type Tx } from "@weft/platform/db";
import { type Period, timeOf } from "@weft/api/periods";
import { and, eq, gte, lt, sql, type SQL } from "drizzle-orm";
import { ofInstance, visibleRuns } from "../run.store.js";

const { runs } = automation;
const { definitions, instances } = workflows;

/** Maximum number of runs of a period that are read, of the definition if one is given. */
export const MAX_COUNTED = 100_000;
const MAX_DEFINITIONS = 500;
const MAX_STEPS = 50;

export interface CountedRuns {
  readonly viewer: Viewer;
  readonly period: Period;
  readonly definitionKey: string | null;
  readonly environment: string;
}

/** The runs that must be read, because their instances say whether they are counted. */
const readIn = ({ period, definitionKey }: CountedRuns): SQL | undefined =>
  and(
    eq(runs.tenantId, sql`app.tenant()`),
    gte(runs.createdAt, timeOf(period.from)),
    lt(runs.createdAt, timeOf(period.to)),
    definitionKey === null
      ? undefined
      : sql`${runs.definitionId} = any(array(
          select d.id from ${definitions} d where d.tenant_id = app.tenant() and d.key = ${definitionKey}))`,
  );

const countedIn = (counted: CountedRuns): SQL | undefined =>
  and(readIn(counted), eq(instances.environment, counted.environment), visibleRuns(counted.viewer));

/** Returns how many runs must be read, at most one more than the maximum. Only an index is read for it. */
export async function countReadRuns(tx: Tx, counted: CountedRuns): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countReadRuns",
      sql`select count(*)::int as count from (select from ${runs} where ${readIn(counted)} limit ${MAX_COUNTED + 1}::int) as found`,
    ),
  );
  return row?.count ?? 0;
}

/** Sums as the database returns them. Sums of large numbers are texts. */
export interface SumRow extends Record<string, unknown> {
  /** Null: of all definitions. */
  readonly definitionKey: string | null;
  readonly created: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly measured: number;
  readonly average: number | null;
  /** Median and 90th percentile, in seconds. */
  readonly quantiles: readonly number[] | null;
  readonly attempts: number;
  readonly processorMs: number;
  readonly memoryBytes: number;
  readonly calls: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costMicros: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Returns the sums over all runs of the period, and over those of each definition, most runs first. */
export async function sumRuns(tx: Tx, counted: CountedRuns): Promise<SumRow[]> {
  const rows = await tx.execute<SumRow>(
    named(
      "sumRuns",
      sql`with found as (
        select ${instances.definitionKey} as key, ${runs.status} as status, ${runs.attempts} as attempts, ${runs.processorMs} as processor_ms,
               ${runs.memoryBytes} as memory_bytes, ${runs.calls} as calls, ${runs.tokensIn} as tokens_in, ${runs.tokensOut} as tokens_out,
               ${runs.costMicros} as cost_micros, ${runs.sentBytes} as sent_bytes, ${runs.receivedBytes} as received_bytes, case when ${runs.finishedAt} is not null and ${runs.beganAt} is not null
                 then extract(epoch from greatest(${runs.finishedAt} - ${runs.beganAt}, interval '0'))::float8 end as seconds
          from ${runs} join ${instances} on ${ofInstance}
         where ${countedIn(counted)}
      )
      select key as "definitionKey", count(*)::int as created, (count(*) filter (where status = 'SUCCEEDED'))::int as succeeded,
             (count(*) filter (where status = 'FAILED'))::int as failed, (count(*) filter (where status = 'CANCELLED'))::int as cancelled,
             count(seconds)::int as measured, avg(seconds) as average,
             percentile_cont(array[0.5, 0.9]) within group (order by seconds) as quantiles,
             coalesce(sum(attempts), 0)::float8 as attempts, coalesce(sum(processor_ms), 0)::float8 as "processorMs",
             coalesce(max(memory_bytes), 0)::float8 as "memoryBytes", coalesce(sum(calls), 0)::float8 as calls,
             coalesce(sum(tokens_in), 0)::float8 as "tokensIn", coalesce(sum(tokens_out), 0)::float8 as "tokensOut",
             coalesce(sum(cost_micros), 0)::float8 as "costMicros", coalesce(sum(sent_bytes), 0)::float8 as "sentBytes",
             coalesce(sum(received_bytes), 0)::float8 as "receivedBytes"
        from found group by grouping sets ((), (key)) order by grouping(key) desc, created desc, key limit ${MAX_DEFINITIONS + 1}::int`,
    ),
  );
  return [...rows];
}

export interface FailingStepRow extends Record<string, unknown> {
  readonly definitionKey: string;
  readonly step: string;
  readonly count: number;
}

/** Returns the steps that have ended runs of the period by their failure, most frequent first. */
export async function countFailingSteps(tx: Tx, counted: CountedRuns): Promise<FailingStepRow[]> {
  const rows = await tx.execute<FailingStepRow>(
    named(
      "countFailingSteps",
      sql`select ${instances.definitionKey} as "definitionKey", regexp_replace(${runs.failedStep}, '\\[.*$', '') as step, count(*)::int as count
        from ${runs} join ${instances} on ${ofInstance}
       where ${and(countedIn(counted), eq(runs.status, "FAILED"), sql`${runs.failedStep} is not null`)}
       group by 1, 2 order by count desc, 1, 2 limit ${MAX_STEPS}::int`,
    ),
  );
  return [...rows];
}
