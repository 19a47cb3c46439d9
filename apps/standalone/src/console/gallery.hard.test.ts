import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openBrowser, type TestBrowser } from "@weft/testkit/browser/open-browser";
import { expectAccessible, expectQuiet, logIn, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../../console/", import.meta.url));

let site: TestConsole;
let browser: TestBrowser;
let vite: ChildProcess;
/** Address of the development server. */
let url: string;
beforeAll(async () => {
  site = await openConsole();
  browser = await openBrowser({ deadlineMs: 120_000 });
  vite = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", "0"], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: "development", NO_COLOR: "1", WEFT_URL: site.weft.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  url = await addressOf(vite);
}, 240_000);
afterEach(() => browser.closePages());
afterAll(async () => {
  vite?.kill();
  await browser?.close();
  await site?.stop();
});

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("The output of Vite is not read.");
  for await (const line of createInterface({ input: stdout })) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (found !== undefined) return found;
  }
  throw new Error("Vite has ended without an address.");
}

test("the gallery shows the parts of pages while the console is developed", async () => {
  const tenant = await site.weft.tenant();
  const page = await browser.page();
  await page.look({ width: 1280, height: 900 });
  await page.goto(`${url}/console/gallery`);
  await logIn(page, await tenant.user("operations"));
  await page.untilText(".gallery h1", "Gallery");
  await page.untilText(".gallery .request-row", "The elevator grinds");
  await page.click('.gallery [data-weft="form"] button[type=submit]');
  await page.text('.gallery [data-weft="problem"]');
  await page.untilText(".gallery .keys", "Search and commands");
  await expectAccessible(page);
  expectQuiet(page);
}, 240_000);

test("the built console has no gallery", async () => {
  const tenant = await site.weft.tenant();
  const page = await site.openedAs(await tenant.user("operations"), { path: "/console/gallery" });
  await page.untilText(".message", "There is no such page");
  await site.closePages();
  expect(page.externalRequests).toEqual([]);
});
