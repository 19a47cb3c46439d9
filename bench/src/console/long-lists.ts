import type { TestPage } from "@weft/testkit/browser/open-browser";
import type { Sample } from "../harness/rounds.js";
import { percentile } from "../harness/statistics.js";
import { reload } from "./window.js";

interface ListsTurn {
  /** A page of the list of requests. */
  readonly list: TestPage;
  /** A page of the history of a request. */
  readonly history: TestPage;
  /** Number of frames in which the list is scrolled. */
  readonly frames: number;
}

/** Measures the frames while the list of requests is scrolled, 100 px in each, and how soon a long history is open. */
export async function listsTurn({ list, history, frames }: ListsTurn): Promise<Sample> {
  await list.reload();
  await list.text(".request-row");
  const { times, rows } = await list.evaluate<{ times: number[]; rows: number }>(`new Promise((resolve) => {
    const scroller = document.querySelector(".request-rows");
    const times = [];
    let before = performance.now();
    const look = (now) => {
      times.push(now - before);
      before = now;
      scroller.scrollTop += 100;
      const rows = Number([...document.querySelectorAll(".request-row")].at(-1).getAttribute("aria-rowindex")) - 1;
      times.length < ${frames} ? requestAnimationFrame(look) : resolve({ times: times.slice(1), rows });
    };
    requestAnimationFrame(look);
  })`);
  const { usable } = await reload(history, `/Comment \\d/.test(document.querySelector(".entries")?.innerText ?? "")`);
  return {
    "rows scrolled": rows,
    "frame while scrolling p99 ms": percentile(times, 0.99),
    "longest frame ms": Math.max(...times),
    "frames over 50 ms": times.filter((ms) => ms > 50).length,
    "history open ms": usable,
  };
}
