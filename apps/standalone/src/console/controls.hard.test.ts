import { aMaintenanceTenant, type MaintenanceTenant, type TestUser } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { drawn } from "@weft/testkit/sizes";
import { openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let site: TestConsole;
let story: MaintenanceTenant;
beforeAll(async () => {
  site = await openConsole();
  story = await aMaintenanceTenant(site.weft);
  for (const stage of ["triage", "triage", "approval", "assigned", "done"] as const) await story.request(stage);
}, 240_000);
afterEach(() => site.closePages());
afterAll(() => site?.stop());

interface Pressed {
  readonly control: string;
  /** What happened: the address, the page, the focus, a request. */
  readonly effects: readonly string[];
}

/**
 * Clicks a control of the page that has not been clicked yet, and returns what it was and what happened within two seconds. Null: all are clicked. A
 * control that is disabled says why in its description, which other tests check.
 */
const clickNext = `(async () => {
  const pressed = new Set(JSON.parse(sessionStorage.getItem("pressed") ?? "[]"));
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0 && !element.closest("[inert], [aria-hidden=true]");
  const nameOf = (element) => [
    location.pathname.replace(/_[0-9a-z]{26}/, ""), element.tagName.toLowerCase(), element.getAttribute("role") ?? "", element.getAttribute("name") ?? "",
    (element.getAttribute("aria-label") ?? element.innerText ?? "").trim().replace(/[0-9]+/g, "#").slice(0, 40),
  ].filter(Boolean).join(" ");
  const scope = document.querySelector("[role=dialog], [role=menu]") ?? document;
  const control = [...scope.querySelectorAll("a[href], button, summary, input, select, textarea, [role=menuitem], [role=menuitemradio], [role=menuitemcheckbox], [role=option], [role=tab]")]
    .find((element) => isShown(element) && !element.disabled && element.getAttribute("aria-disabled") !== "true"
      && !element.matches("[data-logs-out]") && !pressed.has(nameOf(element)));
  if (!control) return null;
  const name = nameOf(control);
  sessionStorage.setItem("pressed", JSON.stringify([...pressed, name]));
  const effects = new Set();
  control.focus();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  if (!control.isConnected) return { control: name, effects: ["is gone"] };
  const address = location.href;
  const focused = document.activeElement;
  const wasChecked = control.checked;
  const requests = performance.getEntriesByType("resource").length;
  const onClick = (event) => event.target.matches?.("input[type=file]") && effects.add("picker");
  // A form that is not complete says so.
  const onInvalid = () => effects.add("invalid");
  addEventListener("click", onClick, true);
  addEventListener("invalid", onInvalid, true);
  // Times change by themselves.
  const isMeant = ({ target }) => !(target instanceof Element ? target : target.parentElement)?.closest("time, [role=timer]");
  const observer = new MutationObserver((changes) => changes.some(isMeant) && effects.add("page"));
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  // What is loaded when it is opened for the first time opens a moment later: the next click would open a second one over it.
  const popup = "[role=dialog], [role=menu]";
  const hasToOpen = control.matches("[aria-haspopup=dialog], [aria-haspopup=menu]") && document.querySelector(popup) === null;
  const isDone = () => (hasToOpen ? document.querySelector(popup) !== null : effects.size > 0);
  control.click();
  for (let waited = 0; waited < 40 && !isDone(); waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (location.href !== address) effects.add("address");
    if (document.activeElement !== focused) effects.add("focus");
    if (control.checked !== wasChecked) effects.add("checked");
    if (performance.getEntriesByType("resource").length > requests) effects.add("request");
    // A dialog that opens can have moved the focus meanwhile.
    if (control.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=file])") && !control.readOnly && (control.focus(), document.activeElement === control)) effects.add("field");
    if (control.matches("a[aria-current], a[href='" + location.pathname + location.search + "'], input[type=radio]:checked, [role=menuitemradio][aria-checked=true], [aria-pressed=true]")) effects.add("is here");
  }
  observer.disconnect();
  removeEventListener("click", onClick, true);
  removeEventListener("invalid", onInvalid, true);
  return { control: name, effects: isDone() ? [...effects] : [] };
})()`;

/** More controls than a page has. */
const most = 150;

/** Clicks every control of the pages, and of those that they lead to in place, each once. */
async function clickAll(page: TestPage, more: readonly string[]): Promise<Pressed[]> {
  const pressed: Pressed[] = [];
  const paths = await page.evaluate<string[]>(
    `[...document.querySelectorAll("aside a[href]")].map(({ pathname, search }) => pathname + search)`,
  );
  for (const path of [...paths, ...more]) {
    await page.goto(site.weft.url + path);
    await page.text(".user");
    await page.until(`document.querySelector("[aria-busy=true]") === null`);
    for (let clicks = 0; ; clicks++) {
      if (clicks === most)
        throw new Error(
          `${path} has always one more control: ${pressed
            .slice(-5)
            .map(({ control }) => control)
            .join(", ")}`,
        );
      const next = await page.evaluate<Pressed | null>(clickNext);
      if (next !== null) pressed.push(next);
      else if (await page.evaluate(`document.querySelector("[role=dialog], [role=menu]") !== null`)) {
        await page.press("Escape");
        await page.until(`document.querySelector("[role=dialog], [role=menu]") === null`, "Escape closes the dialog or menu");
      } else break;
    }
  }
  return pressed;
}

const personas: Readonly<Record<string, () => Promise<TestUser>>> = {
  "a user without any permission": async () => {
    await story.tenant.role("nothing", []);
    return story.tenant.user("nothing");
  },
  "a vendor's user": () => Promise.resolve(story.vendor.user),
  "a requester": () => Promise.resolve(story.requester),
  "an approver": () => Promise.resolve(story.manager),
  "somebody of operations": () => Promise.resolve(story.operations),
  "an administrator": () => Promise.resolve(story.admin),
  "a platform operator": async () => (await site.weft.platform()).operator,
};

test.each(drawn(Object.keys(personas), { of: 2 }))("each control that %s sees does something", async (persona) => {
  const user = await personas[persona]?.();
  if (!user) throw new Error(persona);
  const page = await site.openedAs(user);
  const request = await story.request("triage");
  const pressed = await clickAll(page, [
    `/console/requests/${request.id}`,
    "/console/requests?layout=board",
    `/console/audit?object=${request.id}`,
    "/console/portal/new/maintenance",
  ]);
  expect(pressed.length).toBeGreaterThan(3);
  expect(pressed.filter(({ effects }) => effects.length === 0)).toEqual([]);
  expect(page.consoleErrors).toEqual([]);
  expect(page.externalRequests).toEqual([]);
});
