import { agents as tables, automation } from "@weft/drizzle";
import { sumUsage, type Json, type JsonObject, type StepUsage } from "@weft/engine";
import { named, newId, type Tx } from "@weft/shared";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { UsedAgent } from "../agent-definition.js";
import type { StepContext } from "../../automation/performers/performer.js";
import type { Tokens } from "./model.js";

const { agentCalls, agentSessions, agentToolCalls } = tables;
const { runs } = automation;

export type SessionRow = typeof agentSessions.$inferSelect;
export type StoredToolCall = typeof agentToolCalls.$inferSelect;

/** An answer of a model as it is stored. `problem`: what the model is told about it, because it does not match the output schema. */
export interface StoredResponse {
  readonly text: string;
  readonly reason: string;
  readonly problem: string | null;
}

/** A turn that the model has answered, with the tools that it called. */
export interface AnsweredTurn {
  readonly turn: number;
  readonly callId: string;
  readonly response: StoredResponse;
  readonly toolCalls: readonly StoredToolCall[];
}

/** The attempt that does the work, and what it works on. */
export type Attempt = Pick<StepContext, "runId" | "step" | "isCompensation" | "leaseToken">;

/**
 * Returns whether the attempt still has the step. The row is locked against a worker that takes it over, so that nothing is written for an attempt
 * after that.
 */
export async function lockLease(tx: Tx, { runId, step, leaseToken }: Attempt): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "lockAgentLease",
      sql`select 1 from workflows.run_steps s
       where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid and s.step = ${step} and s.lease_token = ${leaseToken}::uuid for share`,
    ),
  );
  return rows.length > 0;
}

/** Returns what a run belongs to. */
export async function findRunOfWork(tx: Tx, runId: string): Promise<{ readonly definitionId: string; readonly instanceId: string }> {
  const [row] = await named(
    "findRunOfAgent",
    tx
      .select({ definitionId: runs.definitionId, instanceId: runs.instanceId })
      .from(runs)
      .where(and(eq(runs.tenantId, sql`app.tenant()`), eq(runs.id, runId))),
  );
  if (!row) throw new Error(`The run ${runId} does not exist.`);
  return row;
}

/** Returns the session of a piece of work. Null: it has not begun. */
export async function findSession(
  tx: Tx,
  { runId, step, isCompensation }: Omit<Attempt, "leaseToken">,
  parentId: string | null,
): Promise<SessionRow | null> {
  const [row] = await named(
    "findAgentSession",
    tx
      .select()
      .from(agentSessions)
      .where(
        and(
          eq(agentSessions.tenantId, sql`app.tenant()`),
          eq(agentSessions.runId, runId),
          eq(agentSessions.step, step),
          eq(agentSessions.isCompensation, isCompensation),
          sql`${agentSessions.parentId} is not distinct from ${parentId}::uuid`,
        ),
      ),
  );
  return row ?? null;
}

/** Records that an agent begins a piece of work. If another worker was faster, its session stays. */
export const insertSession = async (tx: Tx, values: Omit<typeof agentSessions.$inferInsert, "id" | "definitionId">): Promise<void> => {
  const { tenantId, runId } = values;
  const definitionId = sql`(select r.definition_id from workflows.runs r where r.tenant_id = ${tenantId}::uuid and r.id = ${runId}::uuid)`;
  await named(
    "insertAgentSession",
    tx
      .insert(agentSessions)
      .values({ ...values, id: newId(), definitionId })
      .onConflictDoNothing(),
  );
};

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

/** Size of a session's conversation in bytes of text. Nothing of it is loaded. */
export async function conversationBytes(tx: Tx, sessionId: string): Promise<number> {
  const [row] = await tx.execute<{ bytes: string }>(
    named(
      "agentConversationBytes",
      sql`select (select coalesce(sum(octet_length(c.response::text)), 0) from workflows.agent_calls c
                   where c.tenant_id = app.tenant() and c.session_id = ${sessionId}::uuid and c.status = 'ANSWERED')
               + (select coalesce(sum(octet_length(t.arguments::text) + coalesce(octet_length(t.result::text), 0)), 0)
                    from workflows.agent_tool_calls t where t.tenant_id = app.tenant() and t.session_id = ${sessionId}::uuid) as bytes`,
    ),
  );
  return Number(row?.bytes ?? 0);
}

/** Returns the answered turns of a session in their order. */
export async function findTurns(tx: Tx, sessionId: string): Promise<AnsweredTurn[]> {
  const calls = await named(
    "findAgentTurns",
    tx
      .select({ id: agentCalls.id, turn: agentCalls.turn, response: agentCalls.response })
      .from(agentCalls)
      .where(and(eq(agentCalls.tenantId, sql`app.tenant()`), eq(agentCalls.sessionId, sessionId), eq(agentCalls.status, "ANSWERED")))
      .orderBy(asc(agentCalls.turn)),
  );
  const tools = await named(
    "findToolCallsOfTurns",
    tx
      .select()
      .from(agentToolCalls)
      .where(and(eq(agentToolCalls.tenantId, sql`app.tenant()`), eq(agentToolCalls.sessionId, sessionId)))
      .orderBy(asc(agentToolCalls.position)),
  );
  const byCall = Map.groupBy(tools, ({ callId }) => callId);
  return calls.map(({ id, turn, response }) => ({
    turn,
    callId: id,
    response: response as StoredResponse,
    toolCalls: byCall.get(id) ?? [],
  }));
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

/** How often a turn of a session has failed. */
export async function failuresOf(tx: Tx, sessionId: string, turn: number): Promise<number> {
  const [row] = await tx.execute<{ failures: number }>(
    named(
      "agentFailures",
      sql`select count(*)::int as failures from workflows.agent_calls c
           where c.tenant_id = app.tenant() and c.session_id = ${sessionId}::uuid and c.turn = ${turn}::int and c.status = 'FAILED'`,
    ),
  );
  return row?.failures ?? 0;
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

export interface BegunCall {
  readonly sessionId: string;
  readonly turn: number;
  readonly agent: UsedAgent;
  readonly requestHash: string;
  /** What is certainly used, even if there is no answer. */
  readonly tokens: Tokens;
  readonly costMicros: number | null;
  /** What it can cost at most. */
  readonly reservedMicros: number | null;
}

/** Records that a model is asked. A call of an earlier attempt that has no answer is lost. Returns its ID; null: that attempt was answered just now. */
export async function beginCall(
  tx: Tx,
  tenantId: string,
  { sessionId, turn, agent, requestHash, tokens, costMicros, reservedMicros }: BegunCall,
): Promise<string | null> {
  const id = newId();
  await named(
    "loseAgentCalls",
    tx
      .update(agentCalls)
      .set({ status: "LOST", finishedAt: sql`clock_timestamp()` })
      .where(and(eq(agentCalls.tenantId, sql`app.tenant()`), eq(agentCalls.sessionId, sessionId), eq(agentCalls.status, "BEGUN"))),
  );
  const rows = await named(
    "beginAgentCall",
    tx
      .insert(agentCalls)
      .values({
        tenantId,
        id,
        sessionId,
        turn,
        agentId: agent.id,
        model: agent.model,
        requestHash,
        tokensIn: tokens.tokensIn,
        tokensOut: 0,
        isEstimated: true,
        costMicros,
        reservedMicros,
        startedAt: sql`clock_timestamp()`,
      })
      .onConflictDoNothing()
      .returning({ id: agentCalls.id }),
  );
  return rows[0]?.id ?? null;
}

export interface CallEnd {
  readonly status: "ANSWERED" | "FAILED" | "LOST";
  readonly response: StoredResponse | null;
  readonly error: JsonObject | null;
  readonly tokens: Tokens | null;
  readonly costMicros: number | null;
  readonly durationMs: number;
}

/**
 * Records the end of a call. One that was given up by a later attempt stays lost: its answer is not used, and its tokens are counted.
 * @returns whether the call is still that of the session
 */
export async function endCall(tx: Tx, id: string, { status, response, error, tokens, costMicros, durationMs }: CallEnd): Promise<boolean> {
  const [row] = await named(
    "endAgentCall",
    tx
      .update(agentCalls)
      .set({
        status: sql`case ${agentCalls.status} when 'BEGUN' then ${status} else ${agentCalls.status} end`,
        response: sql`case ${agentCalls.status} when 'BEGUN' then ${response === null ? null : JSON.stringify(response)}::jsonb end`,
        error: error === null ? null : sql`${JSON.stringify(error)}::jsonb`,
        ...(tokens && { ...tokens, costMicros }),
        durationMs,
        finishedAt: sql`clock_timestamp()`,
      })
      .where(and(eq(agentCalls.tenantId, sql`app.tenant()`), eq(agentCalls.id, id), inArray(agentCalls.status, ["BEGUN", "LOST"])))
      .returning({ status: agentCalls.status }),
  );
  return row?.status === status;
}

/** Records the tools that an answer calls. */
export const insertToolCalls = async (tx: Tx, rows: readonly (typeof agentToolCalls.$inferInsert)[]): Promise<void> => {
  if (rows.length > 0) await named("insertAgentToolCalls", tx.insert(agentToolCalls).values([...rows]));
};

/** Tells the model about an answer that it must give again. */
export const setProblem = async (tx: Tx, callId: string, response: StoredResponse): Promise<void> => {
  await named(
    "setAgentProblem",
    tx
      .update(agentCalls)
      .set({ response: sql`${JSON.stringify(response)}::jsonb` })
      .where(and(eq(agentCalls.tenantId, sql`app.tenant()`), eq(agentCalls.id, callId))),
  );
};

export interface ToolEnd {
  readonly status: "SUCCEEDED" | "FAILED";
  readonly result: Json;
  readonly durationMs: number;
}

/** Records the result of a tool that was to be done. */
export const endToolCall = async (tx: Tx, id: string, { status, result, durationMs }: ToolEnd): Promise<void> => {
  await named(
    "endAgentToolCall",
    tx
      .update(agentToolCalls)
      .set({
        status,
        result: sql`${JSON.stringify(result)}::jsonb`,
        durationMs,
        version: sql`${agentToolCalls.version} + 1`,
        finishedAt: sql`clock_timestamp()`,
      })
      .where(
        and(
          eq(agentToolCalls.tenantId, sql`app.tenant()`),
          eq(agentToolCalls.id, id),
          inArray(agentToolCalls.status, ["PENDING", "APPROVED"]),
        ),
      ),
  );
};

/** Refuses a tool about which nobody has decided in time, by the clock of the database. */
export const expireToolCall = async (tx: Tx, id: string): Promise<void> => {
  const reason = "Nobody decided in time.";
  await named(
    "expireAgentToolCall",
    tx
      .update(agentToolCalls)
      .set({
        status: "REFUSED",
        result: sql`${JSON.stringify(reason)}::jsonb`,
        reason,
        version: sql`${agentToolCalls.version} + 1`,
        finishedAt: sql`clock_timestamp()`,
      })
      .where(
        and(
          eq(agentToolCalls.tenantId, sql`app.tenant()`),
          eq(agentToolCalls.id, id),
          eq(agentToolCalls.status, "AWAITING_APPROVAL"),
          sql`${agentToolCalls.expiresAt} <= now()`,
        ),
      ),
  );
};

/** Whether a tool of the step can be done now, or nobody has to decide about one any more. Of work that has ended, nothing counts. */
export async function isDecided(tx: Tx, { runId, step, isCompensation }: Attempt): Promise<boolean> {
  const [row] = await tx.execute<{ is_decided: boolean }>(
    named(
      "findAwaitedApproval",
      sql`with recursive open as (
          select s.id from workflows.agent_sessions s where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid and s.step = ${step}
             and s.is_compensation = ${isCompensation} and s.parent_id is null
          union all
          select s.id from open o
            join workflows.agent_tool_calls t on t.tenant_id = app.tenant() and t.session_id = o.id and t.finished_at is null
            join workflows.agent_sessions s on s.tenant_id = t.tenant_id and s.run_id = ${runId}::uuid and s.step = ${step}
             and s.is_compensation = ${isCompensation} and s.parent_id = t.id
        )
        select coalesce(bool_or(t.status = 'APPROVED') or not bool_or(t.status = 'AWAITING_APPROVAL'), true) as is_decided
          from open o join workflows.agent_tool_calls t on t.tenant_id = app.tenant() and t.session_id = o.id`,
    ),
  );
  return row?.is_decided ?? true;
}
