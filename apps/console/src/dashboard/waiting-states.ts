interface StateCounts {
  readonly isEnded: boolean;
  readonly running: number;
  readonly suspended: number;
  readonly failed: number;
}

/** The states in which work waits, most first. Where it counts as ended, such as in a request that can still be reopened, it does not wait. */
export const waitingStates = <S extends StateCounts>(states: readonly S[]): (S & { readonly count: number; readonly stopped: number })[] =>
  states
    .filter(({ isEnded }) => !isEnded)
    .map((one) => ({ ...one, count: one.running + one.suspended + one.failed, stopped: one.suspended + one.failed }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);

/** Number of instances whose work has not ended. */
export const countUnderWay = (states: readonly StateCounts[]): number =>
  waitingStates(states).reduce((total, { count }) => total + count, 0);
