import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "../harness/systems/program.js";

/** Live memory of a program at a time. */
interface MemorySample {
  readonly minute: number;
  readonly mib: number;
}

/** Samples the live JavaScript memory of a program after a garbage collection, at the start of each interval, until the signal is aborted. */
export async function sampleMemory(program: Program, everyMs: number, signal: AbortSignal): Promise<MemorySample[]> {
  const started = performance.now();
  const samples: MemorySample[] = [];
  while (!signal.aborted) {
    const mib = (await program.liveKib()) / 1024;
    const minute = (performance.now() - started) / 60_000;
    samples.push({ minute, mib });
    console.log(`  minute ${minute.toFixed(1)}: ${mib.toFixed(1)} MiB`);
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}

/** Returns the slope of a line through the samples between two minutes (least squares), in MiB a minute. NaN if there are fewer than three. */
export function memorySlope(
  samples: readonly MemorySample[],
  { afterMinute, upToMinute }: { afterMinute: number; upToMinute: number },
): number {
  const late = samples.filter(({ minute }) => minute >= afterMinute && minute <= upToMinute);
  if (late.length < 3) return Number.NaN;
  const mean = (of: (sample: MemorySample) => number): number => late.reduce((sum, sample) => sum + of(sample), 0) / late.length;
  const [meanMinute, meanMib] = [mean(({ minute }) => minute), mean(({ mib }) => mib)];
  const covariance = mean(({ minute, mib }) => (minute - meanMinute) * (mib - meanMib));
  return covariance / mean(({ minute }) => (minute - meanMinute) ** 2);
}
