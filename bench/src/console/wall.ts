import { setTimeout as delay } from "node:timers/promises";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import type { Beacon } from "@weft/testkit/tenants/beacon";

/** Transitions of eight hours: ten a minute. */
const allEvents = 4_800;

export interface WallHeap {
  readonly events: number;
  /** Bytes that JavaScript uses after garbage collection, at the end of each tenth of the time. */
  readonly heaps: readonly number[];
}

/** Plays the transitions of eight hours in some minutes, to a page that shows the wall. */
export async function playDay(page: TestPage, beacon: Beacon, minutes: number): Promise<WallHeap> {
  const events = Math.round((allEvents * Math.min(minutes, 10)) / 10);
  const start = performance.now();
  const heaps: number[] = [];
  for (let event = 1; event <= events; event++) {
    await beacon.flash(1);
    await delay(Math.max(0, start + (event / events) * minutes * 60_000 - performance.now()));
    if (event % Math.floor(events / 10) === 0) heaps.push(await page.heapBytes());
  }
  return { events, heaps };
}
