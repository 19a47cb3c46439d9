import { agents as tables, automation } from "@weft/drizzle";
import type { Json, JsonObject } from "@weft/engine";
import { newId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { UsedAgent } from "../agent-definition.js";
import type { StepContext } from "../../automation/performers/performer.js";
import { MODEL_KEY_REFUSED, type Tokens } from "./model.js";

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

/** How often a turn of a session has failed. A refused key does not count: the step has waited for a better one since. */
export async function failuresOf(tx: Tx, sessionId: string, turn: number): Promise<number> {
  const [row] = await tx.execute<{ failures: number }>(
    named(
      "agentFailures",
      sql`select count(*)::int as failures from workflows.agent_calls c
           where c.tenant_id = app.tenant() and c.session_id = ${sessionId}::uuid and c.turn = ${turn}::int and c.status = 'FAILED'
             and c.error->>'code' is distinct from ${MODEL_KEY_REFUSED}`,
    ),
  );
  return row?.failures ?? 0;
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
