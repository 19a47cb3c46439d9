import { LimitExceeded } from "@weft/shared/errors";
import { asTenant } from "@weft/platform/db";
import type { UsedAgent } from "../agent-definition.js";
import { usedAgent } from "./used-agent.store.js";
import { findSession, insertSession } from "./calls.store.js";
import type { Ended, PieceOfWork, Session } from "./piece-of-work.js";
import { countAgentsOfRun } from "./usage.store.js";

type Opened = { readonly ok: true; readonly session: Session } | { readonly ok: false; readonly ended: Ended };

/** Continues a piece of work, with the agent as it was then, or begins it with the agent as it is. */
export async function openSession({ context, key, prompt, parent, chain }: PieceOfWork): Promise<Opened> {
  const { services, tenantId } = context;
  const failed = (code: string, message: string): Opened => ({ ok: false, ended: { kind: "failed", code, message, isFinal: true } });
  return asTenant(services.databases.app, { tenantId }, "write", async (tx): Promise<Opened> => {
    const begun = await findSession(tx, context, parent);
    if (begun) return { ok: true, session: { id: begun.id, prompt: begun.prompt, agent: begun.agent as UsedAgent } };
    const agent = await usedAgent(tx, key);
    if (agent === null) return failed("AGENT_NOT_FOUND", `There is no active agent ${key}.`);
    const { others, allowed } = await countAgentsOfRun(tx, context.runId, agent.id);
    if (allowed !== null && others + 1 > allowed)
      return failed("LIMIT_EXCEEDED", new LimitExceeded({ limit: "agentsPerWorkflow", used: others, allowed }).message);
    await insertSession(tx, {
      tenantId,
      runId: context.runId,
      step: context.step,
      isCompensation: context.isCompensation,
      parentId: parent,
      depth: chain.length,
      agentId: agent.id,
      agentKey: agent.key,
      agentVersion: agent.version,
      agent,
      prompt,
    });
    const stored = await findSession(tx, context, parent);
    if (!stored) throw new Error(`The session of the step ${context.step} was not stored.`);
    return { ok: true, session: { id: stored.id, prompt: stored.prompt, agent: stored.agent as UsedAgent } };
  });
}
