import { aMaintenanceTenant, until } from "@weft/testkit";
import {
  clickText,
  expectAccessible,
  expectNoOverflow,
  expectQuiet,
  openConsole,
  type TestConsole,
} from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole({ WEFT_AUDIT_SECONDS: 1 });
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const path = "/console/audit";
const first = ".audit-row[aria-rowindex='2']";
const shown = (text: string): string => `document.querySelector(".audit-rows")?.innerText.includes(${JSON.stringify(text)}) === true`;
const parameter = (name: string): string => `new URLSearchParams(location.search).get(${JSON.stringify(name)})`;

const updateBuilding = "mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id } } }";

test("an auditor sees who changed which field of an object, from what to what, and from there all entries of the object", async () => {
  const { admin, buildingId } = await aMaintenanceTenant(site.weft);
  await admin.run(updateBuilding, { input: { id: buildingId, name: "<b>North</b>" } });
  const page = await site.openedAs(admin, { path: `${path}?action=building` });
  await page.untilText(first, "Changed name of the building.");
  await page.untilText(first, "Admin");
  await page.press("j");
  await page.untilText("#entry-title", "Changed name of the building.");
  await page.untilText(".changes .after", "<b>North</b>");
  await page.untilText(".audit-facts", "building.update");
  await page.until(`document.querySelector(".changes .before").innerText !== ""`);
  await expectAccessible(page);
  await expectNoOverflow(page);
  await page.look({ width: 1280, height: 900 });
  await page.click(".audit-facts > div:nth-child(4) a.all");
  await page.until(`${parameter("object")} === ${JSON.stringify(buildingId)} && ${parameter("entry")} === null`);
  await page.untilText(".chip[data-filter=object]", "Object is <b>North</b>");
  await page.until(`document.querySelectorAll(".audit-row").length === 2 && ${shown("Created the building.")}`);
  expectQuiet(page);
});

test("the trail is filtered in the address, which Back and a reload follow", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const page = await site.openedAs(story.admin, { path: `${path}?actor=${story.requester.id}&type=REQUEST` });
  await page.untilText(first, "Created the request.");
  await page.until(`document.querySelectorAll(".audit-row").length === 1`);
  await page.untilText(".chip[data-filter=type]", "Type of object is Request");
  await page.click(".chip[data-filter=type] > button:last-child");
  await page.until(`document.querySelectorAll(".audit-row").length > 1 && ${shown("session.login")}`);
  await page.reload();
  await page.until(`document.querySelectorAll(".audit-row").length > 1 && ${parameter("type")} === null`);
  await page.evaluate("history.back()");
  await page.until(`document.querySelectorAll(".audit-row").length === 1`);
  await page.goto(`${site.weft.url}${path}?action=no.such`);
  await page.untilText(".audit", "No entry matches");
  expectQuiet(page);
});

test("entries that are written meanwhile are announced, and shown when the user wants them", async () => {
  const { admin, buildingId } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(admin, { path: `${path}?object=${buildingId}` });
  await page.untilText(first, "Created the building.");
  await admin.run(updateBuilding, { input: { id: buildingId, name: "East" } });
  await clickText(page, "button", "Show newer entries");
  await page.untilText(first, "Changed name of the building.");
  await page.until(`document.querySelector(".newer-entries") === null`);
  expectQuiet(page);
});

test("that somebody looks at the trail is an entry, which is announced to others and not to them", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.admin, { path });
  await page.untilText(first, "Admin");
  const reads = (operation: string): string =>
    `{ auditEntries(first: 1, filter: { operation: { eq: "${operation}" } }) { edges { node { sequence } } } }`;
  interface Recorded {
    readonly auditEntries: { readonly edges: readonly { readonly node: { readonly sequence: number | null } }[] };
  }
  for (const operation of ["Query.auditEntries", "Subscription.auditEntrySealed"])
    await until(
      async () => (await story.admin.run<Recorded>(reads(operation))).auditEntries.edges.some(({ node }) => node.sequence !== null),
      { what: `${operation} is recorded and sealed`, everyMs: 200 },
    );
  await page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
  expect(await page.evaluate(`document.querySelector(".newer-entries") === null`)).toBe(true);
  await (await story.tenant.user("admin")).run(reads("Query.auditEntries"));
  await page.text(".newer-entries");
  expectQuiet(page);
});

test("a verification says how many entries are intact, and against a checkpoint of another chain that they are not", async () => {
  const { admin } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(admin, { path });
  await page.untilText(".chain", "The trail has never been verified.");
  await page.click("[data-action=verify]");
  await page.untilText(".chain .badge", "Intact");
  await page.untilText(".chain", "entries verified");
  const other = await aMaintenanceTenant(site.weft);
  const { verifyAuditTrail } = await other.admin.run<{ verifyAuditTrail: { checkpoint: string } }>("{ verifyAuditTrail { checkpoint } }");
  await page.click("[data-action=checkpoint]");
  await page.text("[role=dialog] textarea[readonly]");
  await expectAccessible(page);
  await page.look({ width: 1280, height: 900 });
  await page.fill("[role=dialog] [name=checkpoint]", verifyAuditTrail.checkpoint);
  await page.click("[role=dialog] button[type=submit]");
  await page.untilText(".chain .badge", "Not intact");
  expectQuiet(page);
});

test("the history of a request leads to its entries and those of its workflow, for users who can read the audit trail", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const history = `/console/requests/${request.id}?tab=history`;
  const page = await site.openedAs(story.admin, { path: history });
  await page.click(".timeline-head a");
  await page.until(shown("Created the request."));
  await page.until(shown('Moved from "draft" to "triage".'));
  await page.untilText(".chip[data-filter=object]", "MR-1, MR-1");
  expectQuiet(page);
  const requester = await site.openedAs(story.requester, { path: history });
  await requester.text(".timeline .entry");
  expect(await requester.evaluate(`document.querySelector(".timeline-head a, aside a[href*='/audit']")`)).toBeNull();
  await requester.goto(site.weft.url + path);
  await requester.untilText(".message", "There is no such page");
  expectQuiet(requester);
});

test("an entry that does not exist, or that belongs to another organization, is said not to exist", async () => {
  const { admin } = await aMaintenanceTenant(site.weft);
  const other = await aMaintenanceTenant(site.weft);
  const { auditEntries } = await other.admin.run<{ auditEntries: { edges: { node: { id: string } }[] } }>(
    "{ auditEntries(first: 1) { edges { node { id } } } }",
  );
  const page = await site.openedAs(admin, { path: `${path}?entry=${auditEntries.edges[0]?.node.id ?? ""}` });
  await page.untilText(".audit-entry", "There is no such entry");
  await page.goto(`${site.weft.url}${path}?entry=nonsense`);
  await page.untilText(".audit-entry", "There is no such entry");
  await page.text(".audit-row");
  await page.press("Escape");
  await page.until(`document.querySelector(".audit-entry") === null`);
  expectQuiet(page);
});
