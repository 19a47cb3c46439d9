import type { CallEnd } from "../model/call.js";
import type { RunSnapshot } from "../model/run.js";

/** Returns how a run has ended, as its instance receives it. */
export function endOfRun({ status, outputs, ending, steps }: RunSnapshot): CallEnd {
  if (status === "SUCCEEDED") return { isDone: true, result: outputs ?? {} };
  if (status === "CANCELLED") return { isDone: false, error: "The run was canceled." };
  if (ending?.error) return { isDone: false, error: ending.error.message };
  const step = steps.get(ending?.step ?? "");
  return { isDone: false, error: step?.error ? `Step ${step.id}: ${step.error.message}` : "The run failed." };
}
