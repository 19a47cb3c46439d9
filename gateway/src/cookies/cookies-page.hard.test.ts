import { readFileSync } from "node:fs";
import { aMaintenanceTenant, aSecondMs, type MaintenanceTenant, startTestWeft, type TestWeft, until } from "@weft/testkit";
import { openBrowser, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { type PageServer, servePage } from "@weft/testkit/browser/serve-page";
import { blocksOf } from "@weft/testkit/guides/page-blocks";
import { afterAll, beforeAll, expect, test } from "vitest";

// The code of docs/how-to/cookies.md, in Chromium: an allowed origin, one of the same site that is not allowed, and one of another site.

const files: Record<string, string> = {};
let server: PageServer;
let neighbor: PageServer;
let weft: TestWeft;
let acme: MaintenanceTenant;
let browser: TestBrowser;

/** The library in which the guide imports `createClient`, as browsers load it. */
function graphqlWs(): Record<string, string> {
  const path = new URL(import.meta.resolve("graphql-ws/client"));
  const client = readFileSync(path, "utf8");
  const [, common = ""] = /from '\.\/(common-[\w-]+\.js)'/.exec(client) ?? [];
  return { "/client.js": client, [`/${common}`]: readFileSync(new URL(common, path), "utf8") };
}

beforeAll(async () => {
  [server, neighbor] = [await servePage(files), await servePage(files)];
  // The neighbor can call the API, but not with cookies.
  weft = await startTestWeft({ settings: { WEFT_COOKIE_ORIGINS: server.url, WEFT_CORS_ORIGINS: neighbor.url } });
  acme = await aMaintenanceTenant(weft);
  const [module, calls] = blocksOf("docs/how-to/cookies.md").filter(({ language }) => language === "js");
  Object.assign(files, graphqlWs(), {
    "/": `<!doctype html><title>A page</title><body>
      <script type="importmap">{ "imports": { "graphql-ws": "./client.js" } }</script>
      <script type="module">import * as application from "./application.js"; Object.assign(globalThis, application)</script>`,
    "/application.js": (module?.text ?? "").replace("https://api.example.com", weft.url),
    "/start.js": `import { live, logIn, run } from "./application.js";
      export async function start(login, password, show) {
        ${(calls?.text ?? "").replace('{ login: "noor@acme.com", password }', "{ login, password }")}
        return data;
      }`,
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
  await server?.close();
  await neighbor?.close();
});

const text = (value: string): string => JSON.stringify(value);

/** Opens the page from an origin. Pages of one tab share its cookies, as the tabs of a browser do. */
async function open(page: TestPage, url: string): Promise<void> {
  await page.goto(url);
  await page.until("globalThis.logIn !== undefined", "the module is loaded");
}

/** Runs the calls of the guide in a page of the allowed origin. What it shows is in `shown`. */
async function loggedIn(): Promise<TestPage> {
  const page = await browser.page();
  await open(page, server.url);
  const { login, password } = acme.operations;
  await page.evaluate("globalThis.shown = []");
  const data = await page.evaluate(
    `import("./start.js").then(({ start }) => start(${text(login)}, ${text(password)}, (answer) => shown.push(answer)))`,
  );
  expect(data).toMatchObject({ me: { id: acme.operations.id } });
  return page;
}

const me = `run("{ me { id } }").then(({ data, errors }) => errors?.[0].extensions.code ?? data.me.id, () => "blocked")`;
const renewal = (url: string): string => `fetch(${text(`${url}/session/refresh`)}, { method: "POST", credentials: "include",
  headers: { "apollo-require-preflight": "1" } }).then(({ status }) => status, () => "blocked")`;

test("the guide's page logs in, queries, receives events, stays logged in after a reload, and logs out, without ever seeing a token", async () => {
  const page = await loggedIn();
  await until(
    async () => {
      await acme.request("triage");
      return page.evaluate("JSON.stringify(shown).includes('notificationReceived')");
    },
    { what: "an event arrives", everyMs: 500 },
  );
  expect(await page.evaluate("document.cookie")).toBe("");
  await page.reload();
  await page.until("globalThis.run !== undefined");
  expect(await page.evaluate(me)).toBe(acme.operations.id);
  expect(await page.evaluate(renewal(weft.url))).toBe(200);
  expect(page.consoleErrors).toEqual([]);

  expect(await page.evaluate("logOut().then(({ status }) => status)")).toBe(204);
  await until(async () => (await page.evaluate(me)) === "UNAUTHENTICATED", { what: "the session is over", deadlineMs: aSecondMs });
  expect(
    await page.evaluate(`logIn({ login: ${text(acme.operations.login)}, password: "wrong" }).catch(({ extensions }) => extensions.code)`),
  ).toBe("UNAUTHENTICATED");
});

test("the guide's socket closes when the session ends elsewhere, and the page is told", async () => {
  const page = await loggedIn();
  const typename = `live.subscribe({ query: "{ __typename }" }, { next: resolve, error: resolve, complete() {} })`;
  await page.evaluate(`new Promise((resolve) => void ${typename}).then(({ data }) => data.__typename)`);
  await page.evaluate("void live.on('closed', ({ code }) => (globalThis.closedWith = code))");
  await acme.admin.run("mutation ($id: ID!) { revokeUserSessions(input: { userId: $id }) { endedCount } }", { id: acme.operations.id });
  await page.until("globalThis.closedWith !== undefined", "the socket is closed");
  expect(await page.evaluate("closedWith")).toBe(4401);
  await page.until("shown.length > 0", "the page is told");
});

test("a page of another origin in the same browser can neither use the session, renew it, end it, nor open one", async () => {
  const page = await loggedIn();
  const otherSite = server.url.replace("127.0.0.1", "localhost");
  // The neighbor is on the same site: the browser would send the cookies. The other one is on another site.
  for (const url of [neighbor.url, otherSite]) {
    await open(page, url);
    expect(await page.evaluate(me)).toBe("blocked");
    expect(await page.evaluate(renewal(weft.url))).toBe("blocked");
    expect(await page.evaluate("logOut().then(({ status }) => status, () => 'blocked')")).toBe("blocked");
    const { login, password } = acme.requester;
    expect(await page.evaluate(`logIn({ login: ${text(login)}, password: ${text(password)} }).then(() => "open", () => "refused")`)).toBe(
      "refused",
    );
    // Like a form: it is sent without permission, but without the header.
    await page.evaluate(
      `fetch(${text(`${weft.url}/session/logout`)}, { method: "POST", credentials: "include", mode: "no-cors" }).then(() => 0, () => 0)`,
    );
    const socket = `new Promise((resolve) => {
      const socket = new WebSocket(${text(`${weft.url.replace("http", "ws")}/graphql`)}, "graphql-transport-ws");
      socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
      socket.onmessage = () => resolve("connected");
      socket.onclose = () => resolve("closed");
    })`;
    expect(await page.evaluate(socket)).toBe("closed");
  }
  await open(page, server.url);
  expect(await page.evaluate(me)).toBe(acme.operations.id);
});
