import { encodeId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { AgentStatistics, type AgentStatisticsGrouping } from "./agent-statistics.type.js";

/** Number of groups that are returned: those with the most calls. */
const MAX_GROUPS = 200;

const GROUPS = {
  AGENT: sql`s.agent_key`,
  DEFINITION: sql`d.key`,
  MODEL: sql`c.model`,
  RUN: sql`s.run_id::text`,
  NONE: sql`''::text`,
} as const;

interface Row extends Record<string, unknown> {
  readonly group: string;
  readonly calls: number;
  readonly failed: number;
  readonly tokens_in: string;
  readonly tokens_out: string;
  readonly cost: string;
  readonly unpriced: number;
  readonly ms: string;
}

/** Returns what the tenant's agents have used in a period, most calls first. */
export async function selectAgentStatistics(
  tx: Tx,
  { from, to, groupBy }: { readonly from: string; readonly to: string; readonly groupBy: AgentStatisticsGrouping | null },
): Promise<AgentStatistics[]> {
  const rows = await tx.execute<Row>(
    named(
      "selectAgentStatistics",
      sql`select ${GROUPS[groupBy ?? "NONE"]} as "group", count(*)::int as calls, (count(*) filter (where c.status in ('FAILED', 'LOST')))::int as failed,
          coalesce(sum(c.tokens_in), 0) as tokens_in, coalesce(sum(c.tokens_out), 0) as tokens_out, coalesce(sum(c.cost_micros), 0) as cost,
          (count(*) filter (where c.cost_micros is null and c.tokens_in + c.tokens_out > 0))::int as unpriced, coalesce(sum(c.duration_ms), 0) as ms
        from workflows.agent_calls c
        join workflows.agent_sessions s on s.tenant_id = c.tenant_id and s.id = c.session_id
        join workflows.definitions d on d.tenant_id = s.tenant_id and d.id = s.definition_id
       where c.tenant_id = app.tenant() and c.started_at >= ${from}::timestamptz and c.started_at < ${to}::timestamptz
       group by 1 order by calls desc, 1 limit ${MAX_GROUPS}::int`,
    ),
  );
  return rows.map((row) =>
    Object.assign(new AgentStatistics(), {
      group: groupBy === "RUN" ? encodeId("run", row.group) : row.group,
      calls: row.calls,
      failedCalls: row.failed,
      tokensIn: Number(row.tokens_in),
      tokensOut: Number(row.tokens_out),
      costMicros: Number(row.cost),
      unpricedCalls: row.unpriced,
      durationMs: Number(row.ms),
    }),
  );
}
