import { aMaintenanceTenant, type MaintenanceTenant } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import {
  clickText,
  expectAccessible,
  expectNoOverflow,
  expectQuiet,
  logIn,
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
const pathOf = ({ id }: { readonly id: string }, more = ""): string => `/console/requests/${id}${more}`;
const openAs = async (user: User, request: { readonly id: string }, more = ""): Promise<TestPage> => {
  const page = await site.openedAs(user, { path: pathOf(request, more) });
  await page.text(".request-main h1");
  return page;
};
const button = (name: string): string => `[data-name="${name}"] button`;
const comment = (user: User, id: string, text: string, audience = "PUBLIC") =>
  user.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
    input: { id, audience, text },
  });

test("a request opens by its number, with its data, and what can be done", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const { request: found } = await story.operations.run<{ request: { number: string } }>(
    "query ($id: ID!) { request(id: $id) { number } }",
    {
      id: request.id,
    },
  );
  const page = await site.openedAs(story.operations, { path: `/console/requests/${found.number}` });
  await page.untilText(".request-main h1", "The elevator grinds");
  await page.untilText(".request-main header", found.number);
  await page.untilText(".details", "12,000");
  await page.untilText(button("escalate"), "Escalate");
  await page.untilText('.steps [aria-current="step"]', "Triage");
  expectQuiet(page);
});

test("a transition that is not allowed says why, and one that is shows at once in another window", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const other = await openAs(story.requester, request);
  const page = await openAs(story.operations, request);
  await page.untilText('[data-name="approve"]', "Estimate is 12000, but must be at most 5000.");
  await page.click(button("escalate"));
  await page.untilText(".request-main header", "Approval");
  await page.untilText(".request-main .notice.good", "Escalate");
  await other.untilText(".request-main header", "Approval");
  for (const one of [page, other]) expectQuiet(one);
});

test("a transition that needs a comment asks for it", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await openAs(story.operations, await story.request("triage"));
  await page.click(button("reject"));
  await page.text('[data-weft="panel"] textarea');
  await page.type("It is not broken");
  await page.click('[data-weft="panel"] button[type="submit"]');
  await page.untilText(".request-main header", "Rejected");
  await page.click('[role="tab"]:nth-of-type(2)');
  await page.untilText(".entries", "It is not broken");
  expectQuiet(page);
});

test("a comment appears in the other window, and what was typed survives a reload until it is sent", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const other = await openAs(story.requester, request);
  const page = await openAs(story.operations, request);
  await page.fill(".composer textarea", "The part is ordered");
  await page.reload();
  await page.until(`document.querySelector(".composer textarea")?.value === "The part is ordered"`);
  await clickText(page, ".audience label", "Public");
  await page.click('.composer button[type="submit"]');
  await other.untilText(".comment .text", "The part is ordered");
  await page.until(`document.querySelector(".composer textarea").value === ""`);
  await page.reload();
  await page.untilText(".comment .text", "The part is ordered");
  expect(await page.evaluate(`document.querySelector(".composer textarea").value`)).toBe("");
  for (const one of [page, other]) expectQuiet(one);
});

test("who reads a comment and whom it mentions survive a reload, and files are internal unless the user says otherwise", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await openAs(story.operations, await story.request("triage"));
  const isPublic = `document.querySelector('.audience label:nth-of-type(2) input')?.checked`;
  await page.fill(".composer textarea", "On Monday");
  expect(await page.evaluate(isPublic)).toBe(false);
  await clickText(page, ".audience label", "Public");
  await page.reload();
  await page.until(`document.querySelector(".composer textarea")?.value === "On Monday"`);
  expect(await page.evaluate(isPublic)).toBe(true);
  await page.click('[role="tab"]:nth-of-type(3)');
  await page.until(`document.querySelector(".add-files .internal input")?.checked === true`);
  expectQuiet(page);
});

test("an internal comment is not shown to the requester, who can write public ones only", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  await comment(story.operations, request.id, "She reports this each month", "INTERNAL");
  await comment(story.operations, request.id, "We are on our way");
  const page = await openAs(story.requester, request);
  await page.untilText(".comments > ol", "We are on our way");
  expect(await page.evaluate(`document.body.innerText.includes("each month")`)).toBe(false);
  expect(await page.evaluate(`document.querySelector(".audience")`)).toBe(null);
  expectQuiet(page);
});

test("a user who works on other requests only can write public comments on their own, and nothing internal is chosen", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const fitter = await story.tenant.assignee({ roles: ["requester"] });
  const { createRequest } = await fitter.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "maintenance", data: { summary: "My lamp", estimate: 1 }, buildingId: story.buildingId, assetId: story.assetId } },
  );
  const page = await openAs(fitter, createRequest.request);
  await page.until(`document.querySelector(".composer")?.dataset.internal === "false"`);
  await page.fill(".composer textarea", "It flickers");
  await page.click('.composer button[type="submit"]');
  await page.untilText(".comment .text", "It flickers");
  expect(await page.evaluate(`document.querySelector(".audience")`)).toBe(null);
  expectQuiet(page);
});

test("the author changes and deletes a comment", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  await comment(story.operations, request.id, "On Monday");
  const page = await openAs(story.operations, request);
  await page.text(".comment");
  await clickText(page, ".comment .link", "Edit");
  await page.fill(".comment textarea", "On Tuesday");
  await page.click('.comment button[type="submit"]');
  await page.untilText(".comment", "edited");
  await page.untilText(".comment .text", "On Tuesday");
  await clickText(page, ".comment .link", "Delete");
  await clickText(page, ".comment .link", "Delete it");
  await page.untilText(".comments", "Nobody has commented on this request.");
  expectQuiet(page);
});

test("a file is added, shown with its name as text, and deleted", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await openAs(story.operations, await story.request("triage"), "?tab=files");
  await page.text(".add-files input[type=file]");
  // Weft refuses names with brackets.
  const name = "&lt;img src=x onerror=alert(1)&gt; & more.txt";
  await page.evaluate(`(() => {
    const files = new DataTransfer();
    files.items.add(new File(["water"], ${JSON.stringify(name)}, { type: "text/plain" }));
    const input = document.querySelector(".add-files input[type=file]");
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  })()`);
  await page.untilText(".attachments .name", name);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".attachments img")]`)).toEqual([null, null]);
  await clickText(page, ".attachments .actions .link", "Delete");
  await clickText(page, ".attachments .actions .link", "Delete it");
  await page.untilText(".attachments", "This request has no files.");
  expectQuiet(page);
});

test("a history of 20,000 entries opens with few elements, and loads earlier ones as the user scrolls", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const owner = postgres(site.weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`insert into requests.comments (tenant_id, id, request_id, audience, author_id, text, created_at)
    select tenant_id, gen_random_uuid(), id, 'PUBLIC', created_by, 'Comment ' || n, created_at - n * interval '1 minute'
      from requests.requests, generate_series(1, 20000) n where tenant_id = ${story.tenant.id}`;
  await owner.end();
  const page = await openAs(story.operations, request, "?tab=history");
  await page.untilText(".entries", "Created");
  await page.until(
    `(document.querySelector(".request").scrollTop = 1e9, /Comment [3-9]\\d\\d/.test(document.querySelector(".entries").innerText))`,
  );
  expect(await page.evaluate(`document.querySelectorAll(".entries > li").length < 80`)).toBe(true);
  await page.evaluate(`document.querySelector(".request").scrollTop = 0`);
  await comment(story.operations, request.id, "The newest of all");
  await page.untilText(".entries", "The newest of all");
  expectQuiet(page);
});

test("the history shows one kind of entries, and the address keeps the choice", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("approval");
  await comment(story.operations, request.id, "Too expensive?");
  const page = await openAs(story.operations, request, "?tab=history&kind=COMMENT");
  await page.untilText(".entries", "Too expensive?");
  expect(await page.evaluate(`document.querySelectorAll(".entries > li").length`)).toBe(1);
  await page.evaluate(`document.querySelector(".timeline-head select").focus()`);
  await page.press("Home");
  await page.untilText(".entries", "Escalate");
  expect(page.url()).not.toContain("kind=");
  expectQuiet(page);
});

test("two people change a request at the same time: the second sees what changed, and keeps what was typed", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const page = await openAs(story.operations, request);
  await clickText(page, ".request-side .link", "Change priority, due date and tags");
  await page.fill(".side-form input[type=text], .side-form input:not([type=datetime-local])", "water");
  await story.operations.run("mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }", {
    input: { id: request.id, priority: "URGENT" },
  });
  await page.untilText(".changed", "Priority: Normal Urgent");
  await clickText(page, ".changed .link", "Keep mine");
  await page.click('.side-form button[type="submit"]');
  await page.untilText(".properties", "water");
  await page.untilText(".properties", "Urgent");
  expectQuiet(page);
});

test("a request that changes while somebody assigns it can still be assigned", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  const page = await openAs(story.operations, request);
  await page.click('[aria-label="Assign the request"]');
  await page.text(".side-form");
  await story.operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id: request.id, assignee: { userId: story.requester.id } },
  });
  await page.untilText(".changed", "Assignee: –");
  await clickText(page, ".changed .link", "Keep mine");
  await page.click(".side-form input");
  await page.until(
    `(() => { const option = document.querySelector('[data-combobox-option][value^="vendorId"]'); option?.click(); return option !== null; })()`,
  );
  await page.click('.side-form button[type="submit"]');
  await page.until(`document.querySelector(".side-form") === null`);
  const { request: found } = await story.operations.run<{ request: { assignee: { __typename: string } } }>(
    "query ($id: ID!) { request(id: $id) { assignee { __typename } } }",
    { id: request.id },
  );
  expect(found.assignee.__typename).toBe("Vendor");
  expectQuiet(page);
});

test("a user watches a request and writes a comment with the keyboard alone", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await openAs(story.operations, await story.request("triage"));
  await page.press("w");
  await page.untilText(".request-side .watch", "Stop watching");
  await page.press("c");
  await page.until(`document.activeElement?.matches(".composer textarea")`);
  await page.type("By keyboard");
  const isThere = `document.activeElement?.matches('.composer button[type="submit"]')`;
  for (let presses = 0; presses < 10 && !(await page.evaluate(isThere)); presses++) await page.press("Tab");
  await page.press("Enter");
  await page.untilText(".comment .text", "By keyboard");
  expectQuiet(page);
});

test("a request is linked to another one, found by its words, and the link is removed", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  await story.request("triage");
  const page = await openAs(story.operations, request);
  await clickText(page, ".request-side .link", "Add a link");
  await page.fill(".side-form input.mantine-Select-input", "elevator");
  await page.click("[role=option]");
  await page.click('.side-form button[type="submit"]');
  await page.untilText(".links", "Relates to");
  await page.click(".links .remove");
  await page.until(`document.querySelector(".links > li") === null`);
  expectQuiet(page);
});

test("a request of another tenant, and a number that nobody has, say that there is no such request", async () => {
  const request = await (await aMaintenanceTenant(site.weft)).request("triage");
  const { operations } = await aMaintenanceTenant(site.weft);
  for (const path of [pathOf(request), "/console/requests/MR-404"]) {
    const page = await site.opened(path);
    await logIn(page, operations);
    await page.untilText(".message", "There is no such request, or you cannot see it.");
    expectQuiet(page);
  }
});

test("markup in data, comments and tags is shown as text", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const markup = `<img src=x onerror="globalThis.isAttacked = true">`;
  const { createRequest } = await story.requester.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "maintenance", data: { summary: markup, estimate: 1 } } },
  );
  const { request } = createRequest;
  await comment(story.requester, request.id, markup);
  const page = await openAs(story.requester, request);
  await page.untilText(".request-main h1", markup);
  await page.untilText(".details", markup);
  await page.untilText(".comment .text", markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".request img, .request script")]`)).toEqual([
    null,
    null,
  ]);
  expectQuiet(page);
});

test("the page is accessible in both colors, on a screen and on a phone, and fits 390 pixels", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const request = await story.request("triage");
  await comment(
    story.operations,
    request.id,
    "Loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
    "INTERNAL",
  );
  const page = await openAs(story.operations, request);
  await page.text(".comment");
  await page.text(".steps");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expect(await page.evaluate(`document.querySelector(".request").scrollWidth - document.querySelector(".request").clientWidth`)).toBe(0);
  for (const [tab, selector] of [
    [2, ".entries"],
    [3, ".attachments"],
  ] as const) {
    await page.click(`[role="tab"]:nth-of-type(${tab})`);
    await page.text(selector);
    await expectAccessible(page);
    await expectNoOverflow(page);
  }
  expectQuiet(page);
});
