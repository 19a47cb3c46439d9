import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents, wakeRelay } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { DecideAgentToolCallInput } from "./tool-call.input.js";
import { findToolCall, lockRunOfCall, selectAwaited, wakeStep, writeDecision } from "./tool-call.store.js";
import { type AgentToolCall, toToolCall } from "./tool-call.type.js";

/** Number of calls that are shown at once. */
const MAX_SHOWN = 100;

/** Returns the calls that the viewer can decide about. */
export const readAwaitedToolCalls = (ctx: Context): Promise<AgentToolCall[]> =>
  ctx.read(async (tx) => (await selectAwaited(tx, ctx.viewer.roles, MAX_SHOWN)).map(({ row }) => toToolCall(row)));

/** @throws NotFound (also for users without one of the roles) */
export async function readToolCall(ctx: Context, id: string): Promise<AgentToolCall> {
  const uuid = decodeId("agentToolCall", id);
  const found = await ctx.read((tx) => findToolCall(tx, ctx.viewer.roles, uuid));
  if (found === null) throw new NotFound("Tool call", id);
  return toToolCall(found.row);
}

/** Decides whether an agent may call a tool, and lets its step continue. Of concurrent decisions, the first one counts. @throws NotFound, BadUserInput, Conflict */
export async function decideToolCall(ctx: Context, input: DecideAgentToolCallInput): Promise<AgentToolCall> {
  const id = decodeId("agentToolCall", input.id, "input.id");
  const reason = input.reason?.trim() ?? "";
  const problems = reason === "" ? [] : textProblems("input.reason", reason, { max: 2000, hasLines: true });
  if (problems.length > 0) throw new BadUserInput(problems);
  const decided = await ctx.inTenant(async (tx) => {
    const { roles, userId } = ctx.viewer;
    const found = await findToolCall(tx, roles, id);
    if (found === null) throw new NotFound("Tool call", input.id);
    await lockRunOfCall(tx, found.runId);
    const before = found.row;
    const after = await writeDecision(tx, id, { isApproved: input.isApproved, reason: reason === "" ? null : reason, decidedBy: userId });
    if (after === null) throw new Conflict(`The tool call ${encodeId("agentToolCall", id)} does not wait for a decision any more.`);
    await wakeStep(tx, found);
    const payload = { tool: after.tool, isApproved: input.isApproved };
    await appendEvents(tx, ctx.meta, [{ type: "agentToolCall.decided", subjectId: id, subjectVersion: after.version, payload }]);
    await writeAudit(tx, ctx.meta, [{ action: "agentToolCall.decide", entityType: "agentToolCall", entityId: id, before, after }]);
    return after;
  });
  wakeRelay(ctx.services.pubsub, ctx.services.log);
  return toToolCall(decided);
}
