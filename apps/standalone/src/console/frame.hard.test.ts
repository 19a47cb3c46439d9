import { totpCode, type TestUser } from "@weft/testkit";
import { expectAccessible, expectNoOverflow, expectQuiet, logIn, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

async function aUser(...titles: string[]) {
  const tenant = await site.weft.tenant();
  await tenant.definition(askedDefinition);
  const user = await tenant.user("operations");
  const ask = (title: string) => askUsers(tenant.admin, { title, whom: [user.id] });
  for (const title of titles) await ask(title);
  return { tenant, user, ask };
}

/** Presses Enter in the text field as soon as an element is drawn, before React runs any effect that does not belong to the drawing. */
const enterWhenThereIs = (selector: string): string => `new MutationObserver((_, observer) => {
  if (document.querySelector(${JSON.stringify(selector)}) === null) return;
  observer.disconnect();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true }));
}).observe(document.body, { childList: true, subtree: true })`;

const openPalette = `dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }))`;

test("Ctrl-K opens the palette, which goes to a page by typing and Enter", async () => {
  const { user } = await aUser();
  const page = await site.openedAs(user);
  await page.evaluate(openPalette);
  await page.text("[data-command=inbox-overdue]");
  await page.type("overdue");
  await page.until(`document.querySelectorAll("[data-command]").length === 1`);
  await page.press("Enter");
  await page.untilText(".task-list h1", "Overdue");
  await page.until(`document.querySelector("[role=dialog]") === null`);
  expectQuiet(page);
});

test("the palette finds a task by its title, with its markup as text, and remembers it", async () => {
  const markup = `Zebra <img src=x onerror="globalThis.isAttacked = true">`;
  const { user } = await aUser(markup);
  const page = await site.openedAs(user);
  await page.click(".tool.find");
  await page.text("[data-command=inbox-all]");
  await page.evaluate(enterWhenThereIs('[data-command^="tsk_"]'));
  await page.type("zebra");
  await page.untilText(".task h1", "Zebra");
  await page.evaluate(openPalette);
  await page.untilText('[data-command^="tsk_"]', markup);
  expect(await page.evaluate(`[globalThis.isAttacked ?? null, document.querySelector("[role=dialog] img")]`)).toEqual([null, null]);
  expectQuiet(page);
});

test("the palette changes colors and language, and logs out", async () => {
  const { user } = await aUser();
  const page = await site.openedAs(user);
  await page.evaluate(openPalette);
  await page.click("[data-command=colors-dark]");
  await page.until(`document.documentElement.dataset.mantineColorScheme === "dark"`);
  await page.evaluate(openPalette);
  await page.click("[data-command=language-de]");
  await page.until(`document.documentElement.lang === "de"`);
  await page.evaluate(openPalette);
  await page.click("[data-command=log-out]");
  await page.text("[name=login]");
  expect(page.externalRequests).toEqual([]);
});

test("a part whose file no longer exists after an update says so, and the rest of the page stays", async () => {
  const { user } = await aUser();
  const page = await site.openedAs(user);
  await page.text(".task-list");
  await page.block("*/assets/palette-*.js");
  await page.evaluate(openPalette);
  await page.untilText(".side .notice", "This could not be loaded. A newer version may be available.");
  await page.text(".task-list");
  expect(page.externalRequests).toEqual([]);
});

test("a notification raises the badge as it happens, leads to its task, and is read then", async () => {
  const { user, ask } = await aUser();
  const page = await site.openedAs(user);
  await page.untilText(".task-list", "There is nothing to do for you.");
  await ask("Water in the cellar");
  await page.untilText(".bell .badge", "1");
  await page.press("n");
  await page.untilText('.notifications [data-read="false"] .title', "Water in the cellar");
  await page.click(".notifications button.title");
  await page.untilText(".task h1", "Water in the cellar");
  await page.until(`document.querySelector(".bell .badge") === null`);
  expectQuiet(page);
});

test("all notifications are marked as read at once", async () => {
  const { user } = await aUser("One", "Two");
  const page = await site.openedAs(user);
  await page.untilText(".bell .badge", "2");
  await page.click(".bell");
  await page.until(`document.querySelectorAll('.notifications [data-read="false"]').length === 2`);
  await page.click(".notifications > .actions .link");
  await page.until(`document.querySelectorAll('.notifications [data-read="true"]').length === 2`);
  await page.until(`document.querySelector(".bell .badge") === null`);
  expectQuiet(page);
});

/** Sets up an authenticator app on the page, and keeps the recovery codes. Returns one of them. */
async function enrol(page: Awaited<ReturnType<TestConsole["opened"]>>): Promise<string> {
  await page.click("[data-action=enrol]");
  await page.click("form.fields button[type=submit]");
  await page.text(".qr");
  await page.fill("[name=first-code]", totpCode(await page.text(".secret")));
  await page.click("form.fields button[type=submit]");
  const code = await page.text(".codes code");
  await page.click(".codes .actions button:last-of-type");
  return code;
}

async function logInWith(page: Awaited<ReturnType<TestConsole["opened"]>>, { login, password }: TestUser, code: string): Promise<void> {
  await page.fill("[name=login]", login);
  await page.fill("[name=password]", password);
  await page.click("button[type=submit]");
  await page.fill("[name=code]", code);
  await page.click("button[type=submit]");
  await page.text(".user");
}

test("a user sets up an authenticator app, logs in with a recovery code, and removes the app", async () => {
  const { user } = await aUser();
  const page = await site.openedAs(user, { path: "/console/account/security" });
  const code = await enrol(page);
  await page.untilText("#recovery ~ p", "10 codes are left.");
  expectQuiet(page);
  const second = await site.opened("/console/account/security");
  await logInWith(second, user, code);
  await second.untilText("#recovery ~ p", "9 codes are left.");
  await second.click("[data-action=remove]");
  await second.fill("[name=proof]", "000000");
  await second.click("form.fields button[type=submit]");
  await second.text("form.fields [data-weft=error], form.fields [data-weft=problems]");
  // Browsers report the refusal of the login without a code.
  expect(second.externalRequests).toEqual([]);
});

test("a user whose organization requires a second factor sets one up in place of the page, and logs in with it", async () => {
  const { tenant, user } = await aUser("Look at the roof");
  await tenant.admin.run(
    'mutation ($patch: JSON) { updateConfiguration(input: { patch: $patch, message: "A test" }) { configuration { version } } }',
    {
      patch: { security: { secondFactor: "REQUIRED" } },
    },
  );
  const page = await site.opened();
  await page.fill("[name=login]", user.login);
  await page.fill("[name=password]", user.password);
  await page.click("button[type=submit]");
  await page.untilText("h1", "Set up a second factor");
  await expectAccessible(page);
  await expectNoOverflow(page);
  const code = await enrol(page);
  await page.untilText("h1", "Log in to Weft");
  await logInWith(page, user, code);
  await page.untilText(".row", "Look at the roof");
  expect(page.externalRequests).toEqual([]);
});

test("a user ends a session, and the window of that session asks for a login", async () => {
  const { user } = await aUser();
  const other = await site.openedAs(user);
  const page = await site.openedAs(user, { path: "/console/account/security" });
  await page.until(`document.querySelectorAll(".sessions li").length === 3`);
  await page.click(".sessions li:nth-of-type(2) .link");
  await page.until(`document.querySelectorAll(".sessions li").length === 2`);
  await page.click(".sessions li:nth-of-type(2) .link");
  await page.until(`document.querySelectorAll(".sessions li").length === 1`);
  await other.text("[name=login]");
  expectQuiet(page);
});

test("a user changes the name and the time zone, and a wrong time zone is refused without losing what was typed", async () => {
  const { user } = await aUser();
  const page = await site.openedAs(user, { path: "/console/account" });
  await page.fill("[name=name]", "Olga <b>Neu</b>");
  await page.fill("[name=timeZone]", "Mars/Base");
  await page.click("form.fields button[type=submit]");
  await page.text("form.fields [data-weft=error], form.fields [data-weft=problems]");
  expect(await page.evaluate(`document.querySelector("[name=name]").value`)).toBe("Olga <b>Neu</b>");
  await page.fill("[name=timeZone]", "Asia/Tokyo");
  await page.click("form.fields button[type=submit]");
  await page.untilText("form.fields [role=status]", "Saved");
  const { me } = await user.run<{ me: { name: string; profile: { timeZone: string } } }>("{ me { name profile { timeZone } } }");
  expect(me).toEqual({ name: "Olga <b>Neu</b>", profile: { timeZone: "Asia/Tokyo" } });
  expectQuiet(page);
});

test("a user who changed the account elsewhere sees what changed before it is saved", async () => {
  const { user } = await aUser();
  const page = await site.openedAs(user, { path: "/console/account" });
  await page.fill("[name=name]", "Olga Neu");
  await user.run("mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", {
    input: { title: "Caretaker" },
  });
  await page.click("form.fields button[type=submit]");
  await page.untilText(".changed", "Job title: – Caretaker");
  await page.click(".changed .link");
  await page.click("form.fields button[type=submit]");
  await page.untilText("form.fields [role=status]", "Saved");
  const { me } = await user.run<{ me: { name: string; profile: { title: string } } }>("{ me { name profile { title } } }");
  expect(me).toEqual({ name: "Olga Neu", profile: { title: "Caretaker" } });
  expectQuiet(page);
});

test("an email address without single sign-on says so, and the password still works", async () => {
  const { user } = await aUser();
  const page = await site.opened();
  await page.fill("[name=login]", "somebody@nowhere.example");
  await page.click("[data-action=single-sign-on]");
  await page.untilText(".choices", "There is no single sign-on for this email address.");
  await logIn(page, user);
  expectQuiet(page);
});

test("palette, notifications, account and security are accessible, and fit 390 pixels", async () => {
  const { user } = await aUser("Look at the roof");
  const page = await site.openedAs(user, { path: "/console/account" });
  await page.text("[name=timeZone]");
  await expectAccessible(page);
  await expectNoOverflow(page);
  await page.evaluate(openPalette);
  await page.text("[data-command=inbox-overdue]");
  await expectAccessible(page);
  await page.press("Escape");
  await page.until(`document.querySelector("[role=dialog]") === null`);
  await page.click(".bell");
  await page.text(".notifications li");
  await expectAccessible(page);
  await expectNoOverflow(page);
  await page.goto(`${site.weft.url}/console/account/security`);
  await page.text(".sessions li");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
});
