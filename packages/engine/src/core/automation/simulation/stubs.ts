/** Results that a simulation uses instead of doing the work. */
import type { StepStub, StubbedEnd } from "../../model/step-stub.js";

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
