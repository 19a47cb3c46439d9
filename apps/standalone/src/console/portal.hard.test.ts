import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import { expectAccessible, expectNoOverflow, expectQuiet, logIn, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { loadExampleDefinition } from "../examples.js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const markup = `<img src=x onerror="globalThis.isAttacked = true">`;
const form = { summary: '[data-name="summary"] input', estimate: '[data-name="estimate"] input' };
const send = ".portal .buttons button[type=submit]";

async function commentOn(story: MaintenanceTenant, id: string, text: string): Promise<void> {
  await story.operations.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
    input: { id, audience: "PUBLIC", text },
  });
}

/** Fills in the form of a maintenance request. */
async function fillIn(page: TestPage, summary: string): Promise<void> {
  await page.fill(form.summary, summary);
  await page.fill(form.estimate, "120");
}

test("a requester begins in the portal, without an inbox, and sends a request from the catalog", async () => {
  const { requester } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(requester);
  await page.untilText(".mine", "You have no open requests.");
  expect(new URL(page.url()).pathname).toBe("/console/portal");
  expect(await page.evaluate(`document.querySelector('a[href$="/inbox"]')`)).toBe(null);
  await page.click(".catalog .offer");
  await fillIn(page, "The door squeaks");
  await page.click(send);
  await page.untilText(".portal h1", "The door squeaks");
  await page.untilText(".steps [role=status]", "It has arrived");
  await page.click(".to-portal");
  await page.untilText(".mine .row", "Sent");
  expectQuiet(page);
});

test("a form says at its fields what is missing, and what was entered survives a reload", async () => {
  const { requester } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(requester, { path: "/console/portal/new/maintenance" });
  await page.fill(form.summary, "Half a sentence");
  await page.click(send);
  await page.text('[data-name="estimate"] [data-weft=problem]');
  expect(await page.evaluate(`document.activeElement.matches('${form.estimate}')`)).toBe(true);
  await page.reload();
  await page.untilText(".portal .notice", "This is what you had entered.");
  await page.until(`document.querySelector('${form.summary}').value === "Half a sentence"`);
  await page.click(".portal .notice .link");
  await page.until(`document.querySelector('${form.summary}').value === ""`);
  expectQuiet(page);
});

test("a request that is saved for later can be changed and sent", async () => {
  const { requester } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(requester, { path: "/console/portal/new/maintenance" });
  await fillIn(page, "A lamp");
  await page.click(".portal .buttons button[value=later]");
  await page.untilText(".steps [role=status]", "You have not sent it yet.");
  await page.click(".portal .buttons a");
  await page.until(`document.querySelector('${form.summary}')?.value === "A lamp"`);
  await page.fill(form.summary, "Two lamps");
  await page.click(send);
  await page.untilText(".portal h1", "Two lamps");
  await page.untilText(".steps [role=status]", "It has arrived");
  expectQuiet(page);
});

test("a link sends no draft, and a draft that could not be sent says why, until it is sent again", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const example = await loadExampleDefinition("maintenance-request");
  const submit = "submit: { to: triage, allow: { owner: true }";
  await story.tenant.definition(example.replace(submit, `${submit}, when: "data.estimate <= 500000"`));
  const { id } = await story.request("draft");
  const page = await site.openedAs(story.requester, { path: `/console/portal/requests/${id}?send=true` });
  await page.untilText(".steps [role=status]", "You have not sent it yet.");
  await page.text(".comments textarea");
  await page.reload();
  await page.untilText(".steps [role=status]", "You have not sent it yet.");
  await page.goto(`${site.weft.url}/console/portal/new/maintenance`);
  await page.fill(form.summary, "A palace");
  await page.fill(form.estimate, "600000");
  await page.click(send);
  await page.untilText(".portal h1", "A palace");
  await page.text(".portal [data-weft=error]");
  await page.reload();
  await page.text(".portal [data-weft=error]");
  await page.untilText(".steps [role=status]", "You have not sent it yet.");
  await page.click(".portal .buttons button");
  await page.text(".portal [data-weft=error][data-code=TRANSITION_REJECTED]");
  expect(page.externalRequests).toEqual([]);
});

test("keys claim no task and open no panel on a page that can have several tasks", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const page = await site.openedAs(story.operations, { path: `/console/portal/requests/${id}` });
  await page.text(".task-for-user [data-way=delegate]");
  await page.press("c");
  await page.press("d");
  await page.fill(".comments textarea", "Seen");
  await page.click(".comments button[type=submit]");
  await page.untilText(".comments ol", "Seen");
  expect(await page.evaluate(`document.querySelector("[data-way][aria-expanded=true]")`)).toBe(null);
  const { tasks } = await story.operations.run<{ tasks: { edges: unknown[] } }>("{ tasks { edges { node { status } } } }", {});
  expect(tasks.edges).toEqual([{ node: { status: "OPEN" } }]);
  expectQuiet(page);
});

test("the status of a request follows the work of others, and its requester confirms the end", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("assigned");
  const page = await site.openedAs(story.requester, { path: `/console/portal/requests/${request.id}` });
  await page.untilText(".steps", "It has arrived. Now it is at: Assigned.");
  await story.fire(story.vendor.user, request, "start");
  await story.fire(story.vendor.user, request, "complete", { input: { outcome: "A new motor" } });
  await page.untilText(".steps", "Please confirm it");
  await page.click('[data-name="close"] button');
  await page.untilText(".steps", "It is done.");
  expectQuiet(page);
});

test("comments arrive live, are answered, and an unsent one survives a reload", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const page = await site.openedAs(story.requester, { path: `/console/portal/requests/${id}` });
  await page.text(".comments textarea");
  await commentOn(story, id, "Which floor?");
  await page.untilText(".comments ol", "Which floor?");
  await page.fill(".comments textarea", "The second");
  await page.reload();
  await page.until(`document.querySelector(".comments textarea")?.value === "The second"`);
  await page.click(".comments button[type=submit]");
  await page.untilText(".comments ol", "The second");
  await page.until(`document.querySelector(".comments textarea").value === ""`);
  expectQuiet(page);
});

test("in the portal, staff too writes for everybody who sees the request", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const page = await site.openedAs(story.operations, { path: `/console/portal/requests/${id}` });
  await page.fill(".comments textarea", "I have seen it too");
  expect(await page.evaluate(`document.querySelector(".audience, .internal")`)).toBe(null);
  await page.click(".comments button[type=submit]");
  await page.untilText(".comments ol", "I have seen it too");
  expect(await page.evaluate(`document.querySelector('.comment[data-internal="true"]')`)).toBe(null);
  expectQuiet(page);
});

test("a question to the requester stands on the first page until it is answered", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const { tasks } = await story.operations.run<{ tasks: { edges: { node: { id: string } }[] } }>("{ tasks { edges { node { id } } } }", {});
  const ask = "mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }";
  await story.operations.run(ask, { input: { id: tasks.edges[0]?.node.id, askedId: story.requester.id, text: "Which of the two pumps?" } });
  const page = await site.openedAs(story.requester);
  await page.untilText(".waiting", "Which of the two pumps?");
  await page.click(".waiting a");
  await page.fill(".question textarea", "The left one");
  await page.click(".question button");
  await page.text(".mine .row");
  await page.until(`document.querySelector(".waiting") === null`);
  expectQuiet(page);
});

test("the catalog is searched and opened with the keyboard", async () => {
  const { requester } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(requester);
  await page.text(".catalog .offer");
  await page.press("/");
  await page.type("nothing of the kind");
  await page.untilText(".catalog", "Nothing in the catalog has these words.");
  await page.fill(".catalog input", "maint");
  await page.text(".catalog .offer");
  await page.press("Tab");
  await page.press("Enter");
  await page.text(form.summary);
  expectQuiet(page);
});

test("a request of another tenant and a type that is not in the catalog do not exist", async () => {
  const { id } = await (await aMaintenanceTenant(site.weft)).request("triage");
  const { requester } = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(requester, { path: `/console/portal/requests/${id}` });
  await page.untilText(".message", "There is no such request, or you cannot see it.");
  await page.goto(`${site.weft.url}/console/portal/new/nothing`);
  await page.untilText(".message", "There is no such request in the catalog");
  await page.goto(`${site.weft.url}/console/vendor`);
  await page.untilText(".message", "There is no such page");
  expect(page.externalRequests).toEqual([]);
});

test("markup in requests and comments is shown as text", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.requester, { path: "/console/portal/new/maintenance" });
  await fillIn(page, markup);
  await page.click(send);
  await page.untilText(".portal h1", markup);
  await page.fill(".comments textarea", markup);
  await page.click(".comments button[type=submit]");
  await page.untilText(".comments ol", markup);
  await page.click(".to-portal");
  await page.untilText(".mine .row", markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".portal img, .portal script")]`)).toEqual([
    null,
    null,
  ]);
  expectQuiet(page);
});

test("the portal, a form and a request fit a phone, and are accessible in both colors", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("done");
  await commentOn(story, id, "A new cable is needed.");
  const page = await site.opened("/console/", { width: 390 });
  await logIn(page, story.requester);
  for (const [path, shown] of [
    ["/console/portal", ".mine .row"],
    ["/console/portal/new/maintenance", form.summary],
    [`/console/portal/requests/${id}`, ".comments li"],
  ] as const) {
    await page.goto(site.weft.url + path);
    await page.text(shown);
    await expectAccessible(page);
    await page.look({ width: 390, height: 900 });
    await expectNoOverflow(page);
  }
  expectQuiet(page);
});

test("older requests are loaded page by page", async () => {
  const story = await aMaintenanceTenant(site.weft);
  for (let index = 0; index < 31; index++) await story.request("draft");
  const page = await site.openedAs(story.requester);
  await page.until(`document.querySelectorAll(".mine .row").length === 30`);
  await page.click(".mine > button");
  await page.until(`document.querySelectorAll(".mine .row").length === 31 && document.querySelector(".mine > button") === null`);
  expectQuiet(page);
});
