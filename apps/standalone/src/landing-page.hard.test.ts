import { ApiClient, startTestWeft, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { type PageServer, servePage } from "@weft/testkit/browser/serve-page";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { seedDemo } from "./seed/seed.js";

let weft: TestWeft;
let browser: TestBrowser;
/** A server on another port of the same machine, to which the browser sends the same cookies. */
let neighbor: PageServer;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It has the users of the demo." });
  await seedDemo(weft.weft.services, new ApiClient(weft.url, undefined, weft.weft.gateway.fetch));
  neighbor = await servePage({ "/": "<!doctype html><title>A page</title><body>" });
  browser = await openBrowser();
}, 300_000);
afterEach(() => browser.closePages());
afterAll(async () => {
  await browser?.close();
  await neighbor?.close();
  await weft?.stop();
});

/** Opens the landing page and clicks a button of a demo login. */
async function clicked(opens: "console" | "explorer", login: string): Promise<TestPage> {
  const page = await browser.page();
  await page.look({ width: 1280, height: 900 });
  await page.goto(`${weft.url}/`);
  await page.click(`button[data-opens="${opens}"][data-login="${login}"]`);
  return page;
}

/** Calls the API as the console does. The value is the email address, the code of the error, or "blocked". */
const me = (url: string): string => `fetch("${url}/graphql", { method: "POST", credentials: "include",
  headers: { "content-type": "application/json", "apollo-require-preflight": "1" }, body: '{"query":"{ me { email } }"}' })
  .then((response) => response.json()).then(({ data, errors }) => errors?.[0].extensions.code ?? data.me.email, () => "blocked")`;

test("one click opens the console as the user, whose tokens no script and no address shows", async () => {
  const page = await clicked("console", "requester@acme.com");
  await page.until(`location.href === "${weft.url}/console/"`);
  expect(await page.evaluate(me(""))).toBe("requester@acme.com");
  expect(await page.evaluate("document.cookie")).toBe("");
  // Once it has started, the console remembers that there is a session, and nothing of its tokens.
  expect(await page.evaluate("[...Object.values(sessionStorage), ...Object.values(localStorage)].join()")).not.toMatch(
    /eyJ|(?:access|refresh|device)Token"/,
  );
  expect(page.externalRequests).toEqual([]);
});

test("another click opens it as another user", async () => {
  const page = await clicked("console", "requester@acme.com");
  await page.until(`location.pathname === "/console/"`);
  await page.goto(`${weft.url}/`);
  await page.click('button[data-opens="console"][data-login="approver@acme.com"]');
  await page.until(`location.pathname === "/console/"`);
  expect(await page.evaluate(me(""))).toBe("approver@acme.com");
});

test("a page on another port of the same machine can use neither the console's session nor its socket", async () => {
  const page = await clicked("console", "requester@acme.com");
  await page.until(`location.pathname === "/console/"`);
  await page.goto(neighbor.url);
  expect(await page.evaluate(me(weft.url))).toBe("blocked");
  const socket = `new Promise((resolve) => {
    const socket = new WebSocket("${weft.url.replace("http", "ws")}/graphql", "graphql-transport-ws");
    socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
    socket.onmessage = () => resolve("connected");
    socket.onclose = ({ code }) => resolve(code);
  })`;
  expect(await page.evaluate(socket)).toBe(4401);
  const logout = `fetch("${weft.url}/session/logout", { method: "POST", credentials: "include", mode: "no-cors" }).then(() => 0, () => 0)`;
  await page.evaluate(logout);
  await page.goto(`${weft.url}/console/`);
  expect(await page.evaluate(me(""))).toBe("requester@acme.com");
});

test.each([1280, 390])("the buttons of every login fit %i pixels, and are large enough to touch", async (width) => {
  const page = await browser.page();
  await page.look({ width, height: 900 });
  await page.goto(`${weft.url}/`);
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  const smallest = `(() => {
    for (const closed of document.querySelectorAll("details")) closed.open = true;
    return Math.min(...[...document.querySelectorAll("button[data-opens]")].map((button) => button.getBoundingClientRect().height));
  })()`;
  expect(await page.evaluate<number>(smallest)).toBeGreaterThanOrEqual(width < 640 ? 44 : 24);
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
});
