import type { triggers } from "@weft/drizzle";

export type RunOutcome = "STARTED" | "FIRED" | "IGNORED" | "REJECTED" | "FAILED" | "DUPLICATE";

/** What a trigger did with an event. */
export interface RunResult {
  readonly outcome: RunOutcome;
  readonly message: string | null;
  readonly correlationKey: string | null;
  /** UUID of the started instance, or of the one that was started before with the same key. */
  readonly instanceId: string | null;
  readonly instances: readonly triggers.TriggeredInstance[];
}

const MAX_MESSAGE_CHARS = 2_000;

/** Returns a result without instances. */
export const resultOf = (outcome: RunOutcome, message: string | null, more: Partial<RunResult> = {}): RunResult => ({
  outcome,
  message: message === null ? null : message.slice(0, MAX_MESSAGE_CHARS),
  correlationKey: null,
  instanceId: null,
  instances: [],
  ...more,
});
