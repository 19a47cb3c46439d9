import { createHash, randomInt } from "node:crypto";

/**
 * Whether this run tries every case of the tests that are long by nature, `pnpm test:long`. All other runs try a fixed part of them.
 */
export const isWhole = process.env["WEFT_TEST_WHOLE"] === "1";

/**
 * Whether a case belongs to the part that every run tries, about one in `of`. Its digest decides, so a new case does not change which of the others are
 * tried. A whole run tries all.
 */
export function isTried(name: string, { of }: { readonly of: number }): boolean {
  return isWhole || createHash("sha256").update(name).digest().readUInt32BE() % of === 0;
}

const draw = randomInt(1_000_000);

/**
 * Returns about one in `of` of the cases, in their order, and at least one. Each run draws others, for cases that find different faults:
 * the places at which a process is killed, or the operations of the schema. A whole run takes all; with `WEFT_TEST_WHOLE=1` any suite does.
 */
export function drawn<T>(cases: readonly T[], { of }: { readonly of: number }): T[] {
  const every = Math.max(1, Math.min(of, cases.length));
  return cases.filter((_case, index) => isWhole || (index + draw) % every === 0);
}
