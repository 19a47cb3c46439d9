import { callCounts, unbatchedReasons } from "@weft/engine";
import { Counter, Registry } from "prom-client";

/** Creates the metrics of transitions and starts, which share database transactions. They count what this process did since it started. */
export function createWorkflowMetrics(): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Counter({
    name: "weft_call_batches_total",
    help: "Batches of concurrent transitions and starts of one tenant, which share a database transaction",
    registers,
    collect() {
      this.reset();
      this.inc(callCounts().batches);
    },
  });
  new Counter({
    name: "weft_batched_calls_total",
    help: "Transitions and starts in these batches, by result: written, or refused",
    labelNames: ["result"],
    registers,
    collect() {
      const counts = callCounts();
      this.reset();
      for (const result of ["written", "refused"] as const) this.inc({ result }, counts[result]);
    },
  });
  new Counter({
    name: "weft_unbatched_calls_total",
    help: "Transitions and starts that needed a transaction of their own, by reason. Of the call: vendor (of its user), large, references (a team, a subject or a version), key (in use, or new). Of the instance: hidden (it does not run, or not for the user), definition (or its state, or its security profile), roles, outcome, clocks, busy (locked), error (it could not be decided). Of the batch: failed (rolled back)",
    labelNames: ["reason"],
    registers,
    collect() {
      const { unbatched } = callCounts();
      this.reset();
      for (const reason of unbatchedReasons) this.inc({ reason }, unbatched[reason]);
    },
  });
  return registry;
}
