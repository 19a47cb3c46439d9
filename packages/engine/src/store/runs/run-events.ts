import type { AnyNewEvent } from "@weft/platform/events";
import type { RunStatus } from "../../core/model/run.js";
import { aboutRun } from "../outcome/events.js";
import type { LoadedRun } from "./loaded-run.js";

/**
 * Returns the events of a change of a run: its new status, and for those who watch it live, that something has changed. Steps have no events of their
 * own: they would cost more than the steps.
 */
export function runEvents({ row, head, run }: LoadedRun, before: RunStatus): AnyNewEvent[] {
  const { facts, ...about } = aboutRun(head, row);
  const { status } = run;
  const payload = { ...facts, status };
  if (status !== before) {
    if (status === "PAUSED") return [{ type: "run.paused", ...about, payload }];
    if (status === "RUNNING") return [{ type: "run.resumed", ...about, payload }];
    if (status === "SUCCEEDED") return [{ type: "run.succeeded", ...about, payload }];
    if (status === "CANCELLED") return [{ type: "run.cancelled", ...about, payload }];
    if (status === "FAILED") {
      const step = run.ending?.step ?? null;
      // Messages can quote values of the tenant's systems, so events have the code only.
      const code = (step === null ? null : run.steps.get(step)?.error?.code) ?? null;
      return [{ type: "run.failed", ...about, payload: { ...payload, step, code } }];
    }
  }
  return row.isWatched ? [{ type: "run.progressed", ...about, payload }] : [];
}
