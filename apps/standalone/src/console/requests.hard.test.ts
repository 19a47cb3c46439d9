import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import {
  expectAccessible,
  expectNoOverflow,
  expectQuiet,
  filesBeyondInbox,
  logIn,
  openConsole,
  sentBytes,
  type TestConsole,
} from "@weft/testkit/browser/open-console";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const createRequest = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id number } } }";

/** Drafts of the requester with these titles, in this order. */
async function drafts({ requester }: MaintenanceTenant, titles: readonly string[]): Promise<void> {
  for (const summary of titles)
    await requester.run(createRequest, { input: { typeKey: "maintenance", data: { summary, estimate: 12_000 } } });
}

const rows = `document.querySelectorAll(".request-row").length`;
const titles = `[...document.querySelectorAll(".request-row .row-title")].map((one) => one.textContent).join(", ")`;
const parameter = (name: string): string => `new URLSearchParams(location.search).get(${JSON.stringify(name)})`;
const column = (state: string): string => `.board-column[data-state="${state}"]`;
const focus = (selector: string): string => `document.querySelector(${JSON.stringify(selector)}).focus()`;

/** Drags a card to a column as a mouse does, as far as the page can tell. */
const drag = (page: TestPage, card: string, to: string, { drops = true } = {}): Promise<boolean> =>
  page.evaluate<boolean>(`(async () => {
    const dataTransfer = new DataTransfer();
    const fire = (selector, type) => {
      const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
      document.querySelector(selector).dispatchEvent(event);
      return event.defaultPrevented;
    };
    const known = () => ["allowed", "refused"].includes(document.querySelector(${JSON.stringify(to)}).dataset.drop)
      && document.querySelector('[data-drop="unknown"]') === null;
    fire(${JSON.stringify(card)}, "dragstart");
    while (!known()) await new Promise((resolve) => requestAnimationFrame(resolve));
    const isTaken = fire(${JSON.stringify(to)}, "dragover");
    if (!${drops}) return isTaken;
    if (isTaken) fire(${JSON.stringify(to)}, "drop");
    fire(${JSON.stringify(card)}, "dragend");
    return isTaken;
  })()`);

/** Keeps the answers to requests back that match an expression, until `globalThis.release()`. `globalThis.held` is how many have arrived. */
const holdAnswers = (page: TestPage, matches: string): Promise<unknown> =>
  page.evaluate(`void (() => {
    const { fetch: send } = globalThis;
    globalThis.held = 0;
    const released = new Promise((resolve) => (globalThis.release = resolve));
    globalThis.fetch = async (target, init) => {
      const answer = await send(target, init);
      const text = String(target) + String(init?.body ?? "");
      if (${matches}) {
        globalThis.held += 1;
        await released;
      }
      return answer;
    };
  })()`);

test("the list shows requests with their numbers, and those that others create or change as it happens", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.untilText(".request-row", "MR-1");
  await page.untilText('.request-row [data-column="state"]', "Triage");
  const second = await story.request("triage");
  await page.until(`${rows} === 2`);
  await page.untilText(".request-row", "MR-2");
  await page.untilText(".total", "2");
  await story.fire(story.operations, second, "escalate");
  await page.untilText('.request-row [data-column="state"]', "Approval");
  expectQuiet(page);
});

test("a request that no longer matches the filter leaves the list", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  await story.request("draft");
  const page = await site.openedAs(story.operations, { path: "/console/requests?state=triage" });
  await page.until(`${rows} === 1`);
  await page.untilText('.chip[data-filter="state"]', "Triage");
  await story.fire(story.operations, request, "escalate");
  await page.untilText(".requests", "No request matches");
  await page.click('.chip[data-filter="state"] > button:last-child');
  await page.until(`${rows} === 2`);
  expectQuiet(page);
});

test("a filter is added and negated with the keyboard alone, stays after a reload, and Back removes it", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  await story.request("draft");
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.until(`${rows} === 2`);
  await page.press("f");
  await page.until(`document.activeElement?.closest("[role=menu]") !== null`);
  const isAt = `document.activeElement?.dataset.filter === "state"`;
  for (let presses = 0; presses < 8 && !(await page.evaluate(isAt)); presses++) await page.press("ArrowDown");
  await page.press("Enter");
  await page.until(`document.activeElement?.closest("label")?.textContent === "Draft"`);
  await page.press("ArrowDown");
  await page.press("Space");
  await page.until(`${parameter("state")} === "triage" && ${rows} === 1`);
  await page.press("Escape");
  await page.until(`document.querySelector(".filter-editor") === null`);
  await page.reload();
  await page.untilText('.chip[data-filter="state"]', "State is Triage");
  await page.until(`${rows} === 1`);
  await page.evaluate("history.back()");
  await page.until(`${parameter("state")} === null && ${rows} === 2`);
  expectQuiet(page);
});

test("the list is searched, and ordered by a column", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await drafts(story, ["Broken lamp", "Cold radiator", "Broken window"]);
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.until(`${titles} === "Broken window, Cold radiator, Broken lamp"`);
  await page.press("/");
  await page.type("broken");
  await page.until(`${titles} === "Broken window, Broken lamp" && ${parameter("q")} === "broken"`);
  await page.click(".request-rows .head [role=columnheader] button");
  await page.until(`${parameter("sort")} === "number" && ${titles} === "Broken lamp, Broken window"`);
  await page.click(".request-rows .head [role=columnheader] button");
  await page.until(`${parameter("sort")} === "-number" && ${titles} === "Broken window, Broken lamp"`);
  expectQuiet(page);
});

test("a long list loads its pages while the user scrolls, and keeps few rows in the document", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await drafts(
    story,
    Array.from({ length: 120 }, (_, index) => `Lamp ${String(index + 1)}`),
  );
  const page = await site.openedAs(story.operations, { path: "/console/requests?sort=created" });
  await page.untilText(".request-row", "Lamp 1");
  await page.until(`(() => {
    document.querySelector(".request-rows").scrollTop += 2000;
    return ${titles}.includes("Lamp 120");
  })()`);
  expect(await page.evaluate<number>(rows)).toBeLessThan(60);
  await page.untilText(".total", "120");
  expectQuiet(page);
});

test("the keys J and K go through the rows, and Enter opens the request", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const first = await story.request("draft");
  await story.request("draft");
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.until(`${rows} === 2`);
  for (const [key, number] of [
    ["j", "MR-2"],
    ["j", "MR-1"],
    ["k", "MR-2"],
    ["j", "MR-1"],
  ] as const) {
    await page.press(key);
    await page.until(`document.activeElement?.textContent === ${JSON.stringify(number)}`, `${key} leads to ${number}`);
  }
  await page.press("Enter");
  await page.until(`location.pathname === ${JSON.stringify(`/console/requests/${first.id}`)}`);
  expectQuiet(page);
});

test("a view is saved and shared, and another user opens it by its name", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  await story.request("draft");
  const page = await site.openedAs(story.manager, { path: "/console/requests?state=triage&columns=title,state" });
  await page.until(`${rows} === 1`);
  await page.click(".view-name");
  await page.click('[data-action="save-view"]');
  await page.fill("[role=dialog] [name=name]", "To triage");
  await page.click("[role=dialog] [name=shared]");
  await page.click("[role=dialog] [type=submit]");
  await page.untilText(".view-name", "To triage");
  const other = await site.openedAs(story.operations, { path: "/console/requests" });
  await other.until(`${rows} === 2`);
  await other.click(".view-name");
  await other.click("[data-view]");
  await other.until(`${rows} === 1 && ${parameter("view")} !== null`);
  expect(await other.evaluate(`document.querySelectorAll(".head [role=columnheader]").length`)).toBe(4);
  for (const one of [page, other]) expectQuiet(one);
});

test("a view is deleted after a question", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const { saveView } = await story.operations.run<{ saveView: { view: { id: string } } }>(
    "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
    { input: { list: "REQUESTS", name: "Ours" } },
  );
  const page = await site.openedAs(story.operations, { path: `/console/requests?view=${saveView.view.id}` });
  await page.untilText(".view-name", "Ours");
  const ask = async (): Promise<void> => {
    await page.click(".view-name");
    await page.click('[data-action="delete-view"]');
    await page.untilText("[role=dialog]", "The view “Ours” will be deleted.");
  };
  await ask();
  await page.press("Escape");
  await page.until(`document.querySelector("[role=dialog]") === null`);
  await page.untilText(".view-name", "Ours");
  await ask();
  await page.click("[role=dialog] [type=submit]");
  await page.untilText(".view-name", "Open requests");
  await page.click(".view-name");
  await page.text("[role=menu]");
  await page.until(`document.querySelector("[data-view]") === null`);
  expectQuiet(page);
});

test("a day that does not exist is no filter", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests?created=2026-99-99.." });
  await page.until(`${rows} === 1`);
  expectQuiet(page);
});

test("a range from a row that has left the list selects no others", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const second = await story.request("triage");
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests?state=triage" });
  await page.until(`${rows} === 3`);
  await page.click('[aria-label="Select MR-2"]');
  await page.untilText(".bulk-bar", "1 request selected");
  await story.fire(story.operations, second, "escalate");
  await page.until(`${rows} === 2`);
  await page.untilText(".bulk-bar", "0 requests selected · 1 is no longer in the list");
  await page.evaluate(
    `document.querySelector('[aria-label="Select MR-1"]').dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }))`,
  );
  await page.untilText(".bulk-bar", "1 request selected · 1 is no longer in the list");
  expectQuiet(page);
});

test("the number of a list that is loaded completely is that of its rows, whenever the server's count arrives", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await drafts(story, ["A lamp", "Two lamps"]);
  const page = await site.openedAs(story.operations, { path: "/console/inbox" });
  await holdAnswers(page, `text.includes("ConsoleRequestCount")`);
  await page.click('nav a[href^="/console/requests"]');
  await page.until(`${rows} === 2 && globalThis.held > 0`);
  await page.untilText(".total", "2");
  await drafts(story, ["Three lamps"]);
  await page.until(`${rows} === 3`);
  await page.untilText(".total", "3");
  await page.evaluate("globalThis.release()");
  await drafts(story, ["Four lamps"]);
  await page.until(`${rows} === 4`);
  await page.untilText(".total", "4");
  expectQuiet(page);
});

test("a request that changes while its page is loaded appears as it is now", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const first = await story.request("triage");
  await drafts(
    story,
    Array.from({ length: 55 }, (_, index) => `Lamp ${String(index + 1)}`),
  );
  const page = await site.openedAs(story.operations, { path: "/console/inbox" });
  await holdAnswers(page, `text.includes("ConsoleRequestPage") && /"after":"/.test(text)`);
  await page.click('nav a[href^="/console/requests"]');
  await page.until(`${rows} > 20 && globalThis.held === 1`);
  await page.untilText(".total", "56");
  await story.fire(story.operations, first, "escalate");
  await drafts(story, ["Another lamp"]);
  await page.untilText(".total", "57");
  await page.evaluate("globalThis.release()");
  await page.until(`document.querySelector(".request-rows .more") === null`);
  await page.until(`(() => {
    document.querySelector(".request-rows").scrollTop += 2000;
    return document.querySelector(".request-rows").innerText.includes("The elevator grinds");
  })()`);
  expect(
    await page.evaluate(`[...document.querySelectorAll(".request-row")].find((row) => row.innerText.includes("MR-1\\n"))
      .querySelector('[data-column="state"]').innerText`),
  ).toBe("Approval");
  expectQuiet(page);
});

test("the preview of a bulk change is always that of the chosen transition", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.until(`${rows} === 1`);
  await page.press("j");
  await page.press("x");
  await page.click(".bulk-bar .mantine-Button-root");
  await page.click('[role=dialog] [value="escalate"]');
  await page.untilText("[role=dialog] .preview", "It is possible for 1 request.");
  await holdAnswers(page, `text.includes("ConsoleBulkPreview")`);
  await page.click('[role=dialog] [value="reject"]');
  await page.until(`globalThis.held === 1`);
  expect(await page.evaluate(`document.querySelector("[role=dialog] .preview, [role=dialog] [type=submit]")`)).toBe(null);
  await page.evaluate("globalThis.release()");
  await page.text("[role=dialog] .preview");
  expectQuiet(page);
});

test("many requests are changed at once, after a preview that says what stays as it is", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("draft");
  await story.request("triage");
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.until(`${rows} === 3`);
  for (const key of ["j", "J", "J"]) await page.press(key);
  await page.untilText(".bulk-bar", "3 requests selected");
  await page.click(".bulk-bar .mantine-Button-root");
  await page.click('[role=dialog] [value="escalate"]');
  await page.untilText("[role=dialog] .preview", "It is possible for 2 requests.");
  await page.untilText("[role=dialog] .preview", "1 request stays as it is:");
  await page.click("[role=dialog] [type=submit]");
  await page.untilText('[role=dialog] [data-status="COMPLETED"]', "2 of 3 changed");
  await page.press("Escape");
  await page.until(`[...document.querySelectorAll('[data-column="state"]')].filter((one) => one.textContent === "Approval").length === 2`);
  expectQuiet(page);
});

test("the list is exported to a file with what it shows", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await drafts(story, ["Broken lamp", "Cold radiator"]);
  const page = await site.openedAs(story.operations, { path: "/console/requests?q=lamp" });
  await page.until(`${rows} === 1`);
  await page.click('[data-action="export"]');
  await page.click("[role=dialog] [type=submit]");
  await page.untilText("[role=dialog]", "1 requests are in the file.");
  await page.evaluate(`void (HTMLAnchorElement.prototype.click = function () { globalThis.saved = [this.href, this.download]; })`);
  await page.click('[data-action="download"]');
  await page.until(`globalThis.saved?.[1].endsWith(".csv")`);
  const text = await page.evaluate<string>(`fetch(globalThis.saved[0]).then((file) => file.text())`);
  expect(text).toContain("MR-1");
  expect(text).toContain("Broken lamp");
  expect(text).not.toContain("Cold radiator");
  expectQuiet(page);
});

test("users who cannot read definitions have no board", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  await story.tenant.role("reader", ["request.read", "workflow.read", "task.read"]);
  const page = await site.openedAs(await story.tenant.user("reader"), { path: "/console/requests?layout=board" });
  await page.until(`${rows} === 1`);
  await page.press("b");
  await page.until(`${rows} === 1 && document.querySelector(".layouts, .board") === null`);
  expectQuiet(page);
});

test("a card is dragged along a transition, others refuse it with the reason, and another window follows", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const path = "/console/requests?layout=board";
  const page = await site.openedAs(story.operations, { path });
  const other = await site.openedAs(story.manager, { path });
  await other.text(`${column("triage")} .board-card`);
  await page.text(`${column("triage")} .board-card`);
  const card = '[data-card="MR-1"]';
  expect(await drag(page, card, column("done"), { drops: false })).toBe(false);
  await page.untilText(`${column("done")} .refusal`, "No transition leads here.");
  await page.untilText(`${column("assigned")} .refusal`, "12000");
  expect(await drag(page, card, column("approval"))).toBe(true);
  for (const one of [page, other]) await one.text(`${column("approval")} .board-card`);
  await page.untilText(".board-bar", "MR-1 is now in the state Approval.");
  for (const one of [page, other]) expectQuiet(one);
});

test("a card is moved with the keyboard alone, and a transition that needs a comment asks for it", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests?layout=board" });
  await page.text(`${column("triage")} .board-card`);
  await page.press("j");
  await page.until(`document.activeElement?.textContent === "MR-1"`);
  await page.press("m");
  await page.untilText("[role=menu]", "Rejected");
  await page.evaluate(focus('[role=menu] [data-transition="reject"]'));
  await page.press("Enter");
  await page.until(`document.activeElement?.matches("[role=dialog] textarea")`);
  await page.type("Not ours");
  await page.evaluate(focus("[role=dialog] [data-weft=panel] [type=submit]"));
  await page.press("Enter");
  await page.text(`${column("rejected")} .board-card`);
  expectQuiet(page);
});

test("markup in the data of a request and in the name of a view is shown as text", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const markup = `<img src=x onerror="globalThis.isAttacked = true">`;
  await drafts(story, [markup]);
  await story.operations.run("mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }", {
    input: { list: "REQUESTS", name: markup },
  });
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.untilText(".request-row", markup);
  await page.click(".view-name");
  await page.untilText("[data-view]", markup);
  await page.press("Escape");
  await page.press("b");
  await page.untilText(".board-card", markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".requests img")]`)).toEqual([null, null]);
  expectQuiet(page);
});

test("a view of another tenant is not found", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { saveView } = await story.operations.run<{ saveView: { view: { id: string } } }>(
    "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
    { input: { list: "REQUESTS", name: "Ours" } },
  );
  const page = await site.opened(`/console/requests?view=${saveView.view.id}`);
  await logIn(page, (await aMaintenanceTenant(site.weft)).operations);
  await page.untilText(".requests", "The requests could not be loaded.");
  expect(page.externalRequests).toEqual([]);
});

test("the list, its filters, a bulk change and the board are accessible and fit a phone", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  await story.request("draft");
  const page = await site.openedAs(story.operations, { path: "/console/requests?priority=NORMAL,HIGH" });
  await page.until(`${rows} === 2`);
  await expectAccessible(page);
  await expectNoOverflow(page);
  await page.press("j");
  await page.press("x");
  await page.click(".bulk-bar .mantine-Button-root");
  await page.text("[role=dialog] [type=radio]");
  await expectAccessible(page);
  await page.press("Escape");
  await page.until(`document.querySelector("[role=dialog]") === null`);
  await page.click(".chip button");
  await page.text(".filter-editor");
  await expectAccessible(page);
  await page.press("Escape");
  await page.until(`document.querySelector(".filter-editor") === null`);
  await page.press("b");
  await page.text(".board-card");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
});

test("the page adds at most 120 KiB of JavaScript to the first load", () => {
  const files = filesBeyondInbox(/assets\/requests-page-.*\.js$/);
  expect(files.join(" ")).toContain("assets/requests-page-");
  expect(sentBytes(files) / 1024).toBeLessThanOrEqual(120);
});
