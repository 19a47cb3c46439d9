import { aMaintenanceTenant, type MaintenanceTenant, type TestUser } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { expectAccessible, expectNoOverflow, expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
let story: MaintenanceTenant;
/** Two administrators, neither of whom has created the other. */
let first: TestUser;
let second: TestUser;
beforeAll(async () => {
  site = await openConsole();
  story = await aMaintenanceTenant(site.weft);
  first = await story.tenant.user("admin", { name: "Ada First" });
  second = await story.tenant.user("admin", { name: "Bert Second" });
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const path = "/console/privacy";

/** Chooses an option of a field, as the user does. */
const choose = (page: TestPage, field: string, value: string): Promise<unknown> =>
  page.evaluate(`void (() => {
    const field = document.querySelector(${JSON.stringify(field)});
    Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(field, ${JSON.stringify(value)});
    field.dispatchEvent(new Event("change", { bubbles: true }));
  })()`);

/** Finds a user by name in the open dialog. */
async function pick(page: TestPage, name: string): Promise<void> {
  await page.fill("[role=dialog] input[role=combobox], [role=dialog] .mantine-Select-input", name);
  await page.click("[role=option]");
}

test("one administrator requests an erasure after a preview, another one approves it, and the receipt says what was done", async () => {
  const person = await story.tenant.user("requester", { name: "Pia <b>Person</b>" });
  const page = await site.openedAs(first, { path });
  await page.untilText(".privacy", "There are no privacy requests yet");
  await page.click("[data-action=new-request]");
  await choose(page, "[role=dialog] [name=kind]", "ERASE");
  await pick(page, "Pia");
  await page.untilText(".erasure-preview", "What stays, and why");
  await page.untilText(".erasure-preview .kept", "Audit entries stay");
  await page.fill("[role=dialog] [name=reason]", "Letter of 3 March");
  await expectAccessible(page);
  await page.look({ width: 1280, height: 900 });
  await page.click("[role=dialog] button[type=submit]");
  await page.untilText(".privacy-card h3", "Pia <b>Person</b>");
  await page.untilText(".privacy-card", "Waits for a decision");
  expect(await page.evaluate(`document.querySelector("[data-action=approve]")`)).toBeNull();
  const other = await site.openedAs(second, { path });
  await other.click("[data-action=approve]");
  await other.untilText("[role=dialog]", "Approve the erasure of Pia <b>Person</b>");
  await other.untilText("[role=dialog] .erasure-preview", "What goes");
  await other.click("[role=dialog] button[type=submit]");
  await other.text(".privacy-card[data-status=COMPLETED] .receipt");
  await other.click(".receipt summary");
  await other.untilText(".receipt tbody tr", "identity.");
  await expectAccessible(other);
  await expectNoOverflow(other);
  expect(await person.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
  expectQuiet(page);
  expectQuiet(other);
});

test("a legal hold is placed on the organization, which the preview of an erasure says, and is ended with a reason", async () => {
  await story.tenant.user("requester", { name: "Hugo Held" });
  const page = await site.openedAs(second, { path });
  await page.untilText(".privacy", "No legal hold is open.");
  await page.click("[data-action=new-hold]");
  await page.click("[role=dialog] [value=organization]");
  await page.fill("[role=dialog] [name=reason]", "Case 7");
  await page.click("[role=dialog] button[type=submit]");
  await page.untilText(".holds li", "Case 7");
  await page.click("[data-action=new-request]");
  await choose(page, "[role=dialog] [name=kind]", "ANONYMISE");
  await pick(page, "Hugo");
  await page.untilText(".erasure-preview [role=alert]", "A legal hold covers the person");
  await page.press("Escape");
  await page.until(`document.querySelector("[role=dialog]") === null`);
  await page.click("[data-action=end-hold]");
  await page.fill("[role=dialog] [name=reason]", "The case is closed");
  await page.click("[role=dialog] button[type=submit]");
  await page.untilText(".privacy", "No legal hold is open.");
  await page.click(".check input");
  await page.untilText(".holds li", "The case is closed");
  await page.click("[data-action=new-request]");
  await choose(page, "[role=dialog] [name=kind]", "ANONYMISE");
  await pick(page, "Hugo");
  await page.untilText(".erasure-preview .ended-holds", "Bert Second ended it");
  expectQuiet(page);
});

test("users who can only read see requests and holds, and others have no such page", async () => {
  await story.tenant.role("privacy_reader", ["privacy.read"]);
  const reader = await site.openedAs(await story.tenant.user("privacy_reader"), { path });
  await reader.untilText(".privacy", "Requests about persons");
  await reader.untilText(".privacy", "No legal hold is open.");
  expect(await reader.evaluate(`document.querySelector("[data-action]")`)).toBeNull();
  expectQuiet(reader);
  const requester = await site.openedAs(story.requester, { path });
  await requester.untilText(".message", "There is no such page");
  expectQuiet(requester);
});
