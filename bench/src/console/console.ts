import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import { openBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { settle } from "@weft/testkit/cost/sliced";
import type { TestUser } from "@weft/testkit/test-user";
import postgres from "postgres";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, type Sample } from "../harness/rounds.js";
import { median, percentile } from "../harness/statistics.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { openQueueCompany } from "../harness/tenants/queue-company.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const dist = `${root}apps/console/dist/`;
const usableLimitMs = 800;
const consoleName = "the console";
const claim = "mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }";
const release = "mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }";

/** Measures what users of the console wait for, in Chromium on this machine: the load after a reload, opening a task, and a move of somebody else. */
export async function run({ quick }: BenchOptions): Promise<Report> {
  await promisify(execFile)(process.execPath, ["apps/console/build/build.ts"], { cwd: root });
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0", WEFT_MODE: "development", WEFT_CONSOLE: "on" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const browser = await openBrowser();
  const tasks = quick ? 2_000 : 10_000;
  try {
    const tenant = await openTenant(site.services, weft.url, "console");
    // Half of the tasks wait, a tenth of them for approvers.
    const { people } = await openQueueCompany(owner, tenant, { name: "console", count: 2 * tasks, sizes: "even" });
    await settle(owner);
    const colleague = await tenant.user("approver");
    const page = await browser.page();
    await page.look({ width: 1440, height: 900 });
    await logIn(page, weft.url, people.approver.user);
    const contestants: Contestant[] = [
      { name: consoleName, run: () => turn(page, { colleague, opened: quick ? 10 : 40, reloads: quick ? 3 : 10 }) },
    ];
    const rounds = await alternate(contestants, 3);
    const figures = Object.keys(rounds.get(consoleName)?.[0] ?? {});
    return {
      title: `Console  ${tasks.toLocaleString("en")} open tasks, Chromium and server on the same cores`,
      head: ["", consoleName],
      rows: [...figures.map((figure) => [figure, medianOf(rounds, consoleName, figure)]), ...sizes()],
      ratio: {
        what: `inbox usable after a reload / the limit of ${usableLimitMs} ms`,
        value: medianOf(rounds, consoleName, "inbox usable ms") / usableLimitMs,
        goal: "≤ 1.0",
      },
      notes: [
        "Usable: the rows of the list are shown. Opened: the decisions of a task are shown, by the click's own clock.",
        "Move: from the call of claimTask by somebody else to the changed list in the window.",
        "Longest task: of the page's thread, after the list is shown, while tasks are opened.",
      ],
      rounds,
    };
  } finally {
    await browser.close();
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}

async function logIn(page: TestPage, url: string, { login, password }: TestUser): Promise<void> {
  await page.goto(`${url}/console/`);
  await page.fill("[name=login]", login);
  await page.fill("[name=password]", password);
  await page.click("button[type=submit]");
  await page.text(".row");
}

interface Turn {
  readonly colleague: TestUser;
  /** Tasks to open. */
  readonly opened: number;
  readonly reloads: number;
}

async function turn(page: TestPage, { colleague, opened, reloads }: Turn): Promise<Sample> {
  const loads: { paint: number; usable: number }[] = [];
  for (let index = 0; index < reloads; index++) loads.push(await reload(page));
  await page.evaluate(`void new PerformanceObserver((list) => list.getEntries().forEach(
    ({ duration }) => (globalThis.longest = Math.max(globalThis.longest ?? 0, duration)),
  )).observe({ type: "longtask" })`);
  const times: number[] = [];
  for (let index = 0; index < opened; index++) times.push(await openTask(page, index));
  const longest = await page.evaluate<number>("globalThis.longest ?? 0");
  const moves: number[] = [];
  for (let index = 0; index < 5; index++) moves.push(await move(page, colleague));
  return {
    "first paint ms": median(loads.map(({ paint }) => paint)),
    "inbox usable ms": median(loads.map(({ usable }) => usable)),
    "task opened p50 ms": percentile(times, 0.5),
    "task opened p95 ms": percentile(times, 0.95),
    "longest task ms": longest,
    "move of somebody else ms": median(moves),
  };
}

async function reload(page: TestPage): Promise<{ paint: number; usable: number }> {
  await page.reload();
  // Polled in each frame: a frame is the resolution.
  const usable = await page.evaluate<number>(`new Promise((resolve) => {
    const look = () => document.querySelector(".row") ? resolve(performance.now()) : requestAnimationFrame(look);
    look();
  })`);
  const paint = await page.evaluate<number>(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN`);
  return { paint, usable };
}

/** Clicks a row, and returns the time until the task of the row is shown with its decisions. */
const openTask = (page: TestPage, index: number): Promise<number> =>
  page.evaluate<number>(`new Promise((resolve) => {
    const rows = document.querySelectorAll(".row");
    const row = rows[${index} % rows.length];
    const shown = () => document.querySelector(".task h1") !== null && document.querySelector(".task .placeholder") === null;
    const start = performance.now();
    row.click();
    const isThere = () => location.search.includes(new URL(row.href).searchParams.get("task")) && shown();
    const look = () => isThere() ? resolve(performance.now() - start) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  })`);

/** A colleague claims the first task of the list. Returns the time until the list shows that. */
async function move(page: TestPage, colleague: TestUser): Promise<number> {
  const id = await page.evaluate<string>(`new URL(document.querySelector(".row").href).searchParams.get("task")`);
  const text = `[...document.querySelectorAll(".row")].find((row) => row.href.includes(${JSON.stringify(id)}))?.innerText ?? ""`;
  await page.evaluate(`void (() => {
    const before = ${text};
    globalThis.changed = new Promise((resolve) => {
      const look = () => (${text}) !== before ? resolve(Date.now()) : requestAnimationFrame(look);
      look();
    });
  })()`);
  const start = Date.now();
  await colleague.run(claim, { id });
  const changed = await page.evaluate<number>("globalThis.changed");
  await colleague.run(release, { id });
  return changed - start;
}

/** Sizes of what pages load, as brotli. */
function sizes(): (readonly [string, number])[] {
  const { files } = JSON.parse(readFileSync(`${dist}build.json`, "utf8")) as { files: string[] };
  const html = readFileSync(`${dist}index.html`, "utf8");
  const kib = (paths: readonly string[]): number =>
    paths.reduce((sum, path) => sum + brotliCompressSync(readFileSync(dist + path)).length, 0) / 1024;
  const isFirst = (path: string): boolean => html.includes(path) || path.includes("assets/de-");
  const isPage = (path: string): boolean => /assets\/[a-z-]+-page-.*\.js$/.test(path);
  const first = files.filter(isFirst);
  return [
    ["first load, scripts KiB", kib(first.filter((path) => path.endsWith(".js")))],
    ["first load, styles KiB", kib(first.filter((path) => path.endsWith(".css")))],
    ...files
      .filter((path) => isPage(path) && !isFirst(path))
      .map((path) => [`${/([a-z]+(?:-[a-z]+)*)-page-/.exec(path)?.[1] ?? path}, scripts KiB more`, kib(followed(path, isFirst))] as const),
  ];
}

/** The file, and what it loads that the first load has not loaded, at once or later. */
function followed(file: string, isFirst: (path: string) => boolean, seen = new Set<string>()): string[] {
  if (seen.has(file) || isFirst(file)) return [];
  seen.add(file);
  const text = readFileSync(dist + file, "utf8");
  for (const [, name = ""] of text.matchAll(/(?:from|import\()\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) followed(`assets/${name}`, isFirst, seen);
  return [...seen];
}
