import { onTestFinished, vi } from "vitest";
import { endSharedWeft } from "./shared-weft.js";

/**
 * Replaces the timers and the clock of this process until the end of the test, as `vi.useFakeTimers` does. Use it instead, because the files of a worker
 * share a process: the shared Weft works on in the background, and a connection that sends a statement meanwhile would wait for ever for its turn of
 * the event loop. So that Weft is stopped before, and the next file that needs one starts another.
 * @throws Error if this file uses the shared Weft
 */
export async function fakeTimers(options?: Parameters<typeof vi.useFakeTimers>[0]): Promise<void> {
  await endSharedWeft();
  vi.useFakeTimers(options);
  onTestFinished(() => void vi.useRealTimers());
}
