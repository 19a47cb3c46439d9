import type { Context } from "@weft/api/context";
import { selectCallsOfSteps, selectToolCalls } from "./tool-call.store.js";
import { type AgentCall, toAgentCall } from "./tool-call.type.js";

/** Loads the calls of a step's agents. Two statements for all steps of the response. */
export async function loadAgentCalls(ctx: Context, stepId: string): Promise<AgentCall[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, AgentCall[]>("agentCallsOfStep", async (tx, ids) => {
    const calls = await selectCallsOfSteps(tx, viewer, ids);
    const tools =
      calls.length === 0
        ? []
        : await selectToolCalls(
            tx,
            calls.map(({ call }) => call.id),
          );
    const byCall = Map.groupBy(tools, ({ callId }) => callId);
    const byStep = Map.groupBy(calls, (one) => one.stepId);
    return new Map([...byStep].map(([id, ofStep]) => [id, ofStep.map((one) => toAgentCall(one, byCall.get(one.call.id) ?? []))]));
  });
  return (await loader.load(stepId)) ?? [];
}
