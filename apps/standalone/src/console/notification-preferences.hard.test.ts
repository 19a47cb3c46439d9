import type { TestUser } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { expectAccessible, expectNoOverflow, expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

interface Choice {
  readonly kind: string;
  readonly channel: string;
  readonly isEnabled: boolean;
  readonly source: string;
}

interface Preferences {
  readonly preferences: readonly Choice[];
  readonly quietHours: { readonly from: string; readonly to: string } | null;
  readonly snoozedUntil: string | null;
}

const preferencesOf = async (user: TestUser): Promise<Preferences> => {
  const { notificationPreferences } = await user.run<{ notificationPreferences: Preferences }>(
    "{ notificationPreferences { preferences { kind channel isEnabled source } quietHours { from to } snoozedUntil } }",
  );
  return notificationPreferences;
};
const byEmail = async (user: TestUser, kind: string) => {
  const { preferences } = await preferencesOf(user);
  const { isEnabled, source } = preferences.find((one) => one.kind === kind && one.channel === "EMAIL") ?? {};
  return { isEnabled, source };
};
const prefer = (user: TestUser, input: object) =>
  user.run(
    "mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { notificationPreferences { timeZone } } }",
    { input },
  );
const makeMandatory = (admin: TestUser, kinds: readonly string[]) =>
  admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { patch: { notifications: { mandatoryEmailKinds: kinds } }, message: "For a test" },
  });

async function aUser(role = "operations") {
  const tenant = await site.weft.tenant();
  return { tenant, user: await tenant.user(role) };
}

const openAs = async (user: TestUser): Promise<TestPage> => {
  const page = await site.openedAs(user, { path: "/console/account/notifications" });
  await page.text(".kinds");
  return page;
};
const box = (kind: string, channel = "EMAIL"): string => `[data-kind="${kind}"] [data-channel="${channel}"]`;
const allByEmail = ".kinds .all td:nth-of-type(2) input";
const isChecked = (selector: string): string => `document.querySelector(${JSON.stringify(selector)}).checked`;

test("emails about a kind are turned on with one click, and off again with Undo", async () => {
  const { user } = await aUser();
  const page = await openAs(user);
  await page.click(box("TASK_OVERDUE"));
  await page.untilText(".saved", "Saved");
  expect(await byEmail(user, "TASK_OVERDUE")).toEqual({ isEnabled: true, source: "KIND" });
  await page.click("[data-action=undo]");
  await page.untilText(".saved", "Restored");
  await page.until(`!${isChecked(box("TASK_OVERDUE"))}`);
  expect(await byEmail(user, "TASK_OVERDUE")).toEqual({ isEnabled: false, source: "ORGANIZATION" });
  expectQuiet(page);
});

test("a channel is turned on for all kinds, and Undo restores the choices of single kinds", async () => {
  const { user } = await aUser();
  await prefer(user, { preferences: [{ kind: "TASK_OPENED", channel: "EMAIL", isEnabled: true }] });
  const page = await openAs(user);
  await page.until(`document.querySelector(${JSON.stringify(allByEmail)}).indeterminate`);
  await page.click(allByEmail);
  await page.untilText(".saved", "Saved");
  await page.until(`${isChecked(allByEmail)} && ${isChecked(box("REQUEST_MENTION"))}`);
  expect(await byEmail(user, "TASK_OPENED")).toEqual({ isEnabled: true, source: "ALL_KINDS" });
  await page.click("[data-action=undo]");
  await page.untilText(".saved", "Restored");
  await page.until(`${isChecked(box("TASK_OPENED"))} && !${isChecked(box("REQUEST_MENTION"))}`);
  expect(await byEmail(user, "TASK_OPENED")).toEqual({ isEnabled: true, source: "KIND" });
  expect(await byEmail(user, "REQUEST_MENTION")).toEqual({ isEnabled: false, source: "ORGANIZATION" });
  expectQuiet(page);
});

test("what the organization requires cannot be turned off, and says why", async () => {
  const { tenant, user } = await aUser();
  await makeMandatory(tenant.admin, ["TASK_OVERDUE"]);
  const page = await openAs(user);
  await page.untilText('[data-kind="TASK_OVERDUE"]', "Your organization requires it.");
  expect(await page.evaluate(`document.querySelector(${JSON.stringify(box("TASK_OVERDUE"))}).disabled`)).toBe(true);
  expectQuiet(page);
});

test("a change that is refused is taken back, with the reason", async () => {
  const { tenant, user } = await aUser();
  await prefer(user, { preferences: [{ kind: "TASK_OVERDUE", channel: "EMAIL", isEnabled: true }] });
  const page = await openAs(user);
  await makeMandatory(tenant.admin, ["TASK_OVERDUE"]);
  await page.click(box("TASK_OVERDUE"));
  await page.untilText('.account-page [data-weft="error"], .account-page [data-weft="problems"]', "TASK_OVERDUE");
  expect(await page.evaluate(isChecked(box("TASK_OVERDUE")))).toBe(true);
  expectQuiet(page);
});

test("quiet hours are set with the keyboard alone, and removed", async () => {
  const { user } = await aUser();
  const page = await openAs(user);
  await page.evaluate(`document.querySelector("[name=quiet-from]").focus()`);
  for (const keys of ["0800PM", "\t", "0630AM"]) await (keys === "\t" ? tabTo(page, "quiet-to") : page.type(keys));
  await page.evaluate(`document.activeElement.blur()`);
  await page.untilText(".saved", "Saved");
  expect((await preferencesOf(user)).quietHours).toEqual({ from: "20:00", to: "06:30" });
  await page.click("[data-action=no-quiet-hours]");
  await page.until(`document.querySelector("[name=quiet-from]").value === "" && document.querySelector(".saved")`);
  expect((await preferencesOf(user)).quietHours).toBeNull();
  expectQuiet(page);
});

/** Presses Tab until a field has the focus: a time has several stops. */
async function tabTo(page: TestPage, name: string): Promise<void> {
  while (!(await page.evaluate(`document.activeElement.name === ${JSON.stringify(name)}`))) await page.press("Tab");
}

test("messages wait until tomorrow morning where the user is, and are sent again when they want", async () => {
  const { user } = await aUser();
  await user.run("mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", {
    input: { timeZone: "Pacific/Kiritimati" },
  });
  const page = await openAs(user);
  await page.click("[data-snooze=tomorrow]");
  await page.untilText("[aria-labelledby=quiet-times]", "8:00");
  await page.untilText(".saved", "Saved");
  const { snoozedUntil } = await preferencesOf(user);
  // 14 hours ahead of UTC all year.
  expect(snoozedUntil).toMatch(/T18:00:00/);
  await page.click("[data-snooze=end]");
  await page.until(`document.querySelector("[data-snooze=hour]") && document.querySelector(".saved")`);
  expect((await preferencesOf(user)).snoozedUntil).toBeNull();
  expectQuiet(page);
});

test("a chat is added and has a column then, and is removed after a question", async () => {
  const { user } = await aUser();
  const page = await openAs(user);
  await page.click("[data-action=add-chat]");
  await page.fill("[name=destination-name]", "My <b>chat</b>");
  await page.fill("[name=destination-address]", "https://hooks.example.invalid/secret");
  await page.press("Enter");
  await page.text(box("TASK_OPENED", "CHAT"));
  await page.untilText("[aria-labelledby=destinations] li", "My <b>chat</b>");
  await page.click("[aria-labelledby=destinations] li .link");
  await page.click("[aria-labelledby=destinations] li .link");
  await page.until(`document.querySelector("[aria-labelledby=destinations] li") === null`);
  await page.until(`document.querySelector(${JSON.stringify(box("TASK_OPENED", "CHAT"))}) === null`);
  expectQuiet(page);
});

test("users see the kinds that they can get", async () => {
  const { tenant, user } = await aUser("requester");
  const page = await openAs(user);
  expect(await page.evaluate(`document.querySelector('[data-kind="WEBHOOK_DISABLED"]')`)).toBeNull();
  const other = await openAs(tenant.admin);
  await other.text('[data-kind="WEBHOOK_DISABLED"]');
  for (const one of [page, other]) expectQuiet(one);
});

test("the page of notification preferences is accessible, also on a phone", async () => {
  const { user } = await aUser();
  const page = await openAs(user);
  await page.click(box("TASK_OVERDUE"));
  await page.untilText(".saved", "Saved");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
});
