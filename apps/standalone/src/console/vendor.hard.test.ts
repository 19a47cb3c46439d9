import { aMaintenanceTenant, aProject, aTask, type MaintenanceTenant } from "@weft/testkit";
import { expectAccessible, expectNoOverflow, expectQuiet, logIn, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { loadExampleDefinition } from "../examples.js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const markup = `<img src=x onerror="globalThis.isAttacked = true">`;

/** Offers a request of the tenant to its vendor. */
async function offer(story: MaintenanceTenant, title: string): Promise<void> {
  const { id } = await story.request("approved");
  await story.operations.run("mutation ($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { id } } }", {
    input: { requestId: id, vendorId: story.vendor.id, expiresInMinutes: 600, title },
  });
}

/** Gives the vendor a task of a project. */
async function giveTask(story: MaintenanceTenant, name: string): Promise<string> {
  await story.tenant.definition(await loadExampleDefinition("project"));
  return aTask(story.admin, await aProject(story.admin), name, { assigneeId: story.vendor.id });
}

/** Requires a proof of insurance of all vendors. */
const requireInsurance = ({ admin }: MaintenanceTenant): Promise<unknown> =>
  admin.run(
    `mutation { setVendorDocumentRequirements(input: { requirements: [{ kind: "INSURANCE" }] }) { requirements { version } } }`,
    {},
  );

test("a user of a vendor sees the vendor's pages only, and links to all others lead nowhere", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const page = await site.openedAs(story.vendor.user);
  await page.untilText(".portal", "No requests are assigned to your company.");
  expect(new URL(page.url()).pathname).toBe("/console/vendor");
  const links = `[...document.querySelectorAll(".side nav a")].map((link) => new URL(link.href).pathname)`;
  expect(await page.evaluate(links)).toEqual(["/console/vendor", "/console/vendor/offers", "/console/vendor/documents"]);
  for (const path of ["inbox", "requests", `requests/${id}`, "dashboard", "portal", "portal/new/maintenance"]) {
    await page.goto(`${site.weft.url}/console/${path}`);
    await page.untilText(".message", "There is no such page");
  }
  expectQuiet(page);
});

test("a request appears when it is assigned, and the vendor works on it and comments", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.vendor.user);
  await page.untilText(".portal", "No requests are assigned to your company.");
  await story.request("assigned");
  await page.click(".mine .row");
  await page.click('[data-name="start"] button');
  await page.untilText(".portal header .pill", "In progress");
  await page.fill(".comments textarea", markup);
  await page.click(".comments button[type=submit]");
  await page.untilText(".comments ol", markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".portal img")]`)).toEqual([null, null]);
  expectQuiet(page);
});

test("the palette and notifications lead a vendor to the vendor's pages", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("assigned");
  const page = await site.openedAs(story.vendor.user);
  await page.text(".mine .row");
  await page.press("n");
  await page.click(".notifications button.title");
  await page.until(`location.pathname === "/console/vendor/requests/${id}"`);
  await page.untilText(".portal h1", "The elevator grinds");
  await page.evaluate(`dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }))`);
  await page.text("[data-command=work]");
  const commands = `[...document.querySelectorAll("[data-command]")].map(({ dataset }) => dataset.command)`;
  for (const command of ["requests", "board", "portal", "dashboard", "inbox-all"])
    expect(await page.evaluate(commands)).not.toContain(command);
  await page.type("grinds");
  await page.click(`[data-command="${id}"]`);
  await page.until(`document.querySelector("[role=dialog]") === null && location.pathname === "/console/vendor/requests/${id}"`);
  expectQuiet(page);
});

test("an offer arrives live, and accepting it assigns the request", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.vendor.user, { path: "/console/vendor/offers" });
  await page.untilText(".portal", "Nothing is offered to your company.");
  await offer(story, "The elevator grinds");
  await page.untilText(".offer-open", "The elevator grinds");
  await page.click(".offer-open button");
  await page.untilText(".list .row", "Accepted");
  await page.click(".list a.row");
  await page.untilText(".portal header .pill", "Assigned");
  expectQuiet(page);
});

test("an offer is declined with a reason", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await offer(story, markup);
  const page = await site.openedAs(story.vendor.user, { path: "/console/vendor/offers" });
  await page.untilText(".offer-open", markup);
  await page.click(".offer-open .buttons button:nth-child(2)");
  await page.fill(".offer-open input", "Too far away");
  await page.press("Enter");
  await page.untilText(".list .row", "Declined");
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".portal img")]`)).toEqual([null, null]);
  expectQuiet(page);
});

test("a vendor with more than a hundred tasks of projects reaches all of them", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.tenant.definition(await loadExampleDefinition("project"));
  const project = await aProject(story.admin);
  for (let number = 1; number <= 101; number++)
    await aTask(story.admin, project, `Cabin ${String(number)}`, { assigneeId: story.vendor.id });
  const page = await site.openedAs(story.vendor.user);
  const shown = `document.querySelectorAll('[aria-labelledby="project-tasks"] .row').length`;
  await page.until(`${shown} === 100`);
  await page.click('[aria-labelledby="project-tasks"] > button');
  await page.until(`${shown} === 101`);
  expect(await page.evaluate(`document.querySelector('[aria-labelledby="project-tasks"] > button')`)).toBe(null);
  expectQuiet(page);
});

test("a vendor reports the progress of a task of a project", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await giveTask(story, "Build the cabin");
  const page = await site.openedAs(story.vendor.user);
  await page.click('a[href*="project-tasks"]');
  await page.untilText(".portal h1", "Build the cabin");
  await page.fill('[data-name="percentComplete"] input', "40");
  await page.fill('[data-name="workedHours"] input', "3");
  await page.fill('[data-name="note"] textarea', "The old cabin is out");
  await page.click(".portal form button[type=submit]");
  await page.untilText(".comments", "The old cabin is out");
  await page.untilText(".comments", "3 h worked");
  await page.untilText(".progress", "40 % done");
  expectQuiet(page);
});

test("a colleague's report does not discard the one that is being typed, and is seen before it is overwritten", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const id = await giveTask(story, "Build the cabin");
  const page = await site.openedAs(story.vendor.user, { path: `/console/vendor/project-tasks/${id}` });
  await page.fill('[data-name="percentComplete"] input', "40");
  await page.fill('[data-name="note"] textarea', "The doors hang");
  await story.vendor.user.run(
    "mutation ($input: ReportProjectTaskProgressInput!) { reportProjectTaskProgress(input: $input) { projectTask { id } } }",
    { input: { id, percentComplete: 30, workedMinutes: 60 } },
  );
  await page.click(".portal form button[type=submit]");
  await page.untilText(".notice.warn", "30 % done");
  expect(await page.evaluate(`document.querySelector('[data-name="note"] textarea').value`)).toBe("The doors hang");
  await page.click(".notice.warn button");
  await page.click(".portal form button[type=submit]");
  await page.untilText(".progress", "40 % done");
  await page.untilText(".comments", "The doors hang");
  await page.until(`document.querySelector('[data-name="note"] textarea').value === ""`);
  expect(page.externalRequests).toEqual([]);
});

test("a vendor sees which document is missing, and which fields it needs; what was filled in is there after a reload", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await requireInsurance(story);
  const page = await site.openedAs(story.vendor.user, { path: "/console/vendor/documents" });
  await page.untilText(".notice", "INSURANCE: is missing.");
  await page.click(".missing button");
  await page.until(`document.querySelector('[data-name="kind"] input')?.value === "INSURANCE"`);
  await page.click(".portal form button[type=submit]");
  await page.text('[data-name="title"] [data-weft=problem]');
  await page.text('[data-name="fileId"] [data-weft=problem]');
  await page.fill('[data-name="title"] input', "Liability insurance");
  await page.reload();
  await page.until(`document.querySelector('[data-name="title"] input')?.value === "Liability insurance"`);
  await page.until(`document.querySelector('[data-name="kind"] input')?.value === "INSURANCE"`);
  expectQuiet(page);
});

test("a request that is not assigned to the vendor, and a task of another vendor, do not exist", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const other = await aMaintenanceTenant(site.weft);
  const taskId = await giveTask(other, "Build");
  const page = await site.openedAs(story.vendor.user, { path: `/console/vendor/requests/${id}` });
  await page.untilText(".message", "There is no such request, or you cannot see it.");
  await page.goto(`${site.weft.url}/console/vendor/project-tasks/${taskId}`);
  await page.untilText(".message", "There is no such task, or you cannot see it.");
  expect(page.externalRequests).toEqual([]);
});

test("the vendor's pages fit a phone, and are accessible in both colors", async () => {
  const story = await aMaintenanceTenant(site.weft);
  // A vendor without the document gets no new work.
  const taskId = await giveTask(story, "Build the cabin");
  await requireInsurance(story);
  const page = await site.opened("/console/", { width: 390 });
  await logIn(page, story.vendor.user);
  for (const [path, shown] of [
    ["/console/vendor", ".list .row"],
    ["/console/vendor/offers", ".portal .soft"],
    ["/console/vendor/documents", ".missing"],
    [`/console/vendor/project-tasks/${taskId}`, ".progress"],
  ] as const) {
    await page.goto(site.weft.url + path);
    await page.text(shown);
    await expectAccessible(page);
    await page.look({ width: 390, height: 900 });
    await expectNoOverflow(page);
  }
  expectQuiet(page);
});
