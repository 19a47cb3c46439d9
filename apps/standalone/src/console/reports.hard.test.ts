import { readFile } from "node:fs/promises";
import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import { expectAccessible, expectNoOverflow, expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const path = "/console/reports";

/** Publishes the example's workflow in which reports are signed off. */
async function publishReview({ tenant }: MaintenanceTenant): Promise<void> {
  await tenant.definition(await readFile(new URL("../../../../examples/definitions/compliance-review.yaml", import.meta.url), "utf8"));
  await tenant.user("approver");
}

test("a report is created, made while the page shows it, and its files can be downloaded", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await publishReview(story);
  const page = await site.openedAs(story.admin, { path });
  await page.untilText(".reports", "There are no reports yet");
  await page.click("[data-action=new-report]");
  await page.text("[role=dialog] [name=kind]");
  await expectAccessible(page);
  await page.look({ width: 1280, height: 900 });
  await page.evaluate(`void (() => {
    const kind = document.querySelector("[role=dialog] [name=kind]");
    Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(kind, "RETENTION");
    kind.dispatchEvent(new Event("change", { bubbles: true }));
  })()`);
  await page.untilText("#kind-question", "How long is data kept");
  await page.click("[role=dialog] [name=requiresSignOff]");
  await page.click("[role=dialog] button[type=submit]");
  await page.untilText(".report-card h3", "Retention");
  await page.text(".report-card[data-status=COMPLETED] .report-files li");
  await page.untilText(".report-files", "PDF");
  await page.until(`document.querySelector(".report-card .badge")?.innerText === "Review"`, "the sign-off has begun");
  await page.evaluate(`void (HTMLAnchorElement.prototype.click = function () { globalThis.saved = this.download; })`);
  await page.click(".report-files .link");
  await page.until(`/\\.json$/.test(globalThis.saved ?? "")`);
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
});

test("a schedule is created and deleted, and says when its next report is made", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.admin, { path });
  await page.untilText(".reports", "No report is scheduled.");
  await page.click("[data-action=new-schedule]");
  await page.fill("[role=dialog] [name=name]", "<i>Rights</i>");
  await page.click("[role=dialog] button[type=submit]");
  await page.untilText(".report-schedules li", "<i>Rights</i>");
  await page.untilText(".report-schedules li", "next on");
  await page.click(".report-schedules .actions .link");
  await page.click(".report-schedules .actions .link");
  await page.untilText(".reports", "No report is scheduled.");
  expectQuiet(page);
});

test("users who can only read reports create and delete none, and others have no such page", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.tenant.role("report_reader", ["complianceReport.read"]);
  const reader = await site.openedAs(await story.tenant.user("report_reader"), { path });
  await reader.untilText(".reports", "There are no reports yet");
  expect(await reader.evaluate(`document.querySelector("[data-action]")`)).toBeNull();
  expectQuiet(reader);
  const requester = await site.openedAs(story.requester, { path });
  await requester.untilText(".message", "There is no such page");
  expect(await requester.evaluate(`document.querySelector("aside a[href*='/reports']")`)).toBeNull();
  expectQuiet(requester);
});
