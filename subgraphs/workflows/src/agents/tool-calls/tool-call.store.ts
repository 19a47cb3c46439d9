import { agents as tables, automation, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, desc, eq, getTableColumns, inArray, isNull, or, sql } from "drizzle-orm";
import type { CallOfStep, ToolCallRow } from "./tool-call.type.js";

const { agentCalls, agentSessions, agentToolCalls } = tables;
const { runs, runSteps } = automation;
const { instances } = workflows;

/** A call that waits for a decision, and the step that waits with it. */
export interface AwaitedCall {
  readonly row: ToolCallRow;
  readonly runId: string;
  readonly step: string;
}

/** Calls whose approval one of the roles decides. */
const decidedBy = (roles: readonly string[]) => sql`${agentToolCalls.approvalRoles} && ${sql.param([...roles])}::text[]`;

/** Whether the step still does the work that the call belongs to. */
const isOpen = and(
  sql`${agentToolCalls.expiresAt} > now()`,
  or(inArray(runSteps.status, ["RUNNING", "WAITING", "READY"]), eq(runSteps.compensation, "RUNNING")),
);

const awaited = (tx: Tx) =>
  tx
    .select({ row: getTableColumns(agentToolCalls), runId: agentSessions.runId, step: agentSessions.step })
    .from(agentToolCalls)
    .innerJoin(agentSessions, and(eq(agentSessions.tenantId, agentToolCalls.tenantId), eq(agentSessions.id, agentToolCalls.sessionId)))
    .innerJoin(
      runSteps,
      and(eq(runSteps.tenantId, agentSessions.tenantId), eq(runSteps.runId, agentSessions.runId), eq(runSteps.step, agentSessions.step)),
    );

/** Returns calls that users with the roles can decide about, longest waiting first. */
export const selectAwaited = (tx: Tx, roles: readonly string[], limit: number): Promise<AwaitedCall[]> =>
  named(
    "selectAwaitedToolCalls",
    awaited(tx)
      .where(and(eq(agentToolCalls.status, "AWAITING_APPROVAL"), decidedBy(roles), isOpen))
      .orderBy(asc(agentToolCalls.id))
      .limit(limit),
  );

/** Returns a call that users with the roles can see, whether it waits or was decided. */
export async function findToolCall(tx: Tx, roles: readonly string[], id: string): Promise<AwaitedCall | null> {
  const [found] = await named("findToolCall", awaited(tx).where(and(eq(agentToolCalls.id, id), decidedBy(roles))));
  return found ?? null;
}

/** Locks the run of a call, so that its step cannot begin to wait meanwhile. */
export const lockRunOfCall = async (tx: Tx, runId: string): Promise<void> => {
  await named("lockRunOfToolCall", tx.select({ id: runs.id }).from(runs).where(eq(runs.id, runId)).for("update"));
};

export interface Decision {
  readonly isApproved: boolean;
  readonly reason: string | null;
  readonly decidedBy: string;
}

/** Work that has ended, or was canceled, does not wait any more. */
const belongsToWork = sql`${agentToolCalls.expiresAt} > now() and exists (
  select 1 from ${agentSessions} join ${runSteps} on ${runSteps.tenantId} = ${agentSessions.tenantId} and ${runSteps.runId} = ${agentSessions.runId}
     and ${runSteps.step} = ${agentSessions.step}
   where ${agentSessions.tenantId} = ${agentToolCalls.tenantId} and ${agentSessions.id} = ${agentToolCalls.sessionId} and ${isOpen})`;

/** Records a decision. Null: somebody else was faster, or the call does not wait any more. */
export async function writeDecision(tx: Tx, id: string, { isApproved, reason, decidedBy: userId }: Decision): Promise<ToolCallRow | null> {
  const now = sql`clock_timestamp()`;
  const [row] = await named(
    "decideToolCall",
    tx
      .update(agentToolCalls)
      .set({
        status: isApproved ? "APPROVED" : "REFUSED",
        decidedBy: userId,
        decidedAt: now,
        reason,
        version: sql`${agentToolCalls.version} + 1`,
        ...(!isApproved && { result: sql`${JSON.stringify(`refused: ${reason ?? "no reason given"}`)}::jsonb`, finishedAt: now }),
      })
      .where(and(eq(agentToolCalls.id, id), eq(agentToolCalls.status, "AWAITING_APPROVAL"), belongsToWork))
      .returning(),
  );
  return row ?? null;
}

/** Work without a lease has no worker. */
const isWaiting = and(isNull(runSteps.leaseToken), or(eq(runSteps.status, "WAITING"), eq(runSteps.compensation, "RUNNING")));

/** Lets a worker continue with a step that waits. */
export const wakeStep = async (tx: Tx, { runId, step }: Pick<AwaitedCall, "runId" | "step">): Promise<void> => {
  await named(
    "wakeAgentStep",
    tx
      .update(runSteps)
      .set({ dueAt: sql`clock_timestamp()` })
      .where(and(eq(runSteps.runId, runId), eq(runSteps.step, step), eq(runSteps.isParked, false), isWaiting)),
  );
};

/** Calls of models that are shown: in a response, and of each step. */
const MAX_CALLS = 500;
const MAX_CALLS_OF_STEP = 50;
/** What ends a text that is cut. A parameter: the bundle is ASCII, and a tagged template cannot be escaped. */
const ELLIPSIS = "…";

/** The calls of a step can have written megabytes. */
const shortResponse = sql`case when octet_length(${agentCalls.response}::text) <= 16000 then ${agentCalls.response}
  else jsonb_build_object('text', left(${agentCalls.response} ->> 'text', 8000) || ${ELLIPSIS}::text) end`.mapWith(agentCalls.response);
const short = (column: typeof agentToolCalls.result | typeof agentToolCalls.arguments) =>
  sql`case when octet_length(${column}::text) <= 2000 then ${column} else to_jsonb(left(${column}::text, 1000) || ${ELLIPSIS}::text) end`.mapWith(
    column,
  );

const isNewest = (stepIds: readonly string[]) =>
  sql`${agentCalls.id} in (
    select n.id from (
      select c.id, row_number() over (partition by t.id order by c.id desc) as number
        from workflows.run_steps t
        join workflows.agent_sessions s on s.tenant_id = t.tenant_id and s.run_id = t.run_id and s.step = t.step
        join workflows.agent_calls c on c.tenant_id = s.tenant_id and c.session_id = s.id
       where t.tenant_id = app.tenant() and t.id = any(${sql.param([...stepIds])}::uuid[])) n
     where n.number <= ${MAX_CALLS_OF_STEP}::int)`;

/** Returns the newest calls of agents of steps that the viewer can see, in their order. */
export const selectCallsOfSteps = (
  tx: Tx,
  viewer: Viewer,
  stepIds: readonly string[],
): Promise<(CallOfStep & { readonly stepId: string })[]> =>
  named(
    "selectAgentCallsOfSteps",
    tx
      .select({
        call: { ...getTableColumns(agentCalls), response: shortResponse },
        agentKey: agentSessions.agentKey,
        agentVersion: agentSessions.agentVersion,
        depth: agentSessions.depth,
        stepId: runSteps.id,
      })
      .from(runSteps)
      .innerJoin(
        agentSessions,
        and(eq(agentSessions.tenantId, runSteps.tenantId), eq(agentSessions.runId, runSteps.runId), eq(agentSessions.step, runSteps.step)),
      )
      .innerJoin(agentCalls, and(eq(agentCalls.tenantId, agentSessions.tenantId), eq(agentCalls.sessionId, agentSessions.id)))
      .innerJoin(runs, and(eq(runs.tenantId, runSteps.tenantId), eq(runs.id, runSteps.runId)))
      .innerJoin(instances, and(eq(instances.tenantId, runs.tenantId), eq(instances.id, runs.instanceId)))
      .where(and(among(runSteps.id, stepIds), isNewest(stepIds), visibleObjects("instance", viewer, "workflow.read")))
      .orderBy(desc(agentCalls.id))
      .limit(MAX_CALLS),
  ).then((rows) => rows.toReversed());

/** Returns the tools that calls of models have called, in their order. */
export const selectToolCalls = (tx: Tx, callIds: readonly string[]): Promise<ToolCallRow[]> =>
  named(
    "selectToolCallsOfCalls",
    tx
      .select({ ...getTableColumns(agentToolCalls), arguments: short(agentToolCalls.arguments), result: short(agentToolCalls.result) })
      .from(agentToolCalls)
      .where(among(agentToolCalls.callId, callIds))
      .orderBy(asc(agentToolCalls.position)),
  );
