import { logIn } from "@weft/testkit/browser/log-in";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import type { TestUser } from "@weft/testkit/test-user";

/** Opens a page as a user, and waits for what the page shows. */
export async function openAs(page: TestPage, address: string, user: TestUser, shown: string): Promise<void> {
  await page.look({ width: 1440, height: 900 });
  await page.goto(address);
  await logIn(page, user, shown);
}

const longestMs = 20_000;

/** An expression for the page: the value when the condition is first true. Looks in each frame, so a frame is the resolution. */
export const onceTrue = (condition: string, value: string): string => `new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("Waited in vain for " + ${JSON.stringify(condition)} + ". The page shows: " + document.body.innerText.slice(0, 1000))), ${longestMs});
  const look = () => (${condition}) ? resolve(${value}) : requestAnimationFrame(look);
  look();
})`;

/** Reloads the page. Returns the times of the first paint, and until the expression is true, in ms since the navigation began. */
export async function reload(page: TestPage, isUsable: string): Promise<{ readonly paint: number; readonly usable: number }> {
  await page.reload();
  const usable = await page.evaluate<number>(onceTrue(isUsable, "performance.now()"));
  const paint = await page.evaluate<number>(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN`);
  return { paint, usable };
}

/** Remembers the longest task of the page's thread from now on. */
export const watchTasks = (page: TestPage): Promise<void> =>
  page.evaluate(`void new PerformanceObserver((list) => list.getEntries().forEach(
    ({ duration }) => (globalThis.longest = Math.max(globalThis.longest ?? 0, duration)),
  )).observe({ type: "longtask" })`);

/** Duration of the longest task, in ms, or 0 if none took 50 ms. */
export const longestTask = (page: TestPage): Promise<number> => page.evaluate("globalThis.longest ?? 0");
