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
    help: "Transitions and starts that needed a transaction of their own, by reason: vendor (their user works for one), large, references (a start with a team, a subject or a version), hidden (no such instance is running for the user), definition (it or the state is not batchable), roles, outcome, clocks, key (in use, or new), busy (locked), or failed (the batch was rolled back)",
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
