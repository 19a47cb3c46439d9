import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, type TestBrowser } from "./open-browser.js";
import { type PageServer, servePage } from "./serve-page.js";

const page = (body: string): string => `<!doctype html><title>A page</title><body>${body}</body>`;
const counter = `<label>Name <input id="name" value="nobody"></label><p id="greeting"></p>
  <button onclick="greeting.textContent = 'Hello ' + document.getElementById('name').value">Greet</button>`;

let browser: TestBrowser;
let server: PageServer;
beforeAll(async () => {
  browser = await openBrowser({ deadlineMs: 5_000 });
  server = await servePage({
    "/": page(counter),
    "/broken": page("<script>console.error('logged'); setTimeout(() => { throw new Error('thrown') })</script>"),
    "/external": page(`<img src="https://images.example/a.png"><script>
      new WebSocket("wss://live.example/graphql");
      fetch("https://api.example/").catch(() => document.body.append("refused"))</script>`),
  });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

test("a page can be filled in, clicked, and read as by a user", async () => {
  const tab = await browser.page();
  await tab.goto(server.url);
  await tab.fill("#name", "Ada");
  await tab.click("button");
  await tab.untilText("#greeting", "Hello Ada");
  expect(await tab.text("#greeting")).toBe("Hello Ada");
  expect(tab.consoleErrors).toEqual([]);
});

test("each page has its own profile", async () => {
  const [first, second] = [await browser.page(), await browser.page()];
  await first.goto(server.url);
  await second.goto(server.url);
  await first.evaluate("localStorage.setItem('login', 'Ada')");
  expect(await second.evaluate("localStorage.getItem('login')")).toBe(null);
});

test("collects the errors that a page logs and throws", async () => {
  const tab = await browser.page();
  await tab.goto(`${server.url}/broken`);
  await expect.poll(() => tab.consoleErrors, { timeout: 20_000 }).toEqual(["logged", "thrown"]);
});

test("blocks all requests outside of this machine and collects those that a page made", async () => {
  const tab = await browser.page();
  await tab.goto(`${server.url}/external`);
  await tab.untilText("body", "refused");
  await expect
    .poll(() => tab.externalRequests.toSorted(), { timeout: 20_000 })
    .toEqual(["https://api.example/", "https://images.example/a.png", "wss://live.example/graphql"]);
});

test("a page has the given size and colors", async () => {
  const tab = await browser.page();
  await tab.look({ width: 420, height: 800, colorScheme: "dark" });
  await tab.goto(server.url);
  expect(await tab.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]")).toEqual([420, true]);
});

test("the heap of a page is measured without garbage", async () => {
  const tab = await browser.page();
  await tab.goto(server.url);
  const before = await tab.heapBytes();
  await tab.evaluate("void (globalThis.kept = Array.from({ length: 500_000 }, Math.random))");
  expect((await tab.heapBytes()) - before).toBeGreaterThan(3_000_000);
  await tab.evaluate("void delete globalThis.kept");
  expect((await tab.heapBytes()) - before).toBeLessThan(1_000_000);
});

test("a wait that times out reports what the page shows", async () => {
  await using impatient = await openBrowser({ deadlineMs: 200 });
  const tab = await impatient.page();
  await tab.goto(server.url);
  await expect(tab.untilText("#greeting", "Hello Ada")).rejects.toThrow(/until #greeting shows "Hello Ada".*\n?Name/s);
});
