import { agents as tables } from "@weft/drizzle";
import { sumUsage, type StepUsage } from "@weft/engine";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import { findSession, type Attempt } from "./calls.store.js";

const { agentSessions } = tables;

const limitOf = (allowed: string | null | undefined): number | null => (allowed === null || allowed === undefined ? null : Number(allowed));

/** Number of different agents that the run has used. Steps that begin at once are counted one after the other. */
export async function countAgentsOfRun(
  tx: Tx,
  runId: string,
  agentId: string,
): Promise<{ readonly others: number; readonly allowed: number | null }> {
  // In a statement of its own, because each sees what was committed when it began.
  await tx.execute(named("lockAgentsOfRun", sql`select pg_advisory_xact_lock(hashtextextended('agents ' || ${runId}::text, 0))`));
  const [row] = await tx.execute<{ others: number; allowed: string | null }>(
    named(
      "countAgentsOfRun",
      sql`select count(distinct s.agent_id) filter (where s.agent_id <> ${agentId}::uuid)::int as others, app.limit_of('agentsPerWorkflow') as allowed
        from workflows.agent_sessions s where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid`,
    ),
  );
  return { others: row?.others ?? 0, allowed: limitOf(row?.allowed) };
}

/** What a session has used, with the agents that it asked. */
export interface Used {
  readonly calls: number;
  readonly tokens: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Null if the price of a call is unknown. */
  readonly costMicros: number | null;
  /** Time of the calls and of the HTTP tools. What waited does not count. */
  readonly ms: number;
}

const sums = sql`count(*)::int as calls, coalesce(sum(c.tokens_in), 0) as tokens_in, coalesce(sum(c.tokens_out), 0) as tokens_out,
  coalesce(sum(c.cost_micros), 0) as cost, coalesce(bool_or(c.cost_micros is null and c.tokens_in + c.tokens_out > 0), false) as is_unpriced,
  coalesce(sum(c.duration_ms), 0) as ms`;

type SumRow = { calls: number; tokens_in: string; tokens_out: string; cost: string; is_unpriced: boolean; ms: string; tool_ms?: string };

const usedOf = (row: SumRow | undefined): Used => ({
  calls: row?.calls ?? 0,
  tokens: Number(row?.tokens_in ?? 0) + Number(row?.tokens_out ?? 0),
  tokensIn: Number(row?.tokens_in ?? 0),
  tokensOut: Number(row?.tokens_out ?? 0),
  costMicros: row?.is_unpriced === true ? null : Number(row?.cost ?? 0),
  ms: Number(row?.ms ?? 0) + Number(row?.tool_ms ?? 0),
});

/** Returns what a session and the agents that it asked have used. */
export async function usedBySession(tx: Tx, sessionId: string): Promise<Used> {
  const [row] = await tx.execute<SumRow>(
    named(
      "usedByAgentSession",
      sql`with recursive under as (
          select s.id, s.run_id, s.step, s.is_compensation from workflows.agent_sessions s
           where s.tenant_id = app.tenant() and s.id = ${sessionId}::uuid
          union all
          select s.id, s.run_id, s.step, s.is_compensation
            from under u join workflows.agent_tool_calls t on t.tenant_id = app.tenant() and t.session_id = u.id
            join workflows.agent_sessions s on s.tenant_id = t.tenant_id and s.run_id = u.run_id and s.step = u.step
             and s.is_compensation = u.is_compensation and s.parent_id = t.id
        )
        select ${sums}, (
            -- Calls of other agents last as long as what these do, which is counted itself.
            select coalesce(sum(t.duration_ms), 0) from workflows.agent_tool_calls t
             where t.tenant_id = app.tenant() and t.session_id in (select id from under)
               and not exists (select 1 from workflows.agent_sessions s where s.tenant_id = t.tenant_id and s.run_id = (select run_id from under limit 1)
                                 and s.step = (select step from under limit 1) and s.is_compensation = (select is_compensation from under limit 1)
                                 and s.parent_id = t.id)) as tool_ms
          from workflows.agent_calls c where c.tenant_id = app.tenant() and c.session_id in (select id from under)`,
    ),
  );
  return usedOf(row);
}

/** Returns what the agents of a step have used, in all its attempts. */
export async function usedByStep(tx: Tx, { runId, step, isCompensation }: Omit<Attempt, "leaseToken">): Promise<Used> {
  const [row] = await tx.execute<SumRow>(
    named(
      "usedByAgentStep",
      sql`select ${sums} from workflows.agent_calls c where c.tenant_id = app.tenant() and c.session_id in (
        select s.id from workflows.agent_sessions s where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid and s.step = ${step}
           and s.is_compensation = ${isCompensation})`,
    ),
  );
  return usedOf(row);
}

/**
 * Returns what the agents of a step have used, and no report has counted, and marks it as counted. What lost attempts have used is among it, and what a
 * late answer has shown of it afterwards. Under the lock of the run.
 */
export async function countUsage(tx: Tx, attempt: Omit<Attempt, "leaseToken">): Promise<StepUsage> {
  const top = await findSession(tx, attempt, null);
  if (!top) return {};
  const { tokensIn, tokensOut, costMicros } = await usedByStep(tx, attempt);
  const before = top.counted;
  const more = (now: number, counted = 0): number => Math.max(0, now - counted);
  const usage = {
    tokensIn: more(tokensIn, before.tokensIn),
    tokensOut: more(tokensOut, before.tokensOut),
    ...(costMicros !== null && { costMicros: more(costMicros, before.costMicros) }),
  };
  const counted = sumUsage(before, usage);
  await named(
    "countAgentUsage",
    tx
      .update(agentSessions)
      .set({ counted: sql`${JSON.stringify(counted)}::jsonb` })
      .where(and(eq(agentSessions.tenantId, sql`app.tenant()`), eq(agentSessions.id, top.id))),
  );
  return usage;
}

/** Time after which a call that has no end was lost with its worker. */
const LOST_AFTER_SECONDS = 600;

/** What the calls of a month cost. */
export interface MonthlyCost {
  readonly used: number;
  /** What calls that are being made can cost at most. */
  readonly reserved: number;
  /** Null: no limit. */
  readonly allowed: number | null;
}

/** Cost of this month's calls of the tenant (UTC), and what it may be. If it has a limit, calls of the tenant begin one after the other. */
export async function costOfMonth(tx: Tx): Promise<MonthlyCost> {
  const [limit] = await tx.execute<{ allowed: string | null }>(
    named("limitOfAgentCost", sql`select app.limit_of('agentCostPerMonth') as allowed`),
  );
  const allowed = limitOf(limit?.allowed);
  if (allowed === null) return { used: 0, reserved: 0, allowed };
  // In a statement of its own, because each sees what was committed when it began.
  await tx.execute(named("lockAgentCost", sql`select pg_advisory_xact_lock(hashtextextended('agent cost ' || app.tenant()::text, 0))`));
  const [row] = await tx.execute<{ used: string; reserved: string }>(
    named(
      "agentCostOfMonth",
      sql`select coalesce(sum(c.cost_micros) filter (where not b.is_being_made), 0) as used,
                 coalesce(sum(c.reserved_micros) filter (where b.is_being_made), 0) as reserved
            from workflows.agent_calls c cross join lateral (
              select c.status = 'BEGUN' and c.started_at > clock_timestamp() - make_interval(secs => ${LOST_AFTER_SECONDS}::int) as is_being_made) b
           where c.tenant_id = app.tenant() and c.started_at >= date_trunc('month', transaction_timestamp(), 'UTC')`,
    ),
  );
  return { used: Number(row?.used ?? 0), reserved: Number(row?.reserved ?? 0), allowed };
}
