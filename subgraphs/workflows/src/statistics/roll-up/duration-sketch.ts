/**
 * Durations in fixed bins that grow by 2 %, as in DDSketch: every value of a bin differs from the bin's representative by at most 1 %. All sketches have
 * the same bins, so sketches are added by adding counts.
 */

/** Maximum relative error of a quantile. */
export const relativeError = 0.01;
const gamma = (1 + relativeError) / (1 - relativeError);
const logGamma = Math.log(gamma);

/** Number of bins. The last one contains all durations of more than 18 million years. */
const BINS = 2_048;

/** Counts by bin. Bins are numbered from 0, which contains durations of less than a millisecond. */
export type DurationSketch = ReadonlyMap<number, number>;

/** A sketch as it is stored: pairs of the distance from the bin before and the count, as numbers of variable length. */
export type PackedSketch = Uint8Array;

/** Counts of all bins, to which sketches are added. A sum of hundreds of stored sketches adds a bin in nanoseconds, where a map would take ten times that. */
export type SketchSum = Int32Array;

/** Returns the bin of a duration. */
export const binOf = (ms: number): number => (ms < 1 ? 0 : Math.min(BINS - 1, 1 + Math.ceil(Math.log(ms) / logGamma)));

/** Returns the duration in milliseconds that represents a bin. */
export const durationOf = (bin: number): number => (bin === 0 ? 0 : (2 * gamma ** (bin - 1)) / (gamma + 1));

/** Returns a sum without durations. */
export const emptySketch = (): SketchSum => new Int32Array(BINS);

/** Adds the counts of a sketch to a sum. */
export function addSketch(sum: SketchSum, sketch: DurationSketch | PackedSketch): void {
  if (sketch instanceof Uint8Array) addPacked(sum, sketch);
  else for (const [bin, count] of sketch) sum[bin] = (sum[bin] ?? 0) + count;
}

function addPacked(sum: SketchSum, bytes: PackedSketch): void {
  forEachBin(bytes, (bin, count) => {
    sum[bin] = (sum[bin] ?? 0) + count;
  });
}

/** Calls a function with each bin of a stored sketch and its count. */
export function forEachBin(bytes: PackedSketch, handle: (bin: number, count: number) => void): void {
  let bin = 0;
  let value = 0;
  let shift = 0;
  let isCount = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte > 127) continue;
    if (isCount) handle(bin, value);
    else bin += value;
    value = 0;
    shift = 0;
    isCount = !isCount;
  }
}

/** Returns a sum as it is stored. @throws RangeError if a bin has less than nothing: durations were taken back that had not been added */
export function pack(sum: SketchSum): PackedSketch {
  const bytes: number[] = [];
  const write = (value: number): void => {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  };
  let last = 0;
  for (let bin = 0; bin < sum.length; bin++) {
    const count = sum[bin] ?? 0;
    if (count < 0) throw new RangeError(`Bin ${bin} of a sketch has the count ${count}.`);
    if (count === 0) continue;
    write(bin - last);
    write(count);
    last = bin;
  }
  return Uint8Array.from(bytes);
}

/** Returns the number of durations. */
export const countOf = (sum: SketchSum): number => sum.reduce((total, count) => total + count, 0);

/**
 * Returns the quantile in milliseconds, with a relative error of at most 1 %: the value at rank `ceil(q × count)` of the sorted durations. Null if there
 * are no durations.
 */
export function quantile(sum: SketchSum, q: number): number | null {
  const total = countOf(sum);
  if (total === 0) return null;
  let rank = Math.max(1, Math.ceil(q * total));
  const bin = sum.findIndex((count) => (rank -= count) <= 0);
  return durationOf(bin);
}
