/** The calls of integrations that an instance in memory has made. */
import type { CallOutcome } from "../model/call.js";
import type { CallToMake, Outcome } from "../model/outcome.js";

/** A call of an instance in memory. */
export type MadeCall = CallToMake & {
  readonly at: string;
  /** Version of the instance after the change that made the call. */
  readonly settledVersion: number;
  readonly outcome: CallOutcome;
  /** Whether it has failed, whatever that did to the instance. */
  readonly hasFailed: boolean;
  /** Why its end did not change the instance as the definition says. */
  readonly reason: string | null;
};

/** Returns the calls that the outcomes of one change make, in order. */
export function callsOf(outcomes: readonly Outcome[]): readonly MadeCall[] {
  const settledVersion = outcomes.at(-1)?.version.to ?? 0;
  return outcomes.flatMap(({ calls = [], at }) =>
    calls.map((call): MadeCall => ({ ...call, at, settledVersion, outcome: "PENDING", hasFailed: false, reason: null })),
  );
}

/** Whether a later call has written, or can still write, its result to the same path. Failed calls write nothing. */
export function hasLaterCall(calls: readonly MadeCall[], index: number): boolean {
  const into = calls[index]?.followUp.into ?? null;
  if (into === null) return false;
  return calls
    .slice(index + 1)
    .some(
      ({ hasFailed, followUp: { into: other } }) =>
        !hasFailed && other?.length === into.length && other.every((name, at) => name === into[at]),
    );
}
