import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft, type TestWeftOptions } from "../test-weft.js";
import { logIn } from "./log-in.js";
import { openBrowser, type TestPage } from "./open-browser.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export { builtConsole, filesBeyondInbox, firstFiles, laterFiles, sentBytes } from "./built-console.js";
export { logIn };

interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** The console of a Weft in a browser. */
export interface ConsolePages {
  /** Opens a page of the console in a browser profile of its own. */
  opened(path?: string, look?: Look): Promise<TestPage>;
  /** The same, with a login. */
  openedAs(user: TestUser, options?: Look & { readonly path?: string }): Promise<TestPage>;
  closePages(): Promise<void>;
  /** Closes the browser. */
  stop(): Promise<void>;
}

/** A Weft that serves the console, and a browser. `stop` stops both. */
export interface TestConsole extends ConsolePages {
  readonly weft: TestWeft;
}

/** Builds the console if its sources have changed. */
export const buildConsole = (): Promise<unknown> => promisify(execFile)(process.execPath, ["apps/console/build/build.ts"], { cwd: root });

/** Builds the console if its sources have changed, and opens it in Chromium. */
export async function openConsole(settings: NonNullable<TestWeftOptions["settings"]> = {}): Promise<TestConsole> {
  await buildConsole();
  const weft = await startTestWeft({ settings: { WEFT_CONSOLE: "on", ...settings } });
  const pages = await openConsoleAt(weft.url);
  return {
    ...pages,
    weft,
    stop: async () => {
      await pages.stop();
      await weft.stop();
    },
  };
}

/** Opens the console that a Weft serves in Chromium. */
export async function openConsoleAt(url: string): Promise<ConsolePages> {
  const browser = await openBrowser();
  const opened: ConsolePages["opened"] = async (path = "/console/", { width = 1280, colorScheme = "light" } = {}) => {
    const page = await browser.page();
    await page.look({ width, height: 900, colorScheme });
    await page.goto(url + path);
    return page;
  };
  return {
    opened,
    openedAs: async (user, { path = "/console/", ...look } = {}) => {
      const page = await opened(path, look);
      await logIn(page, user);
      return page;
    },
    closePages: () => browser.closePages(),
    stop: () => browser.close(),
  };
}

/** Clicks the first element of a selector with this text, once it is there. */
export const clickText = (page: TestPage, selector: string, text: string): Promise<void> =>
  page.until(
    `(() => { const found = [...document.querySelectorAll(${JSON.stringify(selector)})].find((one) => one.innerText === ${JSON.stringify(text)}); found?.click(); return found !== undefined; })()`,
    `there is "${text}"`,
  );

/** Expects no errors in the browser's console, which include violations of the policy, and no requests to other origins. */
export function expectQuiet(page: TestPage): void {
  expect(page.consoleErrors).toEqual([]);
  expect(page.externalRequests).toEqual([]);
}

/** Expects that nothing is wider than the window. */
export async function expectNoOverflow(page: TestPage): Promise<void> {
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
}

/** Expects that axe finds nothing in light and in dark colors, at 1440 and at 390 pixels. */
export async function expectAccessible(page: TestPage): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1440, 390]) {
      await page.look({ width, height: 900, colorScheme });
      expect(await page.accessibilityViolations(), `${colorScheme}, ${width} pixels`).toEqual([]);
    }
}
