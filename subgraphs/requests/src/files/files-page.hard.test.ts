import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser } from "@weft/testkit/browser/open-browser";
import { type PageServer, servePage } from "@weft/testkit/browser/serve-page";
import { blocksOf } from "@weft/testkit/guides/page-blocks";
import { afterAll, beforeAll, expect, test } from "vitest";

// The page of docs/how-to/files.md, in Chromium, from an origin of its own.

const files: Record<string, string> = {};
let server: PageServer;
let weft: TestWeft;
let acme: MaintenanceTenant;
let browser: TestBrowser;

beforeAll(async () => {
  server = await servePage(files);
  weft = await startTestWeft({ settings: { WEFT_CORS_ORIGINS: server.url } });
  acme = await aMaintenanceTenant(weft);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
  await server?.close();
});

/** The smallest PNG: one transparent pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** Chooses a file as a user does. A script cannot open the dialog. */
const choose = (name: string, type: string, base64: string): string => `{
  const bytes = Uint8Array.from(atob("${base64}"), (byte) => byte.charCodeAt(0));
  const chosen = new DataTransfer();
  chosen.items.add(new File([bytes], "${name}", { type: "${type}" }));
  const input = document.querySelector("#file");
  input.files = chosen.files;
  input.dispatchEvent(new Event("change"));
}`;

test("the page of the guide uploads a photo from another origin, attaches it, and shows it", async () => {
  const request = await acme.request("triage");
  const [page] = blocksOf("docs/how-to/files.md").filter(({ language }) => language === "html");
  files["/"] = (page?.text ?? "")
    .replace("https://weft.example.com", weft.url)
    .replace("ACCESS_TOKEN", acme.requester.token)
    .replace("req_00000000000000000000000000", request.id);
  const tab = await browser.page();
  await tab.goto(server.url);
  await tab.evaluate(choose("leak.png", "image/png", png));
  await tab.untilText("#status", "Attached.");
  await tab.until("document.querySelector('#photo').naturalWidth === 1", "the photo is shown");
  expect(tab.consoleErrors).toEqual([]);
  type Answer = { request: { attachments: { edges: { node: { visibility: string; file: { name: string; status: string } } }[] } } };
  const query = "query ($id: ID!) { request(id: $id) { attachments { edges { node { visibility file { name status } } } } } }";
  expect((await acme.operations.run<Answer>(query, { id: request.id })).request.attachments.edges).toEqual([
    { node: { visibility: "SHARED", file: { name: "leak.png", status: "STORED" } } },
  ]);
});

test("the page of the guide says why a file is rejected", async () => {
  const tab = await browser.page();
  await tab.goto(server.url);
  await tab.evaluate(choose("invoice.pdf", "application/pdf", png));
  const reason = 'The content is "image/png", but the declared type is "application/pdf".';
  await tab.untilText("#status", reason);
  expect(await tab.text("#status")).toBe(reason);
});
