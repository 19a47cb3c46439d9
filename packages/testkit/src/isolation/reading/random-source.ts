/** Draws the same again from the same seed. */
export interface RandomSource {
  /** A whole number from 0 to below. */
  below(limit: number): number;
  pick<T>(values: readonly T[]): T;
  /** Each of the values with this chance. */
  some<T>(values: readonly T[], chance: number): T[];
}

/** mulberry32: 32 bits of state, good enough to choose by. */
export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error("There is nothing to pick from.");
      return value;
    },
    some: (values, chance) => values.filter(() => next() < chance),
  };
}
