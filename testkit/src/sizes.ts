import { createHash, randomInt } from "node:crypto";

/**
 * How much a run tries of the tests that are long by nature: `pnpm test` a small sample, the same in each run; `pnpm test:walks` and the hard tests a
 * part; `pnpm test:long` everything.
 */
export type Size = "sample" | "part" | "whole";

const sizes: readonly string[] = ["sample", "part", "whole"] satisfies Size[];
const isSize = (text: string): text is Size => sizes.includes(text);

const wanted = process.env["WEFT_TEST_SIZE"] ?? "part";
if (!isSize(wanted)) throw new Error(`WEFT_TEST_SIZE is "${wanted}", and must be one of ${sizes.join(", ")}.`);
const size: Size = wanted;

/** Of the cases that `pnpm test:walks` tries, `pnpm test` tries one in this many. */
const sampledOf = 10;

/** Returns the value for the size of this run. Without one for `sample`, that is the same as for `part`. */
export const sized = <T>({ part, sample = part, whole }: { readonly sample?: T; readonly part: T; readonly whole: T }): T =>
  ({ sample, part, whole })[size];

const oneIn = (of: number): number => sized({ sample: of * sampledOf, part: of, whole: 1 });

/**
 * Whether a case belongs to the part that every run tries, about one in `of`, or to the sample. Its digest decides, so a new case does not change
 * which of the others are tried. A whole run tries all.
 */
export const isTried = (name: string, { of }: { readonly of: number }): boolean =>
  createHash("sha256").update(name).digest().readUInt32BE() % oneIn(of) === 0;

const draw = sized({ sample: 0, part: randomInt(1_000_000), whole: 0 });

/**
 * Returns about one in `of` of the cases, in their order, and at least one. Each run draws others, for cases that find different faults:
 * the places at which a process is killed, or the operations of the schema. A sample is a tenth of that, the same in each run. A whole run takes all;
 * with `WEFT_TEST_SIZE=whole` any suite does.
 *
 * @param options `of: 1` for cases that only the sample leaves out
 */
export function drawn<T>(cases: readonly T[], { of }: { readonly of: number }): T[] {
  const every = Math.max(1, Math.min(oneIn(of), cases.length));
  return cases.filter((_case, index) => (index + draw) % every === 0);
}
