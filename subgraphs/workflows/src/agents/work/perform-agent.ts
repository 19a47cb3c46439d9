import { stepFailure, type JsonObject, type StepReport } from "@weft/engine";
import { asTenant } from "@weft/platform/db";
import { failure, type Performer, type StepContext } from "../../automation/performers/performer.js";
import { isDecided } from "./calls.store.js";
import { taskText } from "./prompt.js";
import type { Ended } from "./piece-of-work.js";
import { usedByStep } from "./usage.store.js";
import { workOn } from "./work-on.js";

export { countUsage } from "./usage.store.js";

/**
 * Lets an agent work on a step. Everything that it does is stored before and after, so that another worker continues after the last answer:
 * the conversation is what is stored, and a call that was answered is never made again.
 */
export const performAgent: Performer = async (input, context) => {
  const { agent, prompt, context: values } = input as { readonly agent: string; readonly prompt: string; readonly context?: JsonObject };
  const ended = await workOn({ context, key: agent, prompt: taskText(prompt, values ?? null), parent: null, chain: [] });
  return reportOf(context, ended);
};

async function reportOf(context: StepContext, ended: Ended): Promise<StepReport> {
  const { databases } = context.services;
  if (ended.kind === "waits")
    return { kind: "waits", until: ended.until, ...(ended.isForPeople && { isOver: (tx) => isDecided(tx, context) }) };
  if (ended.kind === "parked") return { ...stepFailure(ended.code, ended.message, true), isParked: true };
  if (ended.kind === "failed") return failure(ended.code, ended.message, ended.isFinal);
  const used = await asTenant(databases.app, { tenantId: context.tenantId }, "read", (tx) => usedByStep(tx, context));
  const outputs: JsonObject = {
    text: ended.text,
    ...(ended.value !== null && { value: ended.value }),
    tokens_in: used.tokensIn,
    tokens_out: used.tokensOut,
    ...(used.costMicros !== null && { cost_micros: used.costMicros }),
  };
  return { kind: "succeeded", outputs };
}
