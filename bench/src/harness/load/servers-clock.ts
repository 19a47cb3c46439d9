import { readFileSync } from "node:fs";

// The servers' own clock: the processor time of their main threads. It stands still while a server waits for a processor, so other work on the
// machine does not count.

/** Header of a question: the time on the clock of each process when it was asked, as `PID:NANOSECONDS,…`. */
export const askedHeader = "x-bench-asked";
/** Header of its answer: the milliseconds that have passed since on these clocks. */
export const spentHeader = "x-bench-spent-ms";

/** Returns the value of `askedHeader`. */
export const clocksOf = (pids: readonly number[]): string => pids.map((pid) => `${pid}:${clockOf(pid)}`).join();

/** Returns the milliseconds that have passed on the clocks of a question, in total. */
export function spentSince(asked: string): number {
  const nanoseconds = asked
    .split(",")
    .map((one) => one.split(":").map(Number))
    .reduce((sum, [pid = 0, then = 0]) => sum + Math.max(0, clockOf(pid) - then), 0);
  return nanoseconds / 1e6;
}

/** Returns the processor time of the main thread in nanoseconds. For another process that is running, it is up to one tick of the kernel late. */
function clockOf(pid: number): number {
  if (pid === process.pid) {
    const { user, system } = process.threadCpuUsage();
    return (user + system) * 1_000;
  }
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]);
}
