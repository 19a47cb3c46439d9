/** A run of an automation, as it is stored and as it changes. */
import type { Json, JsonObject } from "./json.js";

/**
 * RUNNING: its steps are done. PAUSED: no step begins. STOPPING: no further step begins, those that are being done are told to stop.
 * COMPENSATING: it has failed, and what it did is undone. The others have ended, and never change.
 */
export type RunStatus = "RUNNING" | "PAUSED" | "STOPPING" | "COMPENSATING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/**
 * PENDING: waits for other steps. READY: a worker can begin it, after `notBefore`. RUNNING: a worker does it. WAITING: it waits for a person, a time, an
 * event, another run, or its items, and occupies no worker. The others have ended.
 */
export type StepStatus = "PENDING" | "READY" | "RUNNING" | "WAITING" | "SUCCEEDED" | "FAILED" | "SKIPPED" | "CANCELLED";

/** `isFinal`: another attempt would fail as well. */
export type StepError = { readonly code: string; readonly message: string; readonly isFinal: boolean };

/** What undoing a step has come to. PENDING: it waits for its turn. */
export type CompensationStatus = "PENDING" | "READY" | "RUNNING" | "SUCCEEDED" | "FAILED";

export type StepSnapshot = {
  readonly id: string;
  readonly status: StepStatus;
  /** Number of attempts that have begun. Each is fenced by it: what an earlier attempt reports is ignored. */
  readonly attempt: number;
  /** Number of attempts that have failed: those of the work that undoes it, once that has its turn. */
  readonly failures: number;
  /** Number of attempts whose worker was lost, counted as those that have failed. */
  readonly lost: number;
  readonly outputs: JsonObject | null;
  readonly error: StepError | null;
  /** ISO 8601; null: at once. */
  readonly notBefore: string | null;
  /** Whether the automation that it falls back to is doing its work. */
  readonly isFallback: boolean;
  /** Whether it waits for somebody to resolve its incident. */
  readonly isParked: boolean;
  /** Order in which steps have ended, from 1; null: not yet. */
  readonly ended: number | null;
  /** For an item of a list: the step, its index, and its value. */
  readonly item: { readonly of: string; readonly index: number; readonly value: Json } | null;
  readonly compensation: CompensationStatus | null;
  readonly compensationAttempt: number;
};

export type RunSnapshot = {
  readonly status: RunStatus;
  /** What it becomes when it has stopped. */
  readonly ending: {
    readonly status: "FAILED" | "CANCELLED";
    readonly compensates: boolean;
    readonly step: string | null;
    readonly error?: StepError;
  } | null;
  readonly inputs: JsonObject;
  /** Values that expressions read as `run`. */
  readonly facts: JsonObject;
  readonly steps: ReadonlyMap<string, StepSnapshot>;
  readonly outputs: JsonObject | null;
};

/** What has happened to a run. `attempt` is that of the step, or of its compensation. */
export type RunEvent =
  | { readonly kind: "started" }
  /** It must not begin: its security profile does not allow a step. */
  | { readonly kind: "refused"; readonly error: StepError }
  | { readonly kind: "begun"; readonly step: string }
  /** It cannot begin, or the attempt cannot go on, and it waits until somebody resolves its incident. Without an attempt, none has begun. */
  | { readonly kind: "parked"; readonly step: string; readonly attempt?: number; readonly error: StepError }
  /** It could begin, but waits for a limit until a time (ISO 8601). No attempt has begun. */
  | {
      readonly kind: "postponed";
      readonly step: string;
      readonly isCompensation: boolean;
      readonly until: string;
      readonly error: StepError;
    }
  | { readonly kind: "waits"; readonly step: string; readonly attempt: number }
  /** What it waited for has happened, and a worker goes on with its work. */
  | { readonly kind: "continues"; readonly step: string; readonly attempt: number; readonly isCompensation: boolean }
  | { readonly kind: "succeeded"; readonly step: string; readonly attempt: number; readonly outputs: JsonObject }
  | { readonly kind: "failed"; readonly step: string; readonly attempt: number; readonly error: StepError }
  /** The lease of its worker has expired. */
  | { readonly kind: "lost"; readonly step: string; readonly attempt: number }
  /** Its worker has given it back, because it ends, and another one does it. */
  | { readonly kind: "released"; readonly step: string; readonly attempt: number; readonly isCompensation: boolean }
  /** The work was told to stop, and has stopped. */
  | { readonly kind: "stopped"; readonly step: string; readonly attempt: number }
  /** Its incident is resolved: it is tried again, or has failed. */
  | { readonly kind: "resolved"; readonly step: string; readonly attempt: number; readonly isRetried: boolean }
  | { readonly kind: "compensationBegun"; readonly step: string }
  | { readonly kind: "compensated"; readonly step: string; readonly attempt: number }
  | { readonly kind: "compensationFailed"; readonly step: string; readonly attempt: number; readonly error: StepError }
  /** The lease of the worker that undoes it has expired. */
  | { readonly kind: "compensationLost"; readonly step: string; readonly attempt: number }
  | { readonly kind: "cancel" }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" };

/** What follows from an event, in addition to the changed steps. */
export type RunEffect =
  /** Tells the work of these steps to stop: their workers, tasks, timers and child runs. */
  | { readonly kind: "stop"; readonly steps: readonly string[] }
  /** Starts the automation that the step falls back to. */
  | { readonly kind: "fallBack"; readonly step: string; readonly key: string; readonly inputs: JsonObject }
  | { readonly kind: "notifyFailure"; readonly step: string; readonly to: readonly string[]; readonly error: StepError }
  /** A step that has lost its worker too often or cannot begin, which waits until this is resolved, or a compensation that has failed. */
  | { readonly kind: "incident"; readonly step: string; readonly message: string };

/** `isStale`: the event is about an attempt or a state that is no longer current, so nothing has changed. */
export type Advanced =
  | { readonly isStale: true }
  | { readonly isStale: false; readonly run: RunSnapshot; readonly changed: readonly string[]; readonly effects: readonly RunEffect[] };
