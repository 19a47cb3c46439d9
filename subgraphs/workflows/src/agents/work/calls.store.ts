import { agents as tables } from "@weft/drizzle";
import type { Json, JsonObject } from "@weft/engine";
import { named, newId, type Tx } from "@weft/shared";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { UsedAgent } from "../agent-definition.js";
import type { StepContext } from "../../automation/performers/performer.js";
import type { Tokens } from "./model.js";

const { agentCalls, agentSessions, agentToolCalls } = tables;

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

/** Returns the session of a piece of work. Null: it has not begun. */
export async function findSession(tx: Tx, { runId, step, isCompensation }: Attempt, parentId: string | null): Promise<SessionRow | null> {
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

/** Number of different agents that the run has used. */
export async function countAgentsOfRun(
  tx: Tx,
  runId: string,
  agentId: string,
): Promise<{ readonly others: number; readonly allowed: number | null }> {
  const [row] = await tx.execute<{ others: number; allowed: string | null }>(
    named(
      "countAgentsOfRun",
      sql`select count(distinct s.agent_id) filter (where s.agent_id <> ${agentId}::uuid)::int as others, app.limit_of('agentsPerWorkflow') as allowed
        from workflows.agent_sessions s where s.tenant_id = app.tenant() and s.run_id = ${runId}::uuid`,
    ),
  );
  return { others: row?.others ?? 0, allowed: limitOf(row?.allowed) };
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
}

const sums = sql`count(*)::int as calls, coalesce(sum(c.tokens_in), 0) as tokens_in, coalesce(sum(c.tokens_out), 0) as tokens_out,
  coalesce(sum(c.cost_micros), 0) as cost, coalesce(bool_or(c.cost_micros is null and c.tokens_in + c.tokens_out > 0), false) as is_unpriced`;

type SumRow = { calls: number; tokens_in: string; tokens_out: string; cost: string; is_unpriced: boolean };

const usedOf = (row: SumRow | undefined): Used => ({
  calls: row?.calls ?? 0,
  tokens: Number(row?.tokens_in ?? 0) + Number(row?.tokens_out ?? 0),
  tokensIn: Number(row?.tokens_in ?? 0),
  tokensOut: Number(row?.tokens_out ?? 0),
  costMicros: row?.is_unpriced === true ? null : Number(row?.cost ?? 0),
});

/** Returns what a session and the agents that it asked have used. */
export async function usedBySession(tx: Tx, sessionId: string): Promise<Used> {
  const [row] = await tx.execute<SumRow>(
    named(
      "usedByAgentSession",
      sql`with recursive under as (
          select ${sessionId}::uuid as id
          union all
          select s.id from under u join workflows.agent_tool_calls t on t.tenant_id = app.tenant() and t.session_id = u.id
            join workflows.agent_sessions s on s.tenant_id = t.tenant_id and s.parent_id = t.id
        )
        select ${sums} from workflows.agent_calls c where c.tenant_id = app.tenant() and c.session_id in (select id from under)`,
    ),
  );
  return usedOf(row);
}

/** Returns what the agents of a step have used, in all its attempts. */
export async function usedByStep(tx: Tx, { runId, step, isCompensation }: Attempt): Promise<Used> {
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

/** Time that the calls and tools of a session have taken, and how often the next turn has failed since the last answer. */
export async function progressOf(tx: Tx, sessionId: string, turn: number): Promise<{ readonly ms: number; readonly failures: number }> {
  const [row] = await tx.execute<{ ms: string; failures: number }>(
    named(
      "agentProgress",
      sql`select (select coalesce(sum(c.duration_ms), 0) from workflows.agent_calls c where c.tenant_id = app.tenant() and c.session_id = ${sessionId}::uuid)
             + (select coalesce(sum(t.duration_ms), 0) from workflows.agent_tool_calls t where t.tenant_id = app.tenant() and t.session_id = ${sessionId}::uuid) as ms,
             (select count(*)::int from workflows.agent_calls c where c.tenant_id = app.tenant() and c.session_id = ${sessionId}::uuid
                and c.turn = ${turn}::int and c.status = 'FAILED') as failures`,
    ),
  );
  return { ms: Number(row?.ms ?? 0), failures: row?.failures ?? 0 };
}

/** Cost of this month's calls of the tenant (UTC), and what it may be. */
export async function costOfMonth(tx: Tx): Promise<{ readonly used: number; readonly allowed: number | null }> {
  const [row] = await tx.execute<{ used: string; allowed: string | null }>(
    named(
      "agentCostOfMonth",
      sql`select app.limit_of('agentCostPerMonth') as allowed, case when app.limit_of('agentCostPerMonth') is null then 0 else (
        select coalesce(sum(c.cost_micros), 0) from workflows.agent_calls c
         where c.tenant_id = app.tenant() and c.started_at >= date_trunc('month', transaction_timestamp(), 'UTC')) end as used`,
    ),
  );
  return { used: Number(row?.used ?? 0), allowed: limitOf(row?.allowed) };
}

export interface BegunCall {
  readonly sessionId: string;
  readonly turn: number;
  readonly agent: UsedAgent;
  readonly requestHash: string;
  /** What is certainly used, even if there is no answer. */
  readonly tokens: Tokens;
  readonly costMicros: number | null;
}

/** Records that a model is asked. A call of an earlier attempt that has no answer is lost. Returns its ID. */
export async function beginCall(
  tx: Tx,
  tenantId: string,
  { sessionId, turn, agent, requestHash, tokens, costMicros }: BegunCall,
): Promise<string> {
  const id = newId();
  await named(
    "loseAgentCalls",
    tx
      .update(agentCalls)
      .set({ status: "LOST", finishedAt: sql`clock_timestamp()` })
      .where(and(eq(agentCalls.tenantId, sql`app.tenant()`), eq(agentCalls.sessionId, sessionId), eq(agentCalls.status, "BEGUN"))),
  );
  await named(
    "beginAgentCall",
    tx.insert(agentCalls).values({
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
      startedAt: sql`clock_timestamp()`,
    }),
  );
  return id;
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
  readonly status: "SUCCEEDED" | "FAILED" | "REFUSED";
  readonly result: Json;
  readonly reason: string | null;
  readonly durationMs: number | null;
}

/** Records the result of a tool, unless another attempt has. */
export const endToolCall = async (tx: Tx, id: string, { status, result, reason, durationMs }: ToolEnd): Promise<void> => {
  await named(
    "endAgentToolCall",
    tx
      .update(agentToolCalls)
      .set({
        status,
        result: sql`${JSON.stringify(result)}::jsonb`,
        ...(reason !== null && { reason }),
        durationMs,
        version: sql`${agentToolCalls.version} + 1`,
        finishedAt: sql`clock_timestamp()`,
      })
      .where(
        and(
          eq(agentToolCalls.tenantId, sql`app.tenant()`),
          eq(agentToolCalls.id, id),
          inArray(agentToolCalls.status, ["PENDING", "APPROVED", "AWAITING_APPROVAL"]),
        ),
      ),
  );
};

/** Whether nobody has to decide about a tool of the step any more. */
export async function isDecided(tx: Tx, { runId, step, isCompensation }: Attempt): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "findAwaitedApproval",
      sql`select 1 from workflows.agent_tool_calls t join workflows.agent_sessions s on s.tenant_id = t.tenant_id and s.id = t.session_id
       where t.tenant_id = app.tenant() and t.status = 'AWAITING_APPROVAL' and s.run_id = ${runId}::uuid and s.step = ${step}
         and s.is_compensation = ${isCompensation} limit 1`,
    ),
  );
  return rows.length === 0;
}
