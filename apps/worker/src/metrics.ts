import { countStreams, type DeliveryAttempt, type DueRow, readDueDeliveries, type StreamCounts } from "@weft/audit";
import type { CheckpointAttempt } from "@weft/platform/checkpoints";
import { turnCounts, turnResults } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import type { MeasuredStep } from "@weft/workflows";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** The worker's metrics. The labels are channels, queues, step types and results: nothing of a tenant or an endpoint. */
export interface WorkerMetrics {
  readonly registry: Registry;
  /** Counts an attempt at a delivery. */
  readonly attempt: (attempt: DeliveryAttempt) => void;
  /** Counts an attempt at a step of an automation. */
  readonly step: (step: MeasuredStep) => void;
  /** Tells how often a place of checkpoints has failed in a row. */
  readonly checkpoint: (attempt: CheckpointAttempt) => void;
}

/** A measurement serves all scrapes of this time, so that several scrapers cost one statement. */
const MEASURED_FOR_MS = 5_000;

const channels: readonly DeliveryAttempt["channel"][] = ["WEBHOOK", "NOTIFICATION", "CALL", "INBOUND", "POLL"];
const results: readonly DeliveryAttempt["result"][] = ["succeeded", "retried", "failed", "unknown"];

/** @param services of the database to measure. Without them, for the documentation, the queues have no values */
export function createWorkerMetrics(services?: Pick<Services, "databases" | "log">): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Counter({
    name: "weft_delivery_attempts_total",
    help: "Attempts at deliveries, by channel and result: succeeded, retried (failed, and is tried again), failed (for good), or unknown (not repeated, because the receiver may have accepted it)",
    labelNames: ["channel", "result"],
    registers,
  });
  for (const channel of channels) for (const result of results) attempts.inc({ channel, result }, 0);
  const durations = new Histogram({
    name: "weft_delivery_attempt_duration_seconds",
    help: "Time that attempts at deliveries took, by channel",
    labelNames: ["channel"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30],
    registers,
  });
  const steps = new Counter({
    name: "weft_step_attempts_total",
    help: "Attempts at steps of automations, by step type and result: succeeded, failed, waits (for a time, a person or an event), or stopped (with its run)",
    labelNames: ["type", "result"],
    registers,
  });
  const stepDurations = new Histogram({
    name: "weft_step_attempt_duration_seconds",
    help: "Time that attempts at steps of automations took, by step type",
    labelNames: ["type"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
    registers,
  });
  const checkpoints = new Gauge({
    name: "weft_audit_checkpoint_failures",
    help: "Failed attempts in a row to keep checkpoints of the audit trail elsewhere, by destination: file, bucket or webhook. Of the worker that seals",
    labelNames: ["destination"],
    registers,
  });
  new Counter({
    name: "weft_queue_turns_total",
    help: "Turns of tenants in the queues of this process, by queue and result: done (something was handled, whatever came of it), refused (the receiver, such as a mail server, accepts nothing at present), or failed (the turn is repeated)",
    labelNames: ["queue", "result"],
    registers,
    collect() {
      this.reset();
      for (const [queue, counts] of turnCounts()) for (const result of turnResults) this.inc({ queue, result }, counts[result]);
    },
  });
  const { due, streams } = services ? measured(services) : {};
  const gauge = (name: string, help: string, valueOf: (row: DueRow) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ["channel"],
      registers,
      async collect() {
        // If the database does not answer, there are no values instead of old ones.
        this.reset();
        for (const row of (await due?.()) ?? []) this.set({ channel: row.channel }, valueOf(row));
      },
    });
  gauge(
    "weft_deliveries_due",
    "Deliveries that could be sent now, by channel. Counted up to 10,000 per webhook or channel; the same in every worker",
    (row) => row.due,
  );
  gauge(
    "weft_deliveries_oldest_due_seconds",
    "Time since which the oldest of these deliveries is due, by channel. 0 if none is due; the same in every worker",
    (row) => row.oldestSeconds,
  );
  const streamGauge = (name: string, help: string, valueOf: (counts: StreamCounts) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.reset();
        const counts = await streams?.();
        if (counts) this.set(valueOf(counts));
      },
    });
  streamGauge(
    "weft_audit_streams_stalled",
    "Streams of audit trails whose receivers have refused everything for a quarter of an hour; the same in every worker",
    ({ stalled }) => stalled,
  );
  streamGauge(
    "weft_audit_streams_waiting_entries",
    "Sealed audit entries that the receivers of active streams do not have yet; the same in every worker",
    ({ waiting }) => waiting,
  );
  return {
    registry,
    attempt: ({ channel, result, seconds }) => {
      attempts.inc({ channel, result });
      durations.observe({ channel }, seconds);
    },
    step: ({ type, result, seconds }) => {
      steps.inc({ type, result });
      stepDurations.observe({ type }, seconds);
    },
    checkpoint: ({ destination, failures }) => checkpoints.set({ destination }, failures),
  };
}

const measured = ({ databases, log }: Pick<Services, "databases" | "log">) => ({
  due: measuring(() => readDueDeliveries(databases), log, "due deliveries"),
  streams: measuring(() => countStreams(databases), log, "streams of audit trails"),
});

/** Returns a function that measures with one statement, at most once per `MEASURED_FOR_MS`. Undefined if the database does not answer. */
function measuring<T>(measure: () => Promise<T>, log: Pick<Services["log"], "warn">, what: string): () => Promise<T | undefined> {
  let last: Promise<T | undefined> | undefined;
  let until = 0;
  return () => {
    const now = performance.now();
    if (last === undefined || now >= until) {
      until = now + MEASURED_FOR_MS;
      last = measure().catch((error: unknown) => {
        log.warn({ err: error }, `${what} could not be counted for the metrics`);
        until = 0;
        return undefined;
      });
    }
    return last;
  };
}
