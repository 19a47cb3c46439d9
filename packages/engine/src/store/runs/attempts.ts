/** The attempts that another one follows, and what attempts have used. The last attempt of a step is the row of the step. */
import type { RunEvent, RunSnapshot, StepError } from "../../core/model/run.js";
import type { StepAttempt, StepUsage, WorkerReport } from "./step-report.js";

/** An attempt that has ended without ending its step. */
export type PastAttempt = {
  readonly step: string;
  readonly isCompensation: boolean;
  readonly attempt: number;
  readonly status: "FAILED" | "LOST";
  readonly error: StepError | null;
  readonly usage: unknown;
  /** ISO 8601; null: unknown. */
  readonly startedAt: string | null;
};

const ENDS_ATTEMPT: ReadonlySet<RunEvent["kind"]> = new Set([
  "failed",
  "parked",
  "lost",
  "released",
  "compensationFailed",
  "compensationLost",
]);

/** Returns the attempt that the event has ended, if the step goes on. */
function pastAttempt(event: RunEvent, { steps }: RunSnapshot): Omit<PastAttempt, "usage" | "startedAt"> | null {
  if (!ENDS_ATTEMPT.has(event.kind) || !("attempt" in event)) return null;
  const { step: id, attempt } = event;
  const step = steps.get(id);
  const isCompensation =
    event.kind === "compensationFailed" || event.kind === "compensationLost" || ("isCompensation" in event && event.isCompensation);
  const goesOn = isCompensation ? step?.compensation === "READY" || step?.isParked : step?.ended === null;
  if (!goesOn) return null;
  const error = "error" in event ? event.error : null;
  return { step: id, isCompensation, attempt, status: error === null ? "LOST" : "FAILED", error };
}

/** What an attempt has used, in addition to what it has reported before. */
export type UsedByStep = StepAttempt & { readonly usage: StepUsage };

export const usedBy = ({ step, attempt, isCompensation }: StepAttempt, { usage }: WorkerReport): UsedByStep | null =>
  usage ? { step, attempt, isCompensation, usage: sumUsage(usage, {}) } : null;

/** What the row of a step has about its current attempt. The usage is that of the step, not of the work that undoes it. */
export type AttemptFigures = { readonly usage: unknown; readonly attemptStartedAt: string | null };

const NOTHING: AttemptFigures = { usage: null, attemptStartedAt: null };

/** The figures of the current attempts of steps, while events happen to their run. */
export class Figures {
  readonly #rows: ReadonlyMap<string, AttemptFigures>;
  readonly #changed = new Map<string, AttemptFigures>();
  readonly #now: string;
  #used: UsedByStep | null;

  constructor({ rows, now }: { readonly rows: ReadonlyMap<string, AttemptFigures>; readonly now: string }, used: UsedByStep | null) {
    this.#rows = rows;
    this.#now = now;
    this.#used = used;
  }

  of(step: string): AttemptFigures {
    const { usage, attemptStartedAt } = this.#changed.get(step) ?? this.#rows.get(step) ?? NOTHING;
    return { usage, attemptStartedAt };
  }

  /** Takes up an event that has led from one run to another. Returns the attempt that it has ended, if its step goes on. */
  take(event: RunEvent, before: RunSnapshot, after: RunSnapshot, changed: readonly string[]): PastAttempt | null {
    const used = this.#used;
    if (used && "attempt" in event && event.step === used.step && event.attempt === used.attempt) this.#count(used);
    const past = pastAttempt(event, after);
    const own = past && this.of(past.step);
    const usage = past?.isCompensation ? (used?.usage ?? null) : (own?.usage ?? null);
    for (const id of changed) {
      const [one, other] = [before.steps.get(id), after.steps.get(id)];
      if ((one?.attempt ?? 0) !== other?.attempt) this.#changed.set(id, { usage: null, attemptStartedAt: this.#now });
      else if (one?.compensationAttempt !== other.compensationAttempt && one)
        this.#changed.set(id, { ...this.of(id), attemptStartedAt: this.#now });
    }
    return past && own && { ...past, usage, startedAt: own.attemptStartedAt };
  }

  /** Counts what was used by an attempt that nothing else has happened to. */
  close({ steps }: RunSnapshot): void {
    const used = this.#used;
    if (used && steps.get(used.step)?.attempt === used.attempt) this.#count(used);
  }

  #count(used: UsedByStep): void {
    this.#used = null;
    const { usage, attemptStartedAt } = this.of(used.step);
    if (!used.isCompensation) this.#changed.set(used.step, { usage: sumUsage(usage ?? {}, used.usage), attemptStartedAt });
  }
}

/** Whether the event begins an attempt. */
export const beginsAttempt = ({ kind }: RunEvent): boolean => kind === "begun" || kind === "compensationBegun";

const COUNTS = ["processorMs", "calls", "tokensIn", "tokensOut", "costMicros", "sentBytes", "receivedBytes"] as const;

/** Adds up what was used one after the other. Amounts that are not whole numbers from 0 on are bugs of a step type, and count as nothing. */
export function sumUsage(one: StepUsage, other: StepUsage): StepUsage {
  const amount = (value: number | undefined): number => (value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : 0);
  const counts = Object.fromEntries(
    COUNTS.filter((name) => (one[name] ?? other[name]) !== undefined).map((name) => [name, amount(one[name]) + amount(other[name])]),
  );
  const memory = Math.max(amount(one.memoryBytes), amount(other.memoryBytes));
  return { ...counts, ...(memory > 0 && { memoryBytes: memory }) };
}
