import { loadExampleDefinition, startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser } from "@weft/testkit/browser/open-browser";
import { newVendorRegistrationLink } from "@weft/testkit/tenants/new-vendor-registration-link";
import { afterAll, beforeAll, expect, test } from "vitest";

// The page of vendor registration links, in Chromium.

let weft: TestWeft;
let acme: TestTenant;
let browser: TestBrowser;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  acme = await weft.tenant();
  await acme.definition(await loadExampleDefinition("vendor-onboarding"));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await weft?.stop();
});

test("a company fills in the form, and the vendor has what it entered, as text", async () => {
  const { token } = await newVendorRegistrationLink(acme.admin, { maxRegistrations: 1 });
  const url = `${weft.url}/vendor-registration#token=${token}`;
  const tab = await browser.page();
  await tab.goto(url);
  await tab.untilText("h1", "Register as a vendor");
  await tab.fill("[name=name]", "<b>Bright</b>");
  await tab.fill("[name=email]", "office@bright.example");
  await tab.fill("[name=contactName]", "Sara Stone");
  await tab.fill("[name=categories]", "electrical, , lighting ");
  await tab.click("button");
  await tab.untilText("output", "Thank you. Your registration was received.");
  expect(await tab.evaluate("document.querySelector('form').hidden")).toBe(true);
  const { vendors } = await acme.admin.run<{ vendors: { edges: object[] } }>(
    "{ vendors { edges { node { name email phone categories status contacts { name } } } } }",
  );
  expect(vendors.edges).toEqual([
    {
      node: {
        name: "<b>Bright</b>",
        email: "office@bright.example",
        phone: null,
        categories: ["electrical", "lighting"],
        status: "ONBOARDING",
        contacts: [{ name: "Sara Stone" }],
      },
    },
  ]);
  // The link is used up.
  await tab.reload();
  await tab.fill("[name=name]", "Another");
  await tab.fill("[name=email]", "office@another.example");
  await tab.click("button");
  await tab.untilText("output", "This link is invalid or has expired.");
  expect(await tab.evaluate("document.querySelector('form').hidden")).toBe(false);
  expect(tab.consoleErrors).toEqual([]);
  expect(tab.externalRequests).toEqual([]);
  expect(await tab.evaluate("sessionStorage.length + localStorage.length + document.cookie.length")).toBe(0);
});

test("the page says what is wrong with an answer", async () => {
  const { token } = await newVendorRegistrationLink(acme.admin);
  const tab = await browser.page();
  await tab.goto(`${weft.url}/vendor-registration#token=${token}`);
  await tab.fill("[name=name]", "Bright");
  await tab.fill("[name=email]", "office@localhost");
  await tab.click("button");
  await tab.untilText("output", "is not a valid email address");
  expect(await tab.evaluate("document.querySelector('form').hidden")).toBe(false);
});
