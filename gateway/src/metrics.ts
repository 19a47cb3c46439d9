import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { FlagKey } from "@weft/platform/flags";
import type { Executor } from "./federation/execution/compiled-operations.js";
import type { RatePolicy } from "./limits/rates/policies.js";

export type Transport = "http" | "rest" | "websocket" | "sse" | "multipart";

/** The gateway's metrics. Labels have only a few fixed values: nothing that a client sends becomes a label. */
export interface Metrics {
  readonly registry: Registry;
  operation(of: { transport: Transport; code: string; seconds: number }): void;
  operationExecuted(by: Executor): void;
  /** An operation was refused because of a rate. */
  rateExceeded(policy: Pick<RatePolicy, "scope" | "unit" | "windowMs">): void;
  /** An operation that is not stored, while stored ones are required or those that are not are reported. */
  unlistedOperation(outcome: "run" | "refused"): void;
  subgraphFailure(name: string): void;
  socketOpened(): void;
  socketEnded(): void;
  /** Open streams over HTTP. */
  streamsAre(protocol: "sse" | "multipart", count: number): void;
  subscriptionsAre(count: number): void;
  socketClosed(code: number): void;
  eventLag(seconds: number): void;
  eventExecuted(): void;
  operationsWaitingAre(count: number): void;
  connectionsAre(count: number): void;
  connectionRefused(): void;
  supergraphReloaded(result: ReloadResult): void;
  flagEvaluated(flag: { readonly key: FlagKey; readonly value: boolean; readonly reason: string }): void;
  fieldUseDropped(): void;
  occurrenceDropped(): void;
  uploadsAre(running: number): void;
  uploadEnded(of: { result: UploadResult; bytes: number }): void;
}

/** rejected: for its content. failed: cut, or because of the storage. */
export type UploadResult = "stored" | "rejected" | "failed";

/** refused: the file is not a valid supergraph, or not one that this gateway can serve. */
export type ReloadResult = "served" | "refused";

/** @param others further metrics of this process, which the registry contains, too */
export function createMetrics(others?: Registry): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const operations = new Histogram({
    name: "weft_operation_duration_seconds",
    help: "Time from the arrival of an operation to its response",
    labelNames: ["transport", "code"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  // prom-client sorts and joins the labels for each observation otherwise. There are few: codes come from the error registry.
  const observedBy = new Map<string, Histogram.Internal<"transport" | "code">>();
  const executed = new Counter({
    name: "weft_operations_executed_total",
    help: "Executions of operations, by executor: compiled, or apollo, which executes an operation the first time and whenever it cannot be compiled",
    labelNames: ["executor"],
    registers,
  });
  const executedBy = { compiled: executed.labels("compiled"), apollo: executed.labels("apollo") };
  for (const counter of Object.values(executedBy)) counter.inc(0);
  const exceededRates = new Counter({
    name: "weft_rate_refusals_total",
    help: "Operations refused because of a rate, by whose it is, what it counts, and its window in seconds",
    labelNames: ["scope", "unit", "window"],
    registers,
  });
  const unlisted = new Counter({
    name: "weft_unlisted_operations_total",
    help: "Operations that no application has stored, by outcome: run or refused. Counted where stored operations are required or reported",
    labelNames: ["outcome"],
    registers,
  });
  const unlistedBy = { run: unlisted.labels("run"), refused: unlisted.labels("refused") };
  for (const counter of Object.values(unlistedBy)) counter.inc(0);
  const failures = new Counter({
    name: "weft_subgraph_failures_total",
    help: "Subgraph calls without a usable response",
    labelNames: ["subgraph"],
    registers,
  });
  const connections = new Gauge({ name: "weft_connections", help: "Open connections, including WebSockets", registers });
  const refusedConnections = new Counter({
    name: "weft_connections_refused_total",
    help: "Connections closed because their address had too many",
    registers,
  });
  const sockets = new Gauge({ name: "weft_live_sockets", help: "Open WebSockets", registers });
  const streams = new Gauge({
    name: "weft_live_streams",
    help: "Open streams of subscriptions over HTTP, by protocol: sse or multipart",
    labelNames: ["protocol"],
    registers,
  });
  for (const protocol of ["sse", "multipart"]) streams.set({ protocol }, 0);
  const subscriptions = new Gauge({ name: "weft_live_subscriptions", help: "Running subscriptions", registers });
  const waiting = new Gauge({ name: "weft_operations_waiting", help: "Operations waiting for their tenant's turn", registers });
  const closes = new Counter({
    name: "weft_live_closes_total",
    help: "WebSockets and streams over HTTP ended by the gateway, by close code",
    labelNames: ["code"],
    registers,
  });
  const executions = new Counter({
    name: "weft_live_executions_total",
    help: "Queries executed for events, each for all subscriptions that share its answer",
    registers,
  });
  const reloads = new Counter({
    name: "weft_supergraph_reloads_total",
    help: "Changes of the supergraph file, by result: served, or refused because the supergraph is not valid",
    labelNames: ["result"],
    registers,
  });
  const droppedUses = new Counter({
    name: "weft_field_uses_dropped_total",
    help: "Operations that were not counted in the field usage, because too many different ones were waiting to be written",
    registers,
  });
  const droppedOccurrences = new Counter({
    name: "weft_audit_occurrences_dropped_total",
    help: "Refusals, failures and sensitive reads that are missing in the audit trail, because too many different ones were waiting to be written",
    registers,
  });
  const flags = new Counter({
    name: "weft_flag_evaluations_total",
    help: "Evaluations of feature flags that decided about a request, by flag, value and reason, as OpenFeature names it: DEFAULT, STATIC, TARGETING_MATCH, SPLIT, ERROR and others",
    labelNames: ["flag", "value", "reason"],
    registers,
  });
  const uploads = new Gauge({ name: "weft_uploads_running", help: "Uploads whose bytes are being received", registers });
  const endedUploads = new Counter({
    name: "weft_uploads_total",
    help: "Uploads that ended, by result: stored, rejected for the content, or failed",
    labelNames: ["result"],
    registers,
  });
  const uploadedBytes = new Counter({ name: "weft_upload_bytes_total", help: "Bytes of stored uploads", registers });
  const lag = new Histogram({
    name: "weft_live_event_lag_seconds",
    help: "Time from an event to its delivery on a WebSocket or stream",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  return {
    registry: others === undefined ? registry : Registry.merge([registry, others]),
    supergraphReloaded: (result) => reloads.inc({ result }),
    flagEvaluated: ({ key, value, reason }) => flags.inc({ flag: key, value: value ? "on" : "off", reason }),
    fieldUseDropped: () => droppedUses.inc(),
    occurrenceDropped: () => droppedOccurrences.inc(),
    uploadsAre: (running) => uploads.set(running),
    uploadEnded: ({ result, bytes }) => {
      endedUploads.inc({ result });
      if (result === "stored") uploadedBytes.inc(bytes);
    },
    operation: ({ transport, code, seconds }) => {
      const key = `${transport} ${code}`;
      let observed = observedBy.get(key);
      if (!observed) observedBy.set(key, (observed = operations.labels(transport, code)));
      observed.observe(seconds);
    },
    rateExceeded: ({ scope, unit, windowMs }) =>
      exceededRates.inc({ scope: scope.toLowerCase(), unit: unit.toLowerCase(), window: String(windowMs / 1_000) }),
    operationExecuted: (by) => executedBy[by].inc(),
    unlistedOperation: (outcome) => unlistedBy[outcome].inc(),
    subgraphFailure: (name) => failures.inc({ subgraph: name }),
    socketOpened: () => sockets.inc(),
    socketEnded: () => sockets.dec(),
    streamsAre: (protocol, count) => streams.set({ protocol }, count),
    subscriptionsAre: (count) => subscriptions.set(count),
    socketClosed: (code) => closes.inc({ code: String(code) }),
    operationsWaitingAre: (count) => waiting.set(count),
    connectionsAre: (count) => connections.set(count),
    connectionRefused: () => refusedConnections.inc(),
    eventExecuted: () => executions.inc(),
    eventLag: (seconds) => lag.observe(Math.max(0, seconds)),
  };
}
