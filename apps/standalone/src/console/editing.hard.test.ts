import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import {
  clickText,
  expectAccessible,
  expectNoOverflow,
  expectQuiet,
  openConsole,
  type TestConsole,
} from "@weft/testkit/browser/open-console";
import { postgres } from "@weft/pg-driver";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

type User = MaintenanceTenant["operations"];
const openAs = async (user: User, path: string): Promise<TestPage> => {
  const page = await site.openedAs(user, { path: `/console/${path}` });
  await page.text("h1");
  // The subscription begins with the present.
  await page.text(".editors");
  return page;
};
const untilNobody = (page: TestPage): Promise<void> => page.until(`document.querySelector(".editors").innerText === ""`, "nobody is shown");
const tags = ".side-form input[type=text], .side-form input:not([type=datetime-local])";
const changeTags = async (page: TestPage): Promise<void> => {
  await clickText(page, ".request-side .link", "Change priority, due date and tags");
  await page.fill(tags, "water");
};
/** So that nothing is over because its time is. */
async function keepLong(tenantId: string): Promise<void> {
  const owner = postgres(site.weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`update requests.request_editors set expires_at = now() + interval '1 hour' where tenant_id = ${tenantId} and expires_at > now()`;
  await owner.end();
}

test("who changes a request is shown to others who look at it, until they cancel", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const other = await openAs(story.admin, `requests/${id}`);
  const page = await openAs(story.operations, `requests/${id}`);
  await changeTags(page);
  await other.untilText(".editors", "is changing this request.");
  expect(await page.evaluate(`document.querySelector(".editors").innerText`)).toBe("");
  await clickText(page, ".side-form button", "Cancel");
  await untilNobody(other);
  for (const one of [page, other]) expectQuiet(one);
});

test("who fills in a transition is shown until it is fired", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const other = await openAs(story.requester, `portal/requests/${id}`);
  const page = await openAs(story.operations, `requests/${id}`);
  await page.click('[data-name="reject"] button');
  await page.text('[data-weft="panel"] textarea');
  await page.type("It is not broken");
  await other.untilText(".editors", "is changing this request.");
  await page.click('[data-weft="panel"] button[type="submit"]');
  await untilNobody(other);
  for (const one of [page, other]) expectQuiet(one);
});

test("who decides a task is shown to those who look at its request, and sees who changes that", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("approval");
  const { tasks } = await story.manager.run<{ tasks: { edges: { node: { id: string } }[] } }>(
    "{ tasks(queue: OFFERED_TO_ME, first: 1) { edges { node { id } } } }",
  );
  const other = await openAs(story.operations, `requests/${id}`);
  const page = await openAs(story.manager, `inbox?task=${tasks.edges[0]?.node.id}`);
  await page.click('.task [data-name="reject"] button');
  await page.text('[data-weft="panel"] textarea');
  await page.type("Too expensive");
  await other.untilText(".editors", "is changing this request.");
  await changeTags(other);
  await page.untilText(".task .editors", "is changing this request.");
  await page.click('[data-weft="panel"] button[type="submit"]');
  await untilNobody(other);
  for (const one of [page, other]) expectQuiet(one);
});

test("who writes a public comment is shown to the requester until it is sent, and who writes an internal one to users who can read it", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const requester = await openAs(story.requester, `portal/requests/${id}`);
  const other = await openAs(story.admin, `requests/${id}`);
  const page = await openAs(story.operations, `requests/${id}`);
  await page.fill(".composer textarea", "She reports this each month");
  await other.untilText(".editors", "is writing a comment.");
  expect(await requester.evaluate(`document.querySelector(".editors").innerText`)).toBe("");
  await clickText(page, ".audience label", "Public");
  await requester.untilText(".editors", "is writing a comment.");
  await page.click('.composer button[type="submit"]');
  for (const one of [requester, other]) await untilNobody(one);
  for (const one of [page, other, requester]) expectQuiet(one);
});

test("the line is gone at once when the other leaves the page, and when they log out", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const other = await openAs(story.admin, `requests/${id}`);
  const page = await openAs(story.operations, `requests/${id}`);
  await changeTags(page);
  await other.untilText(".editors", "is changing this request.");
  await keepLong(story.tenant.id);
  await page.goto("about:blank");
  await untilNobody(other);
  const again = await openAs(story.operations, `requests/${id}`);
  await changeTags(again);
  await other.untilText(".editors", "is changing this request.");
  await keepLong(story.tenant.id);
  await again.click(".account .user");
  await again.click("[data-logs-out]");
  await untilNobody(other);
  expect(await other.evaluate(`document.querySelector(".editors").innerText`)).toBe("");
  for (const one of [again, other]) expectQuiet(one);
});

test("the line fits a phone, moves nothing, and is accessible", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const { id } = await story.request("triage");
  const other = await openAs(story.admin, `requests/${id}`);
  const topOf = `document.querySelector(".request-main > .card").getBoundingClientRect().top`;
  await other.text(".request-main > .card");
  const top = await other.evaluate(topOf);
  const page = await openAs(story.operations, `requests/${id}`);
  await changeTags(page);
  await other.untilText(".editors", "is changing this request.");
  expect(await other.evaluate(topOf)).toBe(top);
  expect(await other.evaluate(`document.querySelector(".editors").getAttribute("role")`)).toBe("status");
  await expectAccessible(other);
  await expectNoOverflow(other);
  for (const one of [page, other]) expectQuiet(one);
});
