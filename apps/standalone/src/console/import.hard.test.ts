import { aMaintenanceTenant } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { expectAccessible, expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

/** Chooses a file, as the user does in the dialog of the system. */
const choose = (page: TestPage, text: string): Promise<unknown> =>
  page.evaluate(`void (() => {
    const files = new DataTransfer();
    files.items.add(new File([${JSON.stringify(text)}], "requests.csv", { type: "text/csv" }));
    const input = document.querySelector("[role=dialog] input[type=file]");
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  })()`);

async function openDialog(page: TestPage): Promise<void> {
  await page.click("[data-action=import]");
  await page.text("[role=dialog] input[type=file]");
}

const file = (...lines: string[]): string => ["typeKey,data.summary,data.estimate,externalId,Room", ...lines, ""].join("\n");

test("a file is checked with its problems by line, imported, and leads to the new requests", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.requester, { path: "/console/requests" });
  await openDialog(page);
  const attack = "<img src=x onerror=alert(1)>";
  await choose(page, file("maintenance,The door sticks,120,D-1,7", `maintenance,${attack},80,D-2,8`, "unheard-of,Nothing,1,D-3,9"));
  await page.untilText("[role=dialog] .preview", "2 new requests");
  await page.untilText("[role=dialog] .preview", "1 line has problems");
  await page.untilText("[role=dialog] .preview", "Columns that are not used: Room");
  await page.untilText(".import-problems tbody tr", "4");
  await page.untilText(".import-problems tbody tr", "unheard-of");
  await expectAccessible(page);
  await page.look({ width: 1280, height: 900 });
  await page.click("[data-action=start]");
  await page.untilText("[role=dialog]", "2 requests were created");
  await page.click("[role=dialog] .preview a");
  await page.until(`document.querySelector("[role=dialog]") === null && new URLSearchParams(location.search).get("requester") === "me"`);
  await page.until(`document.querySelectorAll(".request-row").length === 2`);
  await page.untilText(".request-rows", attack);
  expectQuiet(page);
});

test("an import that was closed before its start is there again", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.requester, { path: "/console/requests" });
  await openDialog(page);
  await choose(page, file("maintenance,The door sticks,120,,"));
  await page.untilText("[role=dialog] .preview", "1 new request");
  await page.reload();
  await page.click("[data-action=import]");
  await page.untilText("[role=dialog] .preview", "1 new request");
  await page.click("[data-action=discard]");
  await page.text("[role=dialog] input[type=file]");
  expectQuiet(page);
});

test("without the permission to create requests there is no import", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.tenant.role("reader", ["request.read"]);
  const page = await site.openedAs(await story.tenant.user("reader"), { path: "/console/requests" });
  await page.text("[data-action=export]");
  expect(await page.evaluate(`document.querySelector("[data-action=import]")`)).toBeNull();
  expectQuiet(page);
});
