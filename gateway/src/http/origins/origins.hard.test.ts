import { createLogger } from "@weft/platform/logging";
import { openBrowser, type TestBrowser } from "@weft/testkit/browser/open-browser";
import { type PageServer, servePage } from "@weft/testkit/browser/serve-page";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../../testing/start-gateway.js";

/** A page that calls the Weft server in its URL fragment in every way, and shows the results. */
const page = `<!doctype html><title>A page of another origin</title><p id="post"></p><p id="get"></p><p id="socket"></p><script>
  const weft = location.hash.slice(1);
  const show = (id, text) => { document.getElementById(id).innerText = text; };
  const call = async (id, path, init) => {
    try { show(id, (await (await fetch(weft + path, init)).json()).data.greeting); } catch (error) { show(id, error.message); }
  };
  call("post", "/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: '{"query":"{ greeting }"}' });
  call("get", "/graphql?query={greeting}");
  const socket = new WebSocket(weft.replace("http", "ws") + "/graphql", "graphql-transport-ws");
  socket.onopen = () => show("socket", "open");
  socket.onerror = () => show("socket", "refused");
</script>`;

let browser: TestBrowser;
let pages: PageServer;
beforeAll(async () => {
  browser = await openBrowser();
  pages = await servePage({ "/": page });
});
afterAll(async () => {
  await browser.close();
  await pages.close();
});

async function withProductionGateway(
  settings: { WEFT_CORS_ORIGINS?: string },
  run: (weft: TestGateway, log: readonly string[]) => Promise<void>,
): Promise<void> {
  const lines: string[] = [];
  const weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_MODE: "production", ...settings },
    gateway: () => ({ log: createLogger({ logLevel: "warn" }, { write: (line: string) => void lines.push(line) }) }),
  });
  try {
    await run(weft, lines);
  } finally {
    await weft.stop();
  }
}

/** What a page of another origin shows of its calls. */
async function callsOfPage({ url }: TestGateway): Promise<{ post: string; get: string; socket: string; errors: readonly string[] }> {
  const tab = await browser.page();
  await tab.goto(`${pages.url}/#${url}`);
  for (const id of ["post", "get", "socket"]) await tab.until(`document.getElementById("${id}").innerText !== ""`, `${id} is over`);
  return { post: await tab.text("#post"), get: await tab.text("#get"), socket: await tab.text("#socket"), errors: tab.consoleErrors };
}

test("in production a page of an unconfigured origin reads nothing, and the log reports the setting that would allow it", async () => {
  await withProductionGateway({}, async (weft, log) => {
    const { errors, ...calls } = await callsOfPage(weft);
    expect(calls).toEqual({ post: "Failed to fetch", get: "Failed to fetch", socket: "refused" });
    expect(errors.join("\n")).toContain("blocked by CORS policy");
    expect(log).toEqual([expect.stringContaining(`WEFT_CORS_ORIGINS=${pages.url}`)]);
  });
});

test("with the setting from the log the same page is answered, over HTTP and WebSocket", async () => {
  await withProductionGateway({ WEFT_CORS_ORIGINS: pages.url }, async (weft, log) => {
    const { errors, ...calls } = await callsOfPage(weft);
    expect(calls).toEqual({ post: "hello world", get: "hello world", socket: "open" });
    expect([errors.filter((error) => error.includes("CORS")), log]).toEqual([[], []]);
  });
});
