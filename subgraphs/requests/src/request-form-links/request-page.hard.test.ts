import { startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser } from "@weft/testkit/browser/open-browser";
import { scanLabels } from "@weft/testkit/labels/scan-label";
import { afterAll, beforeAll, expect, test } from "vitest";

// The page of request form links, in Chromium.

const definition = `weft: 1
key: report
name: Report
data:
  required: [summary, kind]
  properties:
    summary: { type: string, maxLength: 80, title: "What is <b>wrong</b>?" }
    kind: { type: string, enum: [noise, light], title: Kind }
    floor: { type: integer, minimum: 0, title: Floor }
    urgent: { type: boolean, title: Is it urgent }
    seenOn: { type: string, format: date, title: Seen on }
    rooms: { type: array, items: { type: string, enum: [kitchen, hall] }, title: Rooms }
    details: { type: string, maxLength: 2000, title: Details }
    secret: { type: string }
initial: draft
states:
  draft: { transitions: { submit: { to: open }, cancel: { to: dropped } } }
  open: { transitions: { close: { to: done } } }
  done: { final: completed }
  dropped: { final: cancelled }
`;

let weft: TestWeft;
let acme: TestTenant;
let assetId: string;
let browser: TestBrowser;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  acme = await weft.tenant();
  ({ assetId } = await acme.maintenance());
  await acme.definition(definition);
  const fields = ["summary", "kind", "floor", "urgent", "seenOn", "rooms", "details"];
  const input = { key: "report", name: "Report a fault", definitionKey: "report", numberPrefix: "RF", fields };
  await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", { input });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
});

/** Creates a link, and returns what its QR code contains, at the gateway of the test. */
async function scanned(): Promise<{ id: string; url: string }> {
  const { createRequestFormLink } = await acme.admin.run<{ createRequestFormLink: { link: { id: string; label: string } } }>(
    "mutation ($input: CreateRequestFormLinkInput!) { createRequestFormLink(input: $input) { link { id label } } }",
    { input: { assetId, typeKey: "report" } },
  );
  const { id, label } = createRequestFormLink.link;
  const { pathname, hash } = new URL(scanLabels(label)[0] ?? "");
  return { id, url: weft.url + pathname + hash };
}

const choose = (name: string, ...values: string[]): string => `{
  const select = document.querySelector("[name=${name}]");
  for (const option of select.options) option.selected = ${JSON.stringify(values)}.includes(option.text);
}`;

test("somebody without a login scans the QR code, fills in the form, and the request has what they entered", async () => {
  const { url } = await scanned();
  const tab = await browser.page();
  await tab.goto(url);
  await tab.untilText("h1", "Report a fault");
  await tab.until("document.querySelectorAll('#fields input, #fields select, #fields textarea').length === 7", "the form has seven fields");
  expect(await tab.text("#fields")).toContain("What is <b>wrong</b>? *");
  await tab.fill("[name=summary]", "The light flickers");
  await tab.evaluate(choose("kind", "Light"));
  await tab.fill("[name=floor]", "3");
  await tab.click("[name=urgent]");
  await tab.evaluate("document.querySelector('[name=seenOn]').value = '2026-03-01'");
  await tab.evaluate(choose("rooms", "Kitchen", "Hall"));
  await tab.fill("[name=details]", "Since\nMonday");
  await tab.click("button");
  await tab.untilText("output", "Thank you. Your report was received.");
  const { requests } = await acme.admin.run<{ requests: { edges: { node: object }[] } }>(
    '{ requests(filter: { typeKey: { eq: "report" } }) { edges { node { state isByLink data asset { id } } } } }',
  );
  expect(requests.edges.map(({ node }) => node)).toEqual([
    {
      state: "open",
      isByLink: true,
      asset: { id: assetId },
      data: {
        summary: "The light flickers",
        kind: "light",
        floor: 3,
        urgent: true,
        seenOn: "2026-03-01",
        rooms: ["kitchen", "hall"],
        details: "Since\nMonday",
      },
    },
  ]);
  expect(tab.consoleErrors).toEqual([]);
  expect(tab.externalRequests).toEqual([]);
  expect(await tab.evaluate("sessionStorage.length + localStorage.length + document.cookie.length")).toBe(0);
});

test("the page says what is wrong with an answer, and that a link no longer works", async () => {
  const { id, url } = await scanned();
  const tab = await browser.page();
  await tab.goto(url);
  await tab.untilText("h1", "Report a fault");
  await tab.fill("[name=summary]", "It hums");
  await tab.evaluate(choose("kind", "Noise"));
  await tab.fill("[name=floor]", "-1");
  await tab.click("button");
  await tab.until("document.querySelector('output').textContent !== ''", "the answer is refused");
  expect(await tab.evaluate("document.querySelector('form').hidden")).toBe(false);
  await acme.admin.run("mutation ($id: ID!) { revokeRequestFormLink(input: { id: $id }) { link { id } } }", { id });
  await tab.reload();
  await tab.untilText("output", "This link is invalid or has expired.");
  expect(await tab.evaluate("document.querySelector('form').hidden")).toBe(true);
});
