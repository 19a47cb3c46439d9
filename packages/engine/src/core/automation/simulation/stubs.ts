/** Results that a simulation uses instead of doing the work. */
import type { JsonObject } from "../../model/json.js";
import type { StepError } from "../../model/run.js";

/** How an attempt ends. `lost`: its worker is lost. `stays`: it does not end, so the run waits for it. */
export type StubbedEnd =
  | { readonly kind: "succeeded"; readonly outputs: JsonObject }
  | { readonly kind: "failed"; readonly error: StepError }
  | { readonly kind: "lost" }
  | { readonly kind: "stays" };

/** `index`, `attempt` null: every item, every attempt. A stub for an attempt counts before one for an item, and both before the others; of equal ones, the last. */
export type StepStub = {
  readonly step: string;
  readonly index: number | null;
  readonly attempt: number | null;
  /** Of the work that undoes the step. */
  readonly isCompensation: boolean;
  readonly end: StubbedEnd;
};

export type Asked = { readonly step: string; readonly index: number | null; readonly attempt: number; readonly isCompensation: boolean };

export type Stubs = {
  /** How an attempt ends; null: no stub says it. */
  readonly find: (asked: Asked) => StubbedEnd | null;
  /** Whether a stub is about this attempt, and not about all attempts of the step. */
  readonly names: (asked: Asked) => boolean;
};

export function stubsOf(stubs: readonly StepStub[]): Stubs {
  const keyOf = (...parts: readonly (string | number | boolean | null)[]): string => JSON.stringify(parts);
  const known = new Map(stubs.map(({ step, index, attempt, isCompensation, end }) => [keyOf(step, index, attempt, isCompensation), end]));
  const ofAttempt = ({ step, index, attempt, isCompensation }: Asked): StubbedEnd | null =>
    known.get(keyOf(step, index, attempt, isCompensation)) ?? known.get(keyOf(step, null, attempt, isCompensation)) ?? null;
  const ofStep = ({ step, index, isCompensation }: Asked): StubbedEnd | null =>
    known.get(keyOf(step, index, null, isCompensation)) ?? known.get(keyOf(step, null, null, isCompensation)) ?? null;
  return { find: (asked) => ofAttempt(asked) ?? ofStep(asked), names: (asked) => ofAttempt(asked) !== null };
}
