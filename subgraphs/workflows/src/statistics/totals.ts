/** Turns cells into the sums that the API shows. */
import {
  addSketch,
  countOf,
  emptySketch,
  quantile,
  type DurationSketch,
  type PackedSketch,
  type SketchSum,
} from "./roll-up/duration-sketch.js";
import { add, doneBy, wholeInstance } from "./roll-up/cells.js";
import {
  BottleneckReason,
  type DurationStatistics,
  type WorkflowBottleneck,
  type WorkflowStateStatistics,
  type WorkflowTotals,
  type WorkflowTransitionStatistics,
} from "./statistics.type.js";

/** A cell of a period or of the present, with what it is grouped by. */
export interface Part {
  readonly definitionKey: string;
  readonly state: string;
  readonly isPresent: boolean;
  readonly counts: ReadonlyMap<string, number>;
  /** Null: no durations. */
  readonly durations: DurationSketch | PackedSketch | null;
  readonly ms: number;
}

/** Sums of parts. */
export interface Sum {
  readonly counts: Map<string, number>;
  readonly durations: SketchSum;
  ms: number;
}

const emptySum = (): Sum => ({ counts: new Map(), durations: emptySketch(), ms: 0 });

function addPart(sum: Sum, { counts, durations, ms }: Part): void {
  for (const [name, count] of counts) add(sum.counts, name, count);
  if (durations !== null) addSketch(sum.durations, durations);
  sum.ms += ms;
}

/** Adds up parts. */
export function sumOf(parts: Iterable<Part>): Sum {
  const total = emptySum();
  for (const part of parts) addPart(total, part);
  return total;
}

/** Returns statistics of durations. */
export function durationsOf({ durations, ms }: Sum): DurationStatistics {
  const count = countOf(durations);
  const seconds = (q: number): number | null => {
    const value = quantile(durations, q);
    return value === null ? null : value / 1_000;
  };
  return {
    count,
    averageSeconds: count === 0 ? null : ms / count / 1_000,
    medianSeconds: seconds(0.5),
    p90Seconds: seconds(0.9),
  };
}

/** Returns the sums of instances as a whole. */
export function totalsOf(parts: Iterable<Part>): WorkflowTotals {
  const whole = sumOf([...parts].filter(({ isPresent, state }) => !isPresent && state === wholeInstance));
  const of = (name: string): number => whole.counts.get(name) ?? 0;
  const [completed, rejected, cancelled] = [of("COMPLETED"), of("REJECTED"), of("CANCELLED")];
  const ended = completed + rejected + cancelled;
  return {
    started: of("STARTED"),
    completed,
    rejected,
    cancelled,
    successRate: ended === 0 ? null : completed / ended,
    cycleTime: durationsOf(whole),
  };
}

const endings = ["COMPLETED", "REJECTED", "CANCELLED"] as const;

/** Returns the number of instances that ended, without adding up their durations. */
function endedOf(parts: readonly Part[]): number {
  const whole = parts.filter(({ isPresent, state }) => !isPresent && state === wholeInstance);
  return whole.reduce((total, { counts }) => endings.reduce((sum, ending) => sum + (counts.get(ending) ?? 0), total), 0);
}

/** Returns the number of unfinished instances now. */
export const unfinishedIn = (parts: Iterable<Part>): number =>
  [...parts].filter(({ isPresent }) => isPresent).reduce((total, { counts }) => total + [...counts.values()].reduce((a, b) => a + b, 0), 0);

/** Returns the completed tasks by user. */
export function completedTasksIn(parts: Iterable<Part>): Map<string, number> {
  const prefix = doneBy("");
  const done = new Map<string, number>();
  for (const { isPresent, state, counts } of parts)
    if (!isPresent && state === wholeInstance)
      for (const [name, count] of counts) if (name.startsWith(prefix)) add(done, name.slice(prefix.length), count);
  return done;
}

/** Sums of a state: of the period, and of the present. */
export interface StateSums {
  readonly definitionKey: string;
  readonly state: string;
  readonly stays: Sum;
  readonly present: Sum;
}

/** Adds up the parts of each state. */
export function sumStates(parts: Iterable<Part>): StateSums[] {
  const states = new Map<string, StateSums>();
  for (const part of parts) {
    const { definitionKey, state, isPresent } = part;
    if (state === wholeInstance) continue;
    const key = `${definitionKey} ${state}`;
    const known = states.get(key) ?? { definitionKey, state, stays: emptySum(), present: emptySum() };
    states.set(key, known);
    addPart(isPresent ? known.present : known.stays, part);
  }
  return [...states.values()];
}

/** Returns the time in each state, with the most time first. */
export function statesOf(states: readonly StateSums[]): WorkflowStateStatistics[] {
  const timeOf = new Map<string, number>();
  for (const { definitionKey, stays } of states) add(timeOf, definitionKey, stays.ms);
  return states
    .toSorted((a, b) => b.stays.ms - a.stays.ms || compare(a.definitionKey, b.definitionKey) || compare(a.state, b.state))
    .map(({ definitionKey, state, stays, present }) => {
      const all = timeOf.get(definitionKey) ?? 0;
      const of = (status: string): number => present.counts.get(status) ?? 0;
      return {
        definitionKey,
        state,
        running: of("RUNNING"),
        suspended: of("SUSPENDED"),
        failed: of("FAILED"),
        time: durationsOf(stays),
        share: all === 0 ? null : stays.ms / all,
      };
    })
    .filter(({ running, suspended, failed, time }) => running + suspended + failed + time.count > 0);
}

/** Returns the numbers of departures, most frequent first. */
export function transitionsOf(states: readonly StateSums[]): WorkflowTransitionStatistics[] {
  return states
    .flatMap(({ definitionKey, state, stays }) => {
      const all = [...stays.counts.values()].reduce((total, count) => total + count, 0);
      return [...stays.counts].map(([name, count]) => {
        const [kind = "", transition = "", to = ""] = name.split("/");
        return { definitionKey, from: state, to, transition: transition || null, kind, count, share: count / all };
      });
    })
    .toSorted(
      (a, b) =>
        b.count - a.count ||
        compare(a.definitionKey, b.definitionKey) ||
        compare(a.from, b.from) ||
        compare(a.transition ?? a.kind, b.transition ?? b.kind) ||
        compare(a.to, b.to),
    );
}

/** From this average number of stays on, the repetition is the reason. */
const REPEATED = 1.5;

/** Returns the state with the most time, and why: instances stay long, or come back. */
export function bottleneckOf(states: readonly StateSums[], parts: readonly Part[]): WorkflowBottleneck | null {
  const total = states.reduce((sum, { stays }) => sum + stays.ms, 0);
  const [worst] = states.toSorted(
    (a, b) => b.stays.ms - a.stays.ms || compare(a.definitionKey, b.definitionKey) || compare(a.state, b.state),
  );
  if (!worst) return null;
  const { definitionKey, state, stays } = worst;
  const time = durationsOf(stays);
  const ended = endedOf(parts.filter((part) => part.definitionKey === definitionKey));
  const staysPerInstance = ended === 0 ? null : time.count / ended;
  const reason = staysPerInstance !== null && staysPerInstance >= REPEATED ? BottleneckReason.REPEATED_STAYS : BottleneckReason.LONG_STAYS;
  return { definitionKey, state, share: stays.ms / total, reason, staysPerInstance, time };
}

/** Order of texts that does not depend on a locale. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
