import { aMaintenanceTenant, type TestTenant, type TestUser } from "@weft/testkit";
import { expectAccessible, expectNoOverflow, expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

/** Its instances ask users for one task, or for one vote each. */
const asked = `weft: 1
key: asked
name: Asked
data: { type: object, properties: { title: { type: string }, whom: { type: array, items: { type: string } } } }
initial: open
states:
  open:
    task: { title: "{{ data.title }}", candidates: { from: data.whom } }
    transitions: { close: { title: Close, to: closed } }
  closed: { final: completed }
`;
const voted = `weft: 1
key: voted
name: Voted
data: { type: object, properties: { whom: { type: array, items: { type: string } } } }
initial: board
states:
  board:
    task: { title: Vote, for: data.whom }
    decide: { approve: all, reject: any }
    transitions: { approve: { title: Approve, to: approved }, reject: { title: Reject, to: rejected } }
  approved: { final: completed }
  rejected: { final: rejected }
`;

interface Team {
  readonly tenant: TestTenant;
  readonly user: TestUser;
  readonly other: TestUser;
  readonly ask: (title: string, ...whom: TestUser[]) => Promise<void>;
}

async function aTeam(): Promise<Team> {
  const tenant = await site.weft.tenant();
  await tenant.definition(asked);
  const user = await tenant.user("operations", { name: "Olga Ops" });
  const other = await tenant.user("operations", { name: "Peter Pan" });
  const start = 'mutation ($data: JSON) { startWorkflow(input: { definitionKey: "asked", data: $data }) { instance { id } } }';
  const ask: Team["ask"] = async (title, ...whom) => {
    await tenant.admin.run(start, { data: { title, whom: (whom.length > 0 ? whom : [user]).map(({ id }) => id) } });
  };
  return { tenant, user, other, ask };
}

const rows = `document.querySelectorAll(".row").length`;
const total = ".task-list > header .number";

test("a list of more than a hundred tasks loads while the user scrolls, and stays right when somebody decides one of the last", async () => {
  const { user, ask } = await aTeam();
  for (let from = 0; from < 120; from += 10) await Promise.all(Array.from({ length: 10 }, (_, index) => ask(`Task ${from + index}`)));
  const page = await site.openedAs(user, { path: "/console/inbox?order=oldest" });
  await page.untilText(total, "120");
  expect(await page.evaluate<number>(rows)).toBeLessThan(60);
  const reach = (last: number): Promise<void> =>
    page.until(
      `(document.querySelector(".rows").scrollTop = 1e9, document.querySelector('[aria-posinset="${last}"] .row') !== null)`,
      `row ${last} is there`,
    );
  await reach(120);
  expect(await page.evaluate<number>(rows)).toBeLessThan(60);
  const { tasks } = await user.run<{ tasks: { nodes: { node: { id: string } }[] } }>(
    "{ tasks(queue: OFFERED_TO_ME, orderBy: { field: CREATED_AT, direction: DESC }, first: 1) { nodes: edges { node { id } } } }",
  );
  await user.run('mutation ($id: ID!) { completeTask(input: { id: $id, transition: "close" }) { task { id } } }', {
    id: tasks.nodes[0]?.node.id,
  });
  await page.untilText(total, "119");
  await page.until(`document.querySelector('[aria-posinset="120"]') === null && document.querySelector('[aria-posinset="119"]') !== null`);
  expectQuiet(page);
});

test("search and filters narrow the list, stand in the address as chips, and survive a reload", async () => {
  const { user, ask } = await aTeam();
  await ask("Boiler drips");
  await ask("Window is open");
  const page = await site.openedAs(user);
  await page.until(`${rows} === 2`);
  await page.press("/");
  await page.type("boiler");
  await page.until(`${rows} === 1`);
  await page.until(`new URLSearchParams(location.search).get("text") === "boiler"`);
  await page.click(".filters .quiet");
  await page.click('[data-priority="NORMAL"]');
  await page.untilText(".chip", "Normal");
  await page.press("Escape");
  await page.reload();
  await page.untilText(".chip", "Normal");
  await page.untilText(".row", "Boiler drips");
  expect(await page.evaluate(rows)).toBe(1);
  await page.fill(".search-field", "nothing like this");
  await page.untilText(".task-list", "No task matches the filters.");
  await page.click(".task-list .message a");
  await page.until(`${rows} === 2`);
  expectQuiet(page);
});

test("every row of a request has its number", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await story.request("triage");
  const page = await site.openedAs(story.operations);
  await page.untilText(".row .key", "MR-1");
  expectQuiet(page);
});

test("a user delegates a task with the keyboard, and it appears with its new assignee", async () => {
  const { user, other, ask } = await aTeam();
  await ask("Look at the roof");
  const page = await site.openedAs(user);
  await page.until(`${rows} === 1`);
  await page.press("j");
  await page.text('[data-way="delegate"]');
  await page.press("d");
  await page.fill(".hand-over input", "Peter");
  await page.untilText("[role=option]", "Peter Pan");
  await page.press("ArrowDown");
  await page.press("Enter");
  await page.click(".hand-over button[type=submit]");
  await page.untilText(".row", "claimed by Peter Pan");
  const second = await site.openedAs(other, { path: "/console/inbox?queue=claimed" });
  await second.untilText(".row", "Look at the roof");
  for (const one of [page, second]) expectQuiet(one);
});

test("a question goes to the person who is asked, with its markup as text, and the answer ends it", async () => {
  const { user, other, ask } = await aTeam();
  await ask("Order a pump", user, other);
  const page = await site.openedAs(user);
  await page.click(".row");
  await page.click('[data-way="ask"]');
  await page.fill(".hand-over input", "Peter");
  await page.untilText("[role=option]", "Peter Pan");
  await page.click("[role=option]");
  const markup = `<img src=x onerror="globalThis.isAttacked = true">Which one?`;
  await page.fill(".hand-over textarea", markup);
  await page.click(".hand-over button[type=submit]");
  await page.untilText(".question", "Waiting for an answer from Peter Pan");
  await page.untilText(".question .words", markup);
  const second = await site.openedAs(other);
  await second.click(".row");
  await second.untilText(".question", "Olga Ops asks you");
  await second.fill(".question textarea", "The blue one");
  await second.click(".question button[type=submit]");
  await page.until(`document.querySelector(".question") === null`);
  for (const one of [page, second]) {
    expect(await one.evaluate(`[globalThis.isAttacked ?? null, document.querySelector(".inbox img")]`)).toEqual([null, null]);
    expectQuiet(one);
  }
});

test("a task that several people decide shows who has decided what", async () => {
  const { tenant, user, other } = await aTeam();
  await tenant.definition(voted);
  await tenant.admin.run('mutation ($data: JSON) { startWorkflow(input: { definitionKey: "voted", data: $data }) { instance { id } } }', {
    data: { whom: [user.id, other.id] },
  });
  const page = await site.openedAs(user);
  await page.click(".row");
  await page.untilText(".votes", "2 people decide together");
  await page.untilText(".votes", "0 done");
  const second = await site.openedAs(other);
  await second.click(".row");
  await second.click('[data-name="approve"] button');
  await page.untilText('.votes [data-status="COMPLETED"]', "Peter Pan");
  await page.untilText('.votes [data-status="COMPLETED"]', "Approve");
  for (const one of [page, second]) expectQuiet(one);
});

test("filters, a panel and a question are accessible, and fit 390 pixels", async () => {
  const { user, ask } = await aTeam();
  await ask("Look at the roof");
  const page = await site.openedAs(user, { path: "/console/inbox?order=newest" });
  await page.click(".filters .quiet");
  await page.text('[data-priority="NORMAL"]');
  await expectAccessible(page);
  await expectNoOverflow(page);
  await page.press("Escape");
  await page.until(`document.querySelector("[role=menu]") === null`);
  await page.click(".row");
  await page.click('[data-way="ask"]');
  await page.text(".hand-over textarea");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
});
