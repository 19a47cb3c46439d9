import type { TestPage } from "@weft/testkit/browser/open-browser";
import type { TestUser } from "@weft/testkit/test-user";
import type { Sample } from "../harness/rounds.js";
import { median, percentile } from "../harness/statistics.js";
import { longestTask, onceTrue, reload, watchTasks } from "./window.js";

const claim = "mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }";
const release = "mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }";

interface InboxTurn {
  /** Claims and releases tasks of the list. */
  readonly colleague: TestUser;
  /** Number of tasks to open. */
  readonly opened: number;
  readonly reloads: number;
}

/** Measures reloads of the inbox, the opening of tasks, and how soon a move of somebody else shows. */
export async function inboxTurn(page: TestPage, { colleague, opened, reloads }: InboxTurn): Promise<Sample> {
  const loads: Awaited<ReturnType<typeof reload>>[] = [];
  for (let index = 0; index < reloads; index++) loads.push(await reload(page, `document.querySelector(".row") !== null`));
  await watchTasks(page);
  const times: number[] = [];
  for (let index = 0; index < opened; index++) times.push(await openTask(page, index));
  const longest = await longestTask(page);
  const delays: number[] = [];
  for (let index = 0; index < 5; index++) delays.push(await move(page, await colleague.again()));
  return {
    "first paint ms": median(loads.map(({ paint }) => paint)),
    "inbox usable ms": median(loads.map(({ usable }) => usable)),
    "task opened p50 ms": percentile(times, 0.5),
    "task opened p95 ms": percentile(times, 0.95),
    "longest task ms": longest,
    "move of somebody else ms": median(delays),
  };
}

/** Clicks a row, and returns the time until the task of the row is shown with its decisions. */
async function openTask(page: TestPage, index: number): Promise<number> {
  await page.evaluate(`void (() => {
    const rows = document.querySelectorAll(".row");
    const row = rows[${index} % rows.length];
    globalThis.opening = { id: new URL(row.href).searchParams.get("task"), start: performance.now() };
    row.click();
  })()`);
  const isShown = `location.search.includes(opening.id) && document.querySelector(".task h1") !== null && document.querySelector(".task .placeholder") === null`;
  return page.evaluate<number>(onceTrue(isShown, "performance.now() - opening.start"));
}

/** A colleague claims the first task of the list. Returns the time until the list shows that. */
async function move(page: TestPage, colleague: TestUser): Promise<number> {
  const id = await page.evaluate<string>(`new URL(document.querySelector(".row").href).searchParams.get("task")`);
  const text = `([...document.querySelectorAll(".row")].find((row) => row.href.includes(${JSON.stringify(id)}))?.innerText ?? "")`;
  await page.evaluate(`void (() => {
    globalThis.before = ${text};
    globalThis.changed = ${onceTrue(`${text} !== globalThis.before`, "Date.now()")};
  })()`);
  const start = Date.now();
  await colleague.run(claim, { id });
  const changed = await page.evaluate<number>("globalThis.changed");
  await colleague.run(release, { id });
  // Otherwise the next claim would begin from what this one has changed.
  await page.until(`${text} === globalThis.before`, "the released task is in the list again");
  return changed - start;
}
