import { decodeId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { openBrowser, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const data = "{ type: object, properties: { summary: { type: string, title: What is offered }, price: { type: number, title: Price } } }";

/** A task with a form, which applies to all its transitions. */
const offer = `weft: 1
key: offer
name: Offer
data: ${data}
initial: review
states:
  review:
    task:
      title: Check the offer of Northwind Lifts
      candidates: { roles: [approver] }
      form:
        title: Check
        fields:
          checked: { type: choice, label: What you checked, options: [price, terms], required: true }
          why: { type: text, label: Why only the terms, visible: "input.checked == 'terms'", required: true }
    transitions:
      approve: { to: done, title: Approve }
      reject: { to: done, title: Reject, comment: required }
      audit: { to: done, title: Audit, allow: { roles: [admin] } }
  done: { final: completed }
`;

/** A task whose transitions have forms of their own. */
const quote = `weft: 1
key: quote
name: Quote
data: ${data}
initial: review
states:
  review:
    task: { title: Check the quote, candidates: { roles: [approver] } }
    transitions:
      approve: { to: done, title: Approve, form: { title: Approve the quote, fields: { limit: { type: number, label: Limit, required: true, max: 100 } } } }
      reject: { to: done, title: Reject }
  done: { final: completed }
`;

let weft: TestWeft;
let browser: TestBrowser;
let owner: postgres.Sql;
let tenant: TestTenant;
let manager: TestUser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  browser = await openBrowser();
  tenant = await weft.tenant();
  manager = await tenant.user("workflow_manager");
  for (const definition of [offer, quote]) await tenant.definition(definition);
});
afterAll(async () => {
  await browser.close();
  await owner.end();
  await weft.stop();
});

/** Sends a link for a new task to a new user, and opens it on a phone. */
async function opened(
  definitionKey = "offer",
  colorScheme: "light" | "dark" = "light",
): Promise<{ page: TestPage; taskId: string; olga: TestUser; url: string }> {
  const olga = await tenant.user("approver");
  await owner`update identity.users set email_verified_at = now() where id = ${decodeId("user", olga.id)}`;
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { tasks: { id: string }[] } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { tasks { id } } } }",
    { input: { definitionKey, data: { summary: "Six new lamps", price: 1200 } } },
  );
  const taskId = startWorkflow.instance.tasks[0]?.id ?? "";
  await manager.run("mutation ($input: CreateTaskLinkInput!) { createTaskLink(input: $input) { expiresAt } }", {
    input: { id: taskId, userId: olga.id },
  });
  const token = (await tenant.mails(olga.login)).at(-1)?.token ?? "";
  const page = await browser.page();
  await page.look({ width: 390, height: 844, colorScheme });
  const url = `${weft.url}/task#token=${token}`;
  await page.goto(url);
  return { page, taskId, olga, url };
}

const taskOf = async (id: string): Promise<unknown> =>
  (await manager.run<{ task: unknown }>("query ($id: ID!) { task(id: $id) { status transition completedBy { id } } }", { id })).task;

test.each(["light", "dark"] as const)("the page of a task link fits a phone, in the %s scheme", async (colorScheme) => {
  const { page } = await opened("offer", colorScheme);
  await page.untilText("h1", "Check the offer of Northwind Lifts");
  expect(await page.text("dl")).toContain("Six new lamps");
  expect(await page.text("form")).toMatch(/What you checked[^]*Comment[^]*Required for: Reject[^]*Audit:/);
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  expect(await page.evaluate(`[...document.querySelectorAll("button")].map((one) => [one.textContent, one.disabled])`)).toEqual([
    ["Approve", false],
    ["Reject", false],
    ["Audit", true],
  ]);
  expect(page.consoleErrors).toEqual([]);
});

const problemOf = (label: string): string =>
  `[...document.querySelectorAll(".field")].find((one) => one.querySelector("label").textContent.startsWith("${label}")).querySelector(".problem").textContent`;

const choose = (at: number): string => `(() => {
  const select = document.querySelector("select");
  select.value = "${at}";
  select.dispatchEvent(new Event("input", { bubbles: true }));
})()`;

test("a task with a form is completed with one button; problems are beside their fields", async () => {
  const { page, taskId, olga, url } = await opened();
  await page.click('button[value="approve"]');
  await page.until(`${problemOf("What you checked")} !== ""`);
  await page.evaluate(choose(0));
  await page.click('button[value="reject"]');
  await page.until(`${problemOf("Comment")} !== "" && ${problemOf("What you checked")} === ""`);
  await page.fill("textarea", "Too dear");
  await page.click('button[value="reject"]');
  await page.untilText("output", "The task is complete.");
  expect(await taskOf(taskId)).toEqual({ status: "COMPLETED", transition: "reject", completedBy: { id: olga.id } });
  await page.goto(`${weft.url}/health/live`);
  await page.goto(url);
  await page.untilText("output", "This task is done, or no longer needed.");
});

test("a transition with a form of its own has its fields and its button together", async () => {
  const { page, taskId, olga } = await opened("quote");
  await page.fill('input[type="number"]', "1000");
  expect(await page.text("fieldset")).toMatch(/Approve the quote[^]*Limit[^]*Approve/);
  await page.click('button[value="approve"]');
  await page.until(`${problemOf("Limit")} !== ""`);
  await page.fill('input[type="number"]', "50");
  await page.click('button[value="approve"]');
  await page.untilText("output", "The task is complete.");
  expect(await taskOf(taskId)).toEqual({ status: "COMPLETED", transition: "approve", completedBy: { id: olga.id } });
});

test("a field that depends on another answer is shown when it is needed", async () => {
  const { page } = await opened();
  await page.untilText("h1", "Check the offer");
  const isShown = `[...document.querySelectorAll(".field")].some((one) => !one.hidden && one.textContent.startsWith("Why only the terms"))`;
  expect(await page.evaluate(isShown)).toBe(false);
  await page.evaluate(choose(1));
  await page.until(isShown);
});

test("the page says who has taken the task", async () => {
  const { taskId, url } = await opened();
  const ben = await tenant.user("approver");
  await ben.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: taskId });
  const page = await browser.page();
  await page.goto(url);
  await page.untilText("output", "has taken this task.");
  expect(await page.evaluate(`document.querySelector("form").hidden`)).toBe(true);
});
