import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import {
  expectAccessible,
  expectNoOverflow,
  expectQuiet,
  firstFiles,
  laterFiles,
  logIn,
  openConsole,
  sentBytes,
  type TestConsole,
} from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

/** A tenant with requests that operations decides about. */
async function aTenantWithTasks(count: number): Promise<MaintenanceTenant> {
  const story = await aMaintenanceTenant(site.weft);
  for (let index = 0; index < count; index++) await story.request("triage");
  return story;
}

const rows = `document.querySelectorAll(".row").length`;
const openTask = `new URLSearchParams(location.search).get("task")`;
const escalate = '[data-name="escalate"] button';

test("a user logs in and decides a task with the mouse, and the next task opens", async () => {
  const { operations } = await aTenantWithTasks(2);
  const page = await site.openedAs(operations);
  await page.until(`${rows} === 2`);
  await page.click(".row");
  await page.click(escalate);
  await page.untilText(".notice.good", "Escalate");
  const decided = await page.evaluate<string>(openTask);
  await page.until(`${openTask} !== ${JSON.stringify(decided)} && document.querySelector(${JSON.stringify(escalate)}) !== null`);
  await page.until(`${rows} === 1`);
  expectQuiet(page);
});

test("a user who leaves right after a decision is not called back to the next task", async () => {
  const { operations } = await aTenantWithTasks(2);
  const page = await site.openedAs(operations);
  await page.click(".row");
  await page.text(escalate);
  // The page of requests takes longer to load than the inbox waits before it opens the next task.
  await page.slowDown(1500);
  await page.click(escalate);
  await page.untilText(".notice.good", "Escalate");
  await page.click('nav a[href^="/console/requests"]');
  await page.text(".request-row");
  expect(new URL(page.url()).pathname).toBe("/console/requests");
  expectQuiet(page);
});

test("a task that somebody decides disappears from the list and the counts of another window", async () => {
  const { tenant, operations } = await aTenantWithTasks(2);
  const other = await site.openedAs(await tenant.user("operations"));
  await other.until(`${rows} === 2`);
  const page = await site.openedAs(operations);
  await page.click(".row");
  await page.click(escalate);
  await other.until(`${rows} === 1`);
  await other.untilText('nav a[aria-current="page"] .count', "1");
  for (const one of [page, other]) expectQuiet(one);
});

test("a task that somebody else decides says so in the window where it is open", async () => {
  const story = await aTenantWithTasks(0);
  const request = await story.request("triage");
  const page = await site.openedAs(story.operations);
  await page.click(".row");
  await page.text(escalate);
  await story.fire(await story.tenant.user("operations"), request, "escalate");
  await page.untilText(".task", "This task is closed.");
  expectQuiet(page);
});

test("a user logs in, and claims and decides a task, with the keyboard alone", async () => {
  const { operations } = await aTenantWithTasks(2);
  const page = await site.opened();
  await page.until(`document.activeElement?.name === "login"`);
  await page.type(operations.login);
  await page.press("Tab");
  await page.type(operations.password);
  await page.press("Enter");
  await page.until(`${rows} === 2`);
  await page.press("j");
  await page.text(escalate);
  await page.press("c");
  await page.untilText(".task .link", "Release it for others");
  await page.press("Enter");
  await page.until(`document.activeElement?.matches(".task h1")`);
  const isThere = `document.activeElement?.matches(${JSON.stringify(escalate)})`;
  for (let presses = 0; presses < 10 && !(await page.evaluate(isThere)); presses++) await page.press("Tab");
  expect(await page.evaluate(isThere)).toBe(true);
  const decided = await page.evaluate<string>(openTask);
  await page.press("Enter");
  await page.until(`${openTask} !== ${JSON.stringify(decided)} && document.activeElement?.matches(".task h1")`);
  await page.press("Escape");
  await page.until(`document.activeElement?.matches(".row[aria-current]")`, "the row of the task has the focus");
  await page.press("Escape");
  await page.until(`${openTask} === null`);
  expectQuiet(page);
});

test("the keys J and K go through the list, digits choose a list, and the question mark shows all keys", async () => {
  const { operations } = await aTenantWithTasks(2);
  const page = await site.openedAs(operations);
  await page.until(`${rows} === 2`);
  const current = `[...document.querySelectorAll(".row")].findIndex((row) => row.matches("[aria-current]"))`;
  for (const [key, index] of [
    ["j", 0],
    ["j", 1],
    ["j", 1],
    ["k", 0],
  ] as const) {
    await page.press(key);
    await page.until(`${current} === ${index}`, `${key} opens task ${index}`);
  }
  await page.press("2");
  await page.untilText(".task-list", "You have claimed no tasks.");
  await page.press("?");
  await page.untilText("[role=dialog]", "Next row");
  await page.press("Escape");
  await page.until(`document.querySelector("[role=dialog]") === null`);
  expectQuiet(page);
});

test("a link to a task leads there after the login", async () => {
  const { operations } = await aTenantWithTasks(1);
  const first = await site.openedAs(operations);
  await first.click(".row");
  await first.text(escalate);
  const { pathname, search } = new URL(first.url());
  const page = await site.opened(pathname + search);
  await logIn(page, operations);
  await page.untilText(".task h1", "The elevator grinds");
  expectQuiet(page);
});

test("a link to a task of another tenant says that there is no such task", async () => {
  const { operations } = await aTenantWithTasks(1);
  const first = await site.openedAs(operations);
  await first.click(".row");
  await first.text(escalate);
  const { pathname, search } = new URL(first.url());
  const page = await site.opened(pathname + search);
  await logIn(page, (await aTenantWithTasks(0)).operations);
  await page.untilText(".task-pane", "There is no such task, or you cannot see it.");
  await page.untilText(".task-list", "There is nothing to do for you.");
  expect(page.externalRequests).toEqual([]);
});

test("a user chooses German, which stays after a reload", async () => {
  const { operations } = await aTenantWithTasks(1);
  const page = await site.openedAs(operations);
  await page.click(".user");
  await page.click('[role=menuitemradio][lang="de"]');
  await page.untilText(".task-list h1", "Für mich");
  await page.reload();
  await page.click(".row");
  await page.untilText(".task", "Wie entscheiden Sie?");
  await page.text(".user");
  expect(await page.evaluate("document.documentElement.lang")).toBe("de");
  expectQuiet(page);
});

test("a wrong password is refused with the reason, and the user can try again", async () => {
  const { operations } = await aTenantWithTasks(0);
  const page = await site.opened();
  await page.fill("[name=login]", operations.login);
  await page.fill("[name=password]", "not the password");
  await page.click("button[type=submit]");
  await page.text("[role=alert]");
  await logIn(page, operations);
  await page.untilText(".task-list", "There is nothing to do for you.");
  // Browsers report every response with this status.
  expect(page.consoleErrors).toEqual([expect.stringContaining("401")]);
});

test("a user logs out, and a reload does not bring the session back", async () => {
  const { operations } = await aTenantWithTasks(0);
  const page = await site.openedAs(operations);
  await page.click(".user");
  await page.click("[data-logs-out]");
  await page.untilText("h1", "Log in to Weft");
  await page.reload();
  await page.untilText("h1", "Log in to Weft");
  expect(page.externalRequests).toEqual([]);
});

test.each(["light", "dark"] as const)("the login, the list and a task fit 390 pixels in %s colors", async (colorScheme) => {
  const { operations } = await aTenantWithTasks(3);
  const page = await site.opened("/console/", { width: 390, colorScheme });
  await page.text("[name=login]");
  await expectNoOverflow(page);
  await logIn(page, operations);
  await page.until(`${rows} === 3`);
  await expectNoOverflow(page);
  await page.click(".row");
  await page.text(escalate);
  await expectNoOverflow(page);
  expect(await page.evaluate(`document.querySelector(".task-pane").scrollWidth - document.querySelector(".task-pane").clientWidth`)).toBe(
    0,
  );
  await page.click(".back");
  await page.until(`${openTask} === null`);
  expectQuiet(page);
});

test("the login, the list, a task and the keys are accessible in both colors, on a screen and on a phone", async () => {
  const { operations } = await aTenantWithTasks(2);
  const page = await site.opened();
  await page.text("[name=login]");
  await expectAccessible(page);
  await logIn(page, operations);
  await page.until(`${rows} === 2`);
  await expectAccessible(page);
  await page.click(".row");
  await page.text(escalate);
  await expectAccessible(page);
  await page.press("?");
  await page.text("[role=dialog]");
  await expectAccessible(page);
  expectQuiet(page);
});

test("the colors follow the system until the user chooses, and the choice stays", async () => {
  const background = "getComputedStyle(document.body).backgroundColor";
  const light = await site.opened("/console/", { colorScheme: "light" });
  const bright = await light.evaluate<string>(background);
  const { operations } = await aTenantWithTasks(0);
  const page = await site.openedAs(operations, { colorScheme: "dark" });
  const dark = await page.evaluate<string>(background);
  expect(dark).not.toBe(bright);
  await page.click(".user");
  await page.click('[data-scheme="light"]');
  await page.until(`${background} === ${JSON.stringify(bright)}`);
  await page.reload();
  await page.until(`${background} === ${JSON.stringify(bright)}`);
  expectQuiet(page);
});

test("markup in titles and data is shown as text", async () => {
  const { operations, requester } = await aTenantWithTasks(0);
  const markup = `<img src=x onerror="globalThis.isAttacked = true"><script>globalThis.isAttacked = true</script>`;
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "maintenance", data: { summary: markup, estimate: 12_000 } } },
  );
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id: createRequest.request.id });
  const page = await site.openedAs(operations);
  await page.untilText(".row", markup);
  await page.click(".row");
  await page.untilText(".task h1", markup);
  await page.untilText(".task dl + dl, .card .facts", markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".inbox img, .inbox script")]`)).toEqual([null, null]);
  expectQuiet(page);
});

test("the policy refuses styles and scripts that are added to the page", async () => {
  const page = await site.opened();
  await page.text("[name=login]");
  const violations = await page.evaluate<string[]>(`new Promise((resolve) => {
    const seen = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => seen.push(effectiveDirective) === 2 && resolve(seen));
    document.head.append(Object.assign(document.createElement("style"), { textContent: "body { display: none }" }));
    try { document.body.innerHTML = "<p>"; } catch {}
  })`);
  expect(violations).toEqual(expect.arrayContaining([expect.stringContaining("style-src"), "require-trusted-types-for"]));
  expect(page.consoleErrors).not.toEqual([]);
});

test("the login and the inbox are small enough for a slow connection", () => {
  const first = firstFiles();
  const styles = first.filter((path) => path.endsWith(".css"));
  const scripts = first.filter((path) => path.endsWith(".js"));
  // The texts of all pages in one language: they grow with each page, so that they have a limit of their own.
  const texts = laterFiles(/assets\/de-.*\.js$/);
  const [login, inbox] = [laterFiles(/assets\/login-page-.*\.js$/), laterFiles(/assets\/(?:signed-in|inbox-page)-.*\.js$/)];
  for (const files of [styles, scripts, texts, login, inbox]) expect(files.length).toBeGreaterThan(0);
  const kib = (files: readonly string[]): number => sentBytes(files) / 1024;
  expect(kib([...scripts, ...login])).toBeLessThanOrEqual(159);
  expect(kib([...scripts, ...inbox])).toBeLessThanOrEqual(221);
  expect(kib(texts)).toBeLessThanOrEqual(16);
  expect(kib(styles)).toBeLessThanOrEqual(20);
});
