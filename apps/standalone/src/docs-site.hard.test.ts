import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { drawn } from "@weft/testkit/sizes";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

let weft: TestWeft;
let browser: TestBrowser;
beforeAll(async () => {
  for (const step of [["scripts/run.ts", "docs-cli", "--built"], ["docs-site/src/build.ts"]])
    await promisify(execFile)(process.execPath, step, { cwd: root });
  weft = await startTestWeft({ alone: "It builds the documentation." });
  browser = await openBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
});

const overflow = "document.documentElement.scrollWidth - innerWidth";

async function opened(path: string, look: { width: number; colorScheme?: "light" | "dark" } = { width: 1280 }): Promise<TestPage> {
  const page = await browser.page();
  await page.look({ height: 900, ...look });
  await page.goto(weft.url + path);
  return page;
}

function expectQuiet(page: TestPage): void {
  expect(page.consoleErrors).toEqual([]);
  expect(page.externalRequests).toEqual([]);
}

test("the landing page links to the documentation, whose links navigate without reloading the page", async () => {
  const page = await opened("/");
  await page.click('a[href="/docs/"]');
  await page.untilText("h1", "Weft documentation");
  await page.evaluate("globalThis.isSamePage = true");
  await page.click('.vp-doc a[href$="tutorials/approval-process"]');
  await page.until(`location.pathname === "/docs/tutorials/approval-process"`);
  await page.untilText("h1", "approval process");
  expect(await page.evaluate("globalThis.isSamePage")).toBe(true);
  expectQuiet(page);
});

test("every component of the theme shows its text", async () => {
  const page = await opened("/docs/explanation/architecture");
  await page.untilText(".VPNavBarTitle", "Weft");
  await page.untilText(".DocSearch-Button", "Search");
  await page.untilText(".VPDocAsideOutline", "How a request is processed");
  expect(await page.evaluate("document.body.innerText")).not.toContain("{{");
});

test("braces in the text and the code of a page are shown as written", async () => {
  const page = await opened("/docs/reference/definition-format");
  await page.untilText(".vp-doc", "{{ … }}");
  expect(await page.evaluate("document.body.innerText")).toContain("{{ data.from }}");
});

test("a guide shows its pictures", async () => {
  const page = await opened("/docs/how-to/console");
  await page.until(`document.querySelector(".vp-doc img")?.naturalWidth === 1440`, "the first picture is loaded");
  expectQuiet(page);
});

test.each([
  ["pg_dump", "how-to/back-up-and-restore"],
  ["substitute", "how-to/tasks"],
  ["vendor_sees_event", "reference/database/app"],
])("the search finds a page by the word %s in its text, and opens it", async (word, path) => {
  const page = await opened("/docs/");
  await page.click(".DocSearch-Button");
  await page.fill("#localsearch-input", word);
  const result = `document.querySelector('.results a[href^="/docs/${path}"]')`;
  // Found and clicked in one step, without the mouse: later results move those that are there.
  await page.until(`${result} !== null && (${result}.click(), true)`, "there is a result on the page");
  await page.until(`location.pathname.startsWith("/docs/${path}")`);
  await page.untilText(".vp-doc", word);
  expectQuiet(page);
});

test.each(["webhook", "schedule", "substitute"])("the search for %s lists a guide before generated pages", async (word) => {
  const page = await opened("/docs/");
  await page.click(".DocSearch-Button");
  await page.fill("#localsearch-input", word);
  const first = `document.querySelector(".results a")?.getAttribute("href")`;
  await page.until(`/^\\/docs\\/(?:how-to|tutorials)\\//.test(${first})`, "the first result is a guide");
  expectQuiet(page);
});

test("the schema's reference shows the permission that an operation requires", async () => {
  const page = await opened("/docs/reference/schema/requests#cancelrequest");
  await page.untilText(".vp-doc", "can(request.cancel)");
  await page.click('.vp-doc a[href$="requests-inputs#cancelrequestinput"]');
  await page.until(
    `location.pathname === "/docs/reference/schema/requests-inputs" && document.querySelector("#cancelrequestinput") !== null`,
  );
  expectQuiet(page);
});

test("the packages' reference documents an export, with a link to its types on the page of another package", async () => {
  const page = await opened("/docs/reference/packages/server#createworker");
  await page.untilText(".vp-doc", "Starts a worker that takes steps");
  await page.click('#createworker ~ table a[href$="client#weftclient"]');
  await page.until(`location.pathname === "/docs/reference/packages/client" && document.querySelector("#weftclient") !== null`);
  expectQuiet(page);
});

test("the page follows the preferred color scheme, and a user can switch it", async () => {
  const background = `getComputedStyle(document.body).backgroundColor`;
  const light = await opened("/docs/", { width: 1280, colorScheme: "light" });
  const dark = await opened("/docs/", { width: 1280, colorScheme: "dark" });
  const [bright, dim] = [await light.evaluate<string>(background), await dark.evaluate<string>(background)];
  expect(bright).not.toBe(dim);
  await light.click(".VPNavBarAppearance button");
  await light.until(`${background} === ${JSON.stringify(dim)}`);
  await light.reload();
  await light.until(`${background} === ${JSON.stringify(dim)}`);
  for (const page of [light, dark]) expectQuiet(page);
});

test.each(["light", "dark"] as const)("pages with tables and code fit 420 pixels in the %s scheme", async (colorScheme) => {
  const page = await opened("/docs/", { width: 420, colorScheme });
  const paths = [
    "",
    "reference/permissions/roles",
    "reference/permissions/tested",
    "reference/definition-format",
    "reference/packages/client",
    "reference/errors",
    "explanation/architecture",
    "tutorials/single-page-application",
  ];
  for (const path of paths) {
    await page.goto(`${weft.url}/docs/${path}`);
    await page.until(`document.querySelector(".vp-doc h1") !== null`);
    expect([path, await page.evaluate(overflow)]).toEqual([path, 0]);
  }
  expectQuiet(page);
});

/** Returns the pages with diagrams, by their paths in the site, with the number of diagrams. Some of them are built before the tests. */
const pagesWithDiagrams = (): { path: string; count: number }[] =>
  globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], { cwd: root })
    .map((file) => ({
      path: (file.startsWith("docs/") ? file.slice("docs/".length) : `repository/${file}`).replace(/(?:index)?\.md$/, ""),
      count: readFileSync(root + file, "utf8").split(/^```mermaid$/m).length - 1,
    }))
    .filter(({ count }) => count > 0);

/** For each diagram, the texts that are empty or outside of the picture, and those that are wider than their box. */
const brokenTexts = `[...document.querySelectorAll("figure.diagram svg")].map((svg) => {
  const frame = svg.getBoundingClientRect();
  const isOutside = ({ left, right, top, bottom }) => left < frame.left || right > frame.right || top < frame.top || bottom > frame.bottom;
  const boxes = [...svg.querySelectorAll("g:is(.node, .entity, .edge-label, .actor, .note)")].flatMap((node) => {
    const shape = node.querySelector("rect, polygon, ellipse")?.getBoundingClientRect();
    return [...node.querySelectorAll("text")].filter((text) => shape !== undefined && text.getBoundingClientRect().width > shape.width);
  });
  const texts = [...svg.querySelectorAll("text")];
  return texts.length === 0 ? ["no text"] : [...boxes, ...texts.filter((text) => isOutside(text.getBoundingClientRect()))].map((text) => text.textContent);
})`;

test.each(["light", "dark"] as const)("every diagram is drawn, and its texts fit their boxes, in the %s scheme", async (colorScheme) => {
  const pages = pagesWithDiagrams();
  expect(pages.length).toBeGreaterThan(6);
  const page = await opened("/docs/", { width: 1280, colorScheme });
  // The places of the texts are the same in both schemes.
  for (const { path, count } of colorScheme === "light" ? pages : drawn(pages, { of: 5 })) {
    await page.goto(`${weft.url}/docs/${path}`);
    await page.until(`document.querySelector(".vp-doc h1") !== null`);
    expect([path, await page.evaluate(brokenTexts)]).toEqual([path, Array.from({ length: count }, () => [])]);
    const colors = `(([text, back]) => [getComputedStyle(text).fill, getComputedStyle(back).backgroundColor])([document.querySelector("figure.diagram text"), document.body])`;
    const [text, background] = await page.evaluate<[string, string]>(colors);
    expect(text).not.toBe(background);
  }
  expectQuiet(page);
});
