import { aMaintenanceTenant, type MaintenanceTenant, type TestUser } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

// The story of the demo (`pnpm demo`) in the console: five people in five windows, each of whom sees what the others do.

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

interface Place {
  /** Links that lead there, one after the other. */
  readonly links: readonly string[];
  /** What to type in the palette, and the command to choose. */
  readonly words: string;
  readonly command: string;
}

/** How people use the console. */
interface Hand {
  logIn(user: TestUser): Promise<TestPage>;
  goTo(page: TestPage, place: Place): Promise<void>;
  /** Opens the first task of the inbox. */
  openTask(page: TestPage): Promise<void>;
  /** Presses a button, or follows a link. */
  use(page: TestPage, selector: string): Promise<void>;
  write(page: TestPage, selector: string, text: string): Promise<void>;
  /** Chooses an entry of the list that belongs to the field with the focus. */
  choose(page: TestPage, option: string): Promise<void>;
  openWall(page: TestPage): Promise<void>;
}

const find = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;

const mouse: Hand = {
  logIn: (user) => site.openedAs(user),
  async goTo(page, { links }) {
    for (const link of links) await page.click(link);
  },
  openTask: (page) => page.click(".task-list .row"),
  use: (page, selector) => page.click(selector),
  async write(page, selector, text) {
    await page.click(selector);
    await page.type(text);
  },
  choose: (page, option) => page.click(option),
  openWall: (page) => page.click(".to-wall"),
};

/** What shows that an element has the focus: its own look, or that of what surrounds it. */
const look = (element: string): string => `JSON.stringify((() => {
  const looks = [];
  for (let one = ${element}; one && looks.length < 3; one = one.parentElement) {
    const { outlineStyle, outlineWidth, outlineColor, borderColor, boxShadow, backgroundColor } = getComputedStyle(one);
    looks.push([outlineStyle === "none" ? "" : outlineStyle + outlineWidth + outlineColor, borderColor, boxShadow, backgroundColor]);
  }
  return looks;
})())`;

/** More controls than a page has. */
const most = 100;

/** Presses Tab until an element has the focus, and expects that this is visible. */
async function tabTo(page: TestPage, selector: string): Promise<void> {
  await page.text(selector);
  const before = await page.evaluate<string>(look(find(selector)));
  let presses = 0;
  for (; !(await page.evaluate(`document.activeElement === ${find(selector)}`)); presses++) {
    if (presses === most) throw new Error(`Tab does not lead to ${selector}.`);
    await page.press("Tab");
  }
  if (presses > 0) await page.until(`${look(find(selector))} !== ${JSON.stringify(before)}`, `the focus on ${selector} is visible`);
}

/** Presses the arrow key until an entry of an open list is the one that Enter chooses. */
async function arrowTo(page: TestPage, option: string, isMarked: string): Promise<void> {
  await page.text(option);
  const isThere = `${find(option)}?.matches(${JSON.stringify(isMarked)})`;
  for (let presses = 0; !(await page.evaluate(isThere)); presses++) {
    if (presses === most) throw new Error(`The arrow keys do not lead to ${option}.`);
    await page.press("ArrowDown");
  }
  await page.press("Enter");
}

/** Without a mouse: no element is clicked or focused by the test. */
const keyboard: Hand = {
  async logIn({ login, password }) {
    const page = await site.opened();
    await page.until(`document.activeElement?.name === "login"`);
    await page.type(login);
    await tabTo(page, "[name=password]");
    await page.type(password);
    await page.press("Enter");
    await page.text(".user");
    return page;
  },
  async goTo(page, { words, command }) {
    await page.press("Control+k");
    await page.until(`document.activeElement?.closest("[role=dialog]") !== null`, "the palette has the focus");
    await page.type(words);
    await arrowTo(page, `[data-command="${command}"]`, "[data-selected]");
    await page.until(`${find("[role=dialog]")} === null`, "the palette is closed");
  },
  async openTask(page) {
    await page.text(".task-list .row");
    await page.press("j");
    await page.text(".task h1");
    await page.press("Enter");
    await page.until(`document.activeElement?.matches(".task h1")`, "the task has the focus");
  },
  async use(page, selector) {
    await tabTo(page, selector);
    await page.press("Enter");
  },
  async write(page, selector, text) {
    await tabTo(page, selector);
    await page.type(text);
  },
  choose: (page, option) => arrowTo(page, option, "[data-combobox-selected]"),
  async openWall(page) {
    await page.text(".dashboard");
    await page.press("w");
  },
};

/** Longer than anything takes on a busy machine. */
const deadlineMs = 20_000;

/** Returns the time at which a page shows something, without a reload of the page. */
const shownAt = (page: TestPage, expression: string): Promise<number> =>
  page.evaluate<number>(`new Promise((resolve, reject) => {
    const look = () => {
      if (!(${expression})) return;
      end();
      resolve(Date.now());
    };
    const observer = new MutationObserver(look);
    const timer = setTimeout(() => {
      end();
      reject(new Error(${JSON.stringify(expression)} + " is not true. The page shows: " + document.body.innerText));
    }, ${deadlineMs});
    const end = () => (observer.disconnect(), clearTimeout(timer));
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  })`);

const shows = (selector: string, text: string): string => `${find(selector)}?.innerText.includes(${JSON.stringify(text)})`;

interface Seen {
  readonly step: string;
  readonly by: string;
  readonly ms: number;
}

const updatedAt = "query ($id: ID!) { request(id: $id) { updatedAt } }";
const title = "The elevator grinds";
const requests: Place = { links: ['nav a[href^="/console/requests"]'], words: "Requests", command: "requests" };

/** Plays the story. Returns when the others saw each step, from its commit on. */
async function play(story: MaintenanceTenant, hand: Hand): Promise<Seen[]> {
  const seen: Seen[] = [];
  const { requester: rita, operations: olga, manager: mia, vendor, admin } = story;
  // One after the other, because a page loads slowly while four others do.
  const requester = await hand.logIn(rita);
  const operations = await hand.logIn(olga);
  const manager = await hand.logIn(mia);
  const technician = await hand.logIn(vendor.user);
  const wall = await hand.logIn(admin);
  const pages = { requester, operations, manager, technician, wall };
  for (const page of Object.values(pages)) await page.evaluate("void (globalThis.isFirst = true)");
  let id = "";
  /** Does a step, and waits until the others see it. */
  const step = async (name: string, act: () => Promise<unknown>, others: Partial<Record<keyof typeof pages, string>>): Promise<void> => {
    const watched = Object.entries(others).map(async ([by, expression]) => ({
      by,
      at: await shownAt(pages[by as keyof typeof pages], expression),
    }));
    const [times] = await Promise.all([Promise.all(watched), act()]);
    id ||= new URL(requester.url()).pathname.split("/").at(-1) ?? "";
    const { request } = await admin.run<{ request: { updatedAt: string } }>(updatedAt, { id });
    for (const { by, at } of times) seen.push({ step: name, by, ms: at - Date.parse(request.updatedAt) });
  };
  const wallShows = (transition: string): { wall: string } => ({ wall: shows(".wall-transitions", transition) });

  await hand.goTo(wall, { links: ['nav a[href="/console/dashboard"]'], words: "Dashboard", command: "dashboard" });
  await hand.openWall(wall);
  await wall.untilText(".wall-status", "Live");
  await operations.untilText(".task-list", "There is nothing to do for you.");
  await manager.untilText(".task-list", "There is nothing to do for you.");
  await technician.untilText(".portal", "No requests are assigned to your company.");

  await hand.use(requester, ".catalog .offer");
  await hand.write(requester, '[data-name="summary"] input', title);
  await hand.write(requester, '[data-name="estimate"] input', "12000");
  const send = async (): Promise<void> => {
    await hand.use(requester, ".portal .buttons button[type=submit]");
    await requester.untilText(".portal h1", title);
  };
  await step("sent", send, { operations: shows(".task-list .row", title), ...wallShows("Draft → Triage") });

  await hand.openTask(operations);
  await step("escalated", () => hand.use(operations, '[data-name="escalate"] button'), {
    manager: shows(".task-list .row", title),
    requester: shows(".steps", "Approval"),
    ...wallShows("Triage → Approval"),
  });
  await hand.goTo(operations, {
    links: [...requests.links, ".request-row .key a"],
    words: "grinds",
    command: id,
  });
  await operations.untilText(".request-main header", "Approval");

  await hand.openTask(manager);
  await step("approved", () => hand.use(manager, '[data-name="approve"] button'), {
    operations: shows(".request-main header", "Assigned"),
    requester: shows(".steps", "Assigned"),
    ...wallShows("Approval → Assigned"),
  });
  await hand.goTo(manager, requests);
  await manager.untilText('.request-row [data-column="state"]', "Assigned");

  await hand.use(operations, '[aria-label="Assign the request"]');
  await hand.write(operations, ".side-form input", "Vendor");
  await hand.choose(operations, '.side-form [data-combobox-option][value^="vendorId"]');
  await step("assigned", () => hand.use(operations, '.side-form button[type="submit"]'), {
    technician: shows(".mine .row", title),
    manager: shows('.request-row [data-column="assignee"]', "Vendor"),
  });

  await hand.use(technician, ".mine .row");
  await step("started", () => hand.use(technician, '[data-name="start"] button'), {
    operations: shows(".request-main header", "In progress"),
    manager: shows('.request-row [data-column="state"]', "In progress"),
    ...wallShows("Assigned → In progress"),
  });
  await hand.use(technician, '[data-name="complete"] button');
  await hand.write(technician, '[data-weft="panel"] [data-name="outcome"] :is(input, textarea)', "A new motor");
  await step("completed", () => hand.use(technician, '[data-weft="panel"] button[type="submit"]'), {
    requester: shows(".steps", "Please confirm it"),
    operations: shows(".request-main header", "Done"),
    manager: shows('.request-row [data-column="state"]', "Done"),
    ...wallShows("In progress → Done"),
  });

  await step("closed", () => hand.use(requester, '[data-name="close"] button'), {
    operations: shows(".request-main header", "Closed"),
    manager: `document.querySelector(".request-row") === null || ${shows('.request-row [data-column="state"]', "Closed")}`,
    technician: shows(".portal header .pill", "Closed"),
    ...wallShows("Done → Closed"),
  });
  await requester.untilText(".steps", "It is done.");
  for (const page of Object.values(pages)) {
    expect(await page.evaluate("globalThis.isFirst"), "the page was not loaded again").toBe(true);
    expectQuiet(page);
  }
  return seen;
}

test.each(Object.entries({ mouse, keyboard }))(
  "five people in five windows take a request from the portal to its end, and see each other's moves, with the %s alone",
  { timeout: 240_000 },
  async (name, hand) => {
    const story = await aMaintenanceTenant(site.weft);
    const seen = await play(story, hand);
    expect(seen).toHaveLength(21);
    const longest = seen.toSorted((one, other) => other.ms - one.ms);
    const text = longest.map(({ step, by, ms }) => `${step} → ${by} ${String(ms)}`).join(", ");
    console.log(`${name}: from the commit until another window shows it, in ms, the longest first: ${text}`);
  },
);
