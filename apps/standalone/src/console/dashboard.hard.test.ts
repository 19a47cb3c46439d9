import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import {
  expectAccessible,
  expectNoOverflow,
  expectQuiet,
  filesBeyondInbox,
  openConsole,
  sentBytes,
  type TestConsole,
} from "@weft/testkit/browser/open-console";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { newBeacon } from "@weft/testkit/tenants/beacon";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const path = "/console/dashboard";

/** A tenant with requests in two states. */
async function aTenantWithWork(): Promise<MaintenanceTenant> {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  await story.request("triage");
  await story.request("approval");
  return story;
}

/** The number under a title of the row at the top, or of the wall. */
const figure = (title: string): string =>
  `[...document.querySelectorAll("dl > div")].find((one) => one.querySelector("dt").innerText === ${JSON.stringify(title)})?.querySelector("dd")`;

/** The row of a state: its number, and its link. */
const state = (name: string): string =>
  `[...document.querySelectorAll(".figures-table tr")].find((row) => row.querySelector("th").innerText.startsWith(${JSON.stringify(name)}))`;

/** The filter of the list that a link opens. */
const filterOf = async (page: TestPage, element: string): Promise<unknown> => {
  const href = await page.evaluate<string>(`${element}.querySelector("a").href`);
  const { pathname, searchParams } = new URL(href);
  expect(pathname).toBe("/console/requests");
  return Object.fromEntries(searchParams);
};

test("states have their titles, and work that has ended waits nowhere", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.tenant.definition(`weft: 1
key: repair
name: Repair
initial: open
states:
  open: { title: Waiting for a look, transitions: { close: { to: shut } } }
  shut: { title: Put away, closed: true, transitions: { reopen: { to: open }, end: { to: over } } }
  over: { final: completed }
`);
  const start = async (): Promise<string> => {
    const { startWorkflow } = await story.manager.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "repair" }) { instance { id } } }',
    );
    return startWorkflow.instance.id;
  };
  await story.fire(story.manager, { id: "", instanceId: await start() }, "close");
  await start();
  const page = await site.openedAs(story.manager, { path });
  await page.until(`${state("Waiting for a look")}?.querySelector(".count").innerText === "1"`);
  expect(await page.evaluate(`document.querySelector(".figures-table").innerText.includes("Put away")`)).toBe(false);
  await page.goto(`${site.weft.url}${path}/wall`);
  await page.untilText(".wall-states", "Waiting for a look");
  await page.until(`${figure("Under way")}?.innerText === "1"`);
  expectQuiet(page);
});

test("a manager sees how much work is open and where it waits, and each number links to the list behind it", async () => {
  const { manager } = await aTenantWithWork();
  const page = await site.openedAs(manager, { path });
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  await page.until(`${state("Triage")}?.querySelector(".count").innerText === "2"`);
  expect(await filterOf(page, figure("Open requests"))).toEqual({ status: "OPEN" });
  expect(await filterOf(page, figure("Created"))).toEqual({ created: expect.stringMatching(/^\d{4}-\d\d-\d\d\.\.$/) as string });
  expect(await filterOf(page, state("Triage"))).toEqual({ workflow: "maintenance-request", state: "triage" });
  await page.text(".chart .recharts-wrapper");
  await page.evaluate(`${state("Triage")}.querySelector("a").click()`);
  await page.until(`document.querySelectorAll('.request-row').length === 2`);
  expectQuiet(page);
});

test("a transition of somebody else changes the numbers", async () => {
  const story = await aTenantWithWork();
  const request = await story.request("triage");
  const page = await site.openedAs(story.manager, { path });
  await page.until(`${state("Triage")}?.querySelector(".count").innerText === "3"`);
  await story.fire(story.operations, request, "escalate");
  await page.until(`${state("Triage")}?.querySelector(".count").innerText === "2"`);
  await page.until(`${state("Approval")}?.querySelector(".count").innerText === "2"`);
  expectQuiet(page);
});

test("process, building and period are in the address, and Back returns to the ones before", async () => {
  const { manager, buildingId } = await aTenantWithWork();
  const page = await site.openedAs(manager, { path });
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  const search = "location.search";
  await page.click(".periods button");
  await page.until(`${search} === "?days=7"`);
  const choose = (label: string, value: string): Promise<unknown> =>
    page.evaluate(`(() => {
      const select = document.querySelector('select[aria-label="${label}"]');
      Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(select, ${JSON.stringify(value)});
      select.dispatchEvent(new Event("change", { bubbles: true }));
    })()`);
  await choose("Building", buildingId);
  await page.until(`${search} === ${JSON.stringify(`?building=${buildingId}&days=7`)}`);
  await page.untilText(".dashboard", "By building, Weft counts requests only.");
  expect(await filterOf(page, figure("Open requests"))).toEqual({ building: buildingId, status: "OPEN" });
  await page.evaluate("history.back()");
  await page.until(`${search} === "?days=7"`);
  await page.until(`${state("Triage")} !== undefined`);
  await choose("Process", "maintenance-request");
  await page.until(`${search} === "?process=maintenance-request&days=7"`);
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  await page.reload();
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  expectQuiet(page);
});

test("a link to a building of another tenant says that there is no such building", async () => {
  const { buildingId } = await aMaintenanceTenant(site.weft);
  const { manager } = await aTenantWithWork();
  const page = await site.openedAs(manager, { path: `${path}?building=${buildingId}` });
  await page.untilText(".dashboard", "There is no such process or building, or you cannot see it.");
  expect(page.externalRequests).toEqual([]);
});

test("a tenant without work reads what will be here", async () => {
  const { manager } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(manager, { path });
  await page.untilText(".dashboard", "There was no work in this period");
  expectQuiet(page);
});

test("users who see only their own work have no dashboard, and a link says why", async () => {
  const { requester } = await aTenantWithWork();
  const page = await site.openedAs(requester, { path });
  await page.untilText(".main", "You cannot see the dashboard");
  expect(await page.evaluate(`document.querySelector('nav a[href="/console/dashboard"]')`)).toBe(null);
  expectQuiet(page);
});

test("the keys W and Escape open and leave the wall mode, which has no navigation", async () => {
  const { manager } = await aTenantWithWork();
  const page = await site.openedAs(manager, { path });
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  await page.press("w");
  await page.until(`${figure("Under way")}?.innerText === "3"`);
  expect(await page.evaluate(`[document.querySelector("nav"), location.pathname]`)).toEqual([null, "/console/dashboard/wall"]);
  await page.press("Escape");
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  expectQuiet(page);
});

test("the wall shows what somebody does, and that it is live", async () => {
  const story = await aTenantWithWork();
  const page = await site.openedAs(story.manager, { path });
  await page.until(`${figure("Open requests")}?.innerText === "3"`);
  await page.press("w");
  await page.untilText(".wall-status", "Live");
  await page.until(`${figure("Under way")}?.innerText === "3"`);
  const request = await story.request("triage");
  await story.fire(story.operations, request, "escalate");
  await page.until(`${figure("Under way")}?.innerText === "4"`);
  await page.untilText(".wall-transitions", "Triage → Approval");
  expectQuiet(page);
});

test("two hundred transitions in a row leave the heap of the wall as it was", async () => {
  const { user, flash } = await newBeacon(await site.weft.tenant());
  const page = await site.opened(`${path}/wall`);
  await page.fill("[name=login]", user.login);
  await page.fill("[name=password]", user.password);
  await page.click("button[type=submit]");
  await page.untilText(".wall-status", "Live");
  let seen = 0;
  await page.evaluate(`void new MutationObserver((all) => all.forEach(({ addedNodes }) => addedNodes.forEach(
    (node) => node.matches?.(".wall-transitions li") && (globalThis.seen = (globalThis.seen ?? 0) + 1),
  ))).observe(document.body, { childList: true, subtree: true })`);
  const play = async (times: number): Promise<number> => {
    await flash(times);
    await page.until(`globalThis.seen >= ${(seen += times)}`, `${seen} transitions were shown`);
    return page.heapBytes();
  };
  await play(60);
  const before = await play(30);
  const after = await play(110);
  // A leak of one answer or one row for each event would be more.
  expect(after - before).toBeLessThan(400_000);
  expect(await page.evaluate(`document.querySelectorAll(".wall-transitions li").length`)).toBe(8);
  expectQuiet(page);
});

test("markup in the names of people, buildings and types is shown as text", async () => {
  const story = await aTenantWithWork();
  const markup = `<img src=x onerror="globalThis.isAttacked = true">`;
  await story.admin.run("mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id } } }", {
    input: { id: story.buildingId, expectedVersion: 1, name: markup },
  });
  const page = await site.openedAs(story.manager, { path: `${path}?process=maintenance-request` });
  await page.untilText(".dashboard", markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".dashboard img")]`)).toEqual([null, null]);
  expectQuiet(page);
});

test("the dashboard and the wall are accessible in both colors, on a screen and on a phone, and fit 390 pixels", async () => {
  const { manager } = await aTenantWithWork();
  const page = await site.openedAs(manager, { path });
  await page.until(`${state("Triage")} !== undefined`);
  await page.text(".chart .recharts-wrapper");
  await page.click(".as-table summary");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expect(await page.evaluate(`document.querySelector(".dashboard").scrollWidth - document.querySelector(".dashboard").clientWidth`)).toBe(
    0,
  );
  await page.press("w");
  await page.until(`${figure("Under way")}?.innerText === "3"`);
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
});

test("what the dashboard loads in addition is small enough", () => {
  const files = filesBeyondInbox(/assets\/(?:dashboard-page|day-chart|wall-page)-.*\.js$/);
  for (const name of ["dashboard-page", "day-chart", "wall-page"]) expect(files.join(" ")).toContain(`assets/${name}-`);
  expect(sentBytes(files) / 1024).toBeLessThanOrEqual(120);
});
