import { aMaintenanceTenant, type MaintenanceTenant, type TestUser } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { expectAccessible, expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
beforeAll(async () => {
  site = await openConsole();
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

const setProfile = (user: TestUser, profile: { readonly timeZone: string; readonly locale?: string }) =>
  user.run("mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", { input: profile });
const configure = ({ admin }: Pick<MaintenanceTenant, "admin">, patch: object) =>
  admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
    input: { patch, message: "For a test" },
  });

/** A request that is due at a time. Returns its path. */
async function due(story: MaintenanceTenant, dueAt: string): Promise<string> {
  const { id } = await story.request("triage");
  await story.operations.run("mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }", {
    input: { id, dueAt },
  });
  return `/console/requests/${id}`;
}

const dueAtOf = async (user: TestUser, path: string): Promise<string | null> => {
  const found = await user.run<{ request: { dueAt: string | null } }>("query ($id: ID!) { request(id: $id) { dueAt } }", {
    id: path.split("/").at(-1),
  });
  return found.request.dueAt;
};

/** Waits until a time among the properties has a tooltip that begins so. */
const untilTitle = (page: TestPage, beginning: string): Promise<void> =>
  page.until(
    `[...document.querySelectorAll(".properties time")].some(({ title }) => title.startsWith(${JSON.stringify(beginning)}))`,
    `there is a time of ${beginning}`,
  );

/** In Auckland, the first of April. */
const lateInMarch = "2027-03-31T13:30:00.000Z";

test("a due date is shown and taken in the time zone of the profile, in which the day is another one", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await setProfile(story.operations, { timeZone: "Pacific/Auckland", locale: "en-NZ" });
  const path = await due(story, lateInMarch);
  const page = await site.openedAs(story.operations, { path });
  await untilTitle(page, "1 Apr 2027, 2:30");
  await page.click(".request-side > section:first-child > .link");
  await page.until(`document.querySelector(".side-form [type=datetime-local]").value === "2027-04-01T02:30"`);
  await page.evaluate(`(() => {
    const field = document.querySelector(".side-form [type=datetime-local]");
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, "2027-04-02T00:15");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  })()`);
  await page.click(".side-form button[type=submit]");
  await untilTitle(page, "2 Apr 2027, 12:15");
  expect(await dueAtOf(story.operations, path)).toBe("2027-04-01T11:15:00.000Z");
  expectQuiet(page);
});

test("a range of days has the days of the user's time zone", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await setProfile(story.operations, { timeZone: "Pacific/Auckland", locale: "en-NZ" });
  await due(story, "2027-03-31T10:30:00.000Z");
  await due(story, lateInMarch);
  await due(story, "2027-04-01T11:30:00.000Z");
  const page = await site.openedAs(story.operations, { path: "/console/requests?due=2027-04-01..2027-04-01" });
  await page.untilText(".chip", "1 Apr 2027 – 1 Apr 2027");
  await page.until(`document.querySelectorAll(".request-row").length === 1`);
  await page.untilText(".request-row", "MR-2");
  expectQuiet(page);
});

const dayMs = 86_400_000;

test("tomorrow begins at midnight where the user is", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await setProfile(story.operations, { timeZone: "Pacific/Kiritimati" });
  // 14 hours ahead of UTC all year.
  const midnight = Math.ceil((Date.now() + 14 * 3_600_000) / dayMs) * dayMs - 14 * 3_600_000;
  const atItsEnd = await due(story, new Date(midnight + dayMs - 1_000).toISOString());
  const afterIt = await due(story, new Date(midnight + dayMs + 60_000).toISOString());
  const page = await site.openedAs(story.operations, { path: atItsEnd });
  await page.untilText(".properties", "tomorrow");
  await page.goto(new URL(afterIt, page.url()).href);
  await page.untilText(".properties", "in 2 days");
  expectQuiet(page);
});

test("without a time zone of their own, users have that of the organization, also when it changes while they look", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await configure(story, { timeZone: "America/Los_Angeles" });
  const page = await site.openedAs(story.operations, { path: await due(story, "2027-03-31T03:30:00.000Z") });
  await untilTitle(page, "Mar 30, 2027, 8:30");
  await configure(story, { timeZone: "Pacific/Auckland", locale: "de-CH" });
  await untilTitle(page, "31 Mar 2027, 16:30");
  expectQuiet(page);
});

test("numbers and dates are written as in the region of the profile, in the language of the console", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await setProfile(story.operations, { timeZone: "Pacific/Auckland", locale: "de-CH" });
  const page = await site.openedAs(story.operations, { path: await due(story, lateInMarch) });
  await untilTitle(page, "1 Apr 2027, 02:30");
  await page.until(`/12[’']000/.test(document.querySelector(".details").innerText)`, "the number is written as in Switzerland");
  expectQuiet(page);
});

test("a profile that is saved applies to the frame and to times at once", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const path = await due(story, lateInMarch);
  const page = await site.openedAs(story.operations, { path: "/console/account" });
  await page.fill("form [name=name]", "Moana Rangi");
  await page.fill("form [name=timeZone]", "Pacific/Auckland");
  await page.fill("form [name=locale]", "en-NZ");
  await page.click("form button[type=submit]");
  await page.untilText(".user", "Moana Rangi");
  await page.evaluate(`history.pushState(null, "", ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent("popstate"))`);
  await untilTitle(page, "1 Apr 2027, 2:30");
  expectQuiet(page);
});

test("an organization's name, color and contact for help show in the frame as they are set, and a logo of another server does not", async () => {
  const story = await aMaintenanceTenant(site.weft);
  const page = await site.openedAs(story.operations);
  await page.untilText(".brand", story.tenant.name);
  await configure(story, {
    branding: {
      name: "Harbor <b>Desk</b>",
      logoUrl: "https://cdn.example.com/logo.png",
      primaryColor: "#ffe600",
      supportEmail: "help@harbor.example",
    },
  });
  await page.untilText(".brand", "Harbor <b>Desk</b>");
  await page.until(`document.title.endsWith("Harbor <b>Desk</b>")`);
  await page.until(`document.documentElement.style.getPropertyValue("--accent") !== ""`);
  await page.click(".user");
  await page.untilText('[role=menu] a[href="mailto:help@harbor.example"]', "help@harbor.example");
  expect(await page.evaluate(`document.querySelector(".brand img").src.endsWith("/console/favicon.svg")`)).toBe(true);
  expectQuiet(page);
});

test.each(["#ffe600", "#0a0a0a", "#7f7f7f"])("texts can be read with the color %s", async (primaryColor) => {
  const story = await aMaintenanceTenant(site.weft);
  await configure(story, { branding: { primaryColor } });
  await story.request("triage");
  const page = await site.openedAs(story.operations, { path: "/console/requests" });
  await page.text(".request-row");
  await page.until(`document.documentElement.style.getPropertyValue("--accent") !== ""`);
  await page.click(".request-row input");
  await expectAccessible(page);
  expectQuiet(page);
});

test("the login page has the colors of Weft again", async () => {
  const story = await aMaintenanceTenant(site.weft);
  await configure(story, { branding: { primaryColor: "#1d4ed8" } });
  const page = await site.openedAs(story.operations);
  await page.until(`document.documentElement.style.getPropertyValue("--accent") !== ""`);
  await page.click(".user");
  await page.click("[data-logs-out]");
  await page.text("[name=login]");
  expect(await page.evaluate(`document.documentElement.style.getPropertyValue("--accent")`)).toBe("");
  // Browsers report the refusal of requests that were on their way.
  expect(page.externalRequests).toEqual([]);
});
