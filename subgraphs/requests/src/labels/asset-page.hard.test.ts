import { aMaintenanceTenant, enrolTotp, type MaintenanceTenant, startTestWeft, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser } from "@weft/testkit/browser/open-browser";
import { scanLabels } from "@weft/testkit/labels/scan-label";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// The page of the QR codes on labels of assets, in Chromium.

let weft: TestWeft;
let acme: MaintenanceTenant;
let browser: TestBrowser;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  acme = await aMaintenanceTenant(weft);
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await owner?.end();
  await weft?.stop();
});

/** Returns the URL on the label, at the gateway of the test. */
async function scanned(id: string): Promise<string> {
  const { asset } = await acme.operations.run<{ asset: { label: string } }>("query ($id: ID!) { asset(id: $id) { label } }", { id });
  const { pathname, hash } = new URL(scanLabels(asset.label)[0] ?? "");
  return weft.url + pathname + hash;
}

const activeSessions = async (): Promise<unknown> =>
  (await owner`select id from identity.sessions where tenant_id = ${acme.tenant.id} and revoked_at is null order by id`).map(
    ({ id }) => id as string,
  );

test("a user who scans a label and logs in sees the asset and its requests, and is logged out again", async () => {
  const { id } = await acme.request("triage");
  type Found = { request: { number: string }; asset: { tag: string; name: string } };
  const query = "query ($id: ID!, $assetId: ID!) { request(id: $id) { number } asset(id: $assetId) { tag name } }";
  const { request, asset } = await acme.operations.run<Found>(query, { id, assetId: acme.assetId });
  const before = await activeSessions();
  const tab = await browser.page();
  await tab.goto(await scanned(acme.assetId));
  expect(await tab.text("h1")).toBe(asset.tag);
  await tab.fill("[name=login]", acme.operations.login);
  await tab.fill("[name=password]", "wrong");
  await tab.click("button");
  await tab.until("document.querySelector('output').textContent !== ''", "the login is refused");
  await tab.fill("[name=password]", acme.operations.password);
  await tab.click("button");
  await tab.untilText("dl", `${request.number}: triage`);
  expect(await tab.text("dl")).toContain(asset.name);
  // The button is enabled again after the session has ended.
  await tab.until("!document.querySelector('button').disabled", "the page is done");
  expect(await activeSessions()).toEqual(before);
  expect(await tab.evaluate("sessionStorage.length + localStorage.length + document.cookie.length")).toBe(0);
  expect(tab.externalRequests).toEqual([]);
});

test("a user with a second factor is asked for a code, and sees the asset after a right one", async () => {
  const user = await acme.tenant.user("operations");
  const { recoveryCodes } = await enrolTotp(user);
  const tab = await browser.page();
  await tab.goto(await scanned(acme.assetId));
  expect(await tab.evaluate("document.querySelector('[data-code]').hidden")).toBe(true);
  await tab.fill("[name=login]", user.login);
  await tab.fill("[name=password]", user.password);
  await tab.click("button");
  await tab.untilText("output", "Now enter a code of your authenticator app, or enter a recovery code.");
  await tab.fill("[name=code]", "000 000");
  await tab.click("button");
  await tab.untilText("output", "This code is not valid");
  await tab.fill("[name=code]", recoveryCodes[0] ?? "");
  await tab.click("button");
  await tab.until("document.querySelector('dl').textContent !== ''", "the asset is shown");
});

test("a user who cannot see the asset learns nothing about it", async () => {
  const tab = await browser.page();
  await tab.goto(await scanned(acme.assetId));
  await tab.fill("[name=login]", acme.vendor.user.login);
  await tab.fill("[name=password]", acme.vendor.user.password);
  await tab.click("button");
  await tab.untilText("output", "You cannot see an asset with this tag.");
  expect(await tab.text("dl")).toBe("");
});
