import {
  aMaintenanceTenant,
  startTestWeft,
  type MaintenanceRequest,
  type MaintenanceTenant,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { openBrowser, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { servePage, type PageServer } from "@weft/testkit/browser/serve-page";
import { buildReactPage } from "@weft/testkit/clients/build-react-page";
import { startTcpProxy, type TcpProxy } from "@weft/testkit/network/tcp-proxy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The page in src/testing/page, in StrictMode and under a strict content security policy, against a real Weft.

const inspection = `weft: 1
key: inspection
name: Inspection
initial: open
states:
  open:
    task:
      title: Inspect
      candidates: { roles: [operations] }
      sla: { title: Inspection, target: PT30M }
      form:
        title: Inspection
        fields:
          title: { type: text, required: true, maxLength: 20, help: In a few words }
          notes: { type: text, multiline: true }
          score: { type: number, integer: true, min: 0, max: 10, required: true }
          reason: { type: text, visible: "input.score < 5", required: true }
          cost: { type: money, currency: EUR }
          budget: { type: money, currency: [EUR, CHF] }
          day: { type: date }
          moment: { type: date, time: true }
          urgent: { type: boolean }
          risk: { type: choice, options: [{ value: a, label: Low }, { value: b, label: High }] }
          tools: { type: multiChoice, options: [drill, saw], required: true }
          helper: { type: user }
          place: { type: asset }
          photo: { type: file }
          parts: { type: table, columns: { name: { type: text, required: true }, pieces: { type: number, integer: true } } }
        checks:
          - { holds: "input.cost <= input.score * 100", message: This costs more than the score allows., field: cost }
    transitions: { finish: { title: Finish, to: done } }
  done: { final: completed }
`;

const review = `weft: 1
key: review
name: Review
initial: open
states:
  open:
    transitions:
      again: { title: Again, to: open }
      refuse: { title: Refuse, to: refused, comment: required }
      approve: { title: Approve, to: approved, when: "data.isReady == true" }
  refused: { final: rejected }
  approved: { final: completed }
data: { properties: { isReady: { type: boolean } } }
`;

let weft: TestWeft;
let proxy: TcpProxy;
let pages: PageServer;
let browser: TestBrowser;
beforeAll(async () => {
  pages = await servePage(await buildReactPage());
  weft = await startTestWeft({ settings: { WEFT_CORS_ORIGINS: pages.url } });
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await proxy?.close();
  await weft?.stop();
});

/** Opens the page as a user. */
async function open(user: TestUser, view = "", id = ""): Promise<TestPage> {
  const page = await browser.page();
  const query = new URLSearchParams({ weft: `http://127.0.0.1:${proxy.port}`, view, id });
  await page.goto(`${pages.url}/?${query.toString()}`);
  await page.fill("[name=login]", user.login);
  await page.fill("[name=password]", user.password);
  await page.click("#login button");
  return page;
}

/** Waits until the page shows the text. */
const expectText = (page: TestPage, selector: string, text: string): Promise<void> => page.untilText(selector, text);

const subscriptions = (page: TestPage): Promise<number> =>
  page.evaluate(`sent.filter((message) => JSON.parse(message).type === "subscribe").length`);

async function numberOf(user: TestUser, { id }: MaintenanceRequest): Promise<string> {
  const { request } = await user.run<{ request: { number: string } }>("query Number($id: ID!) { request(id: $id) { number } }", { id });
  return request.number;
}

async function start(user: TestUser, definitionKey: string): Promise<string> {
  const { startWorkflow } = await user.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation Start($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
    { input: { definitionKey } },
  );
  return startWorkflow.instance.id;
}

describe("a live list", () => {
  async function aList(): Promise<{ story: MaintenanceTenant; request: MaintenanceRequest; number: string; page: TestPage }> {
    const story = await aMaintenanceTenant(weft);
    const request = await story.request("triage");
    const number = await numberOf(story.operations, request);
    const page = await open(story.manager);
    await page.untilText("#list", `${number}: triage`);
    await page.untilText("#status", "live");
    return { story, request, number, page };
  }

  test("shows the change of another user", async () => {
    const { story, request, number, page } = await aList();
    await story.fire(story.operations, request, "escalate");
    await page.untilText("#list", `${number}: approval`);
    expect([page.consoleErrors, page.externalRequests]).toEqual([[], []]);
  });

  test("says that it is behind while the network is away, keeps its data, and catches up", async () => {
    const { story, request, number, page } = await aList();
    proxy.cut();
    try {
      await page.untilText("#status", "behind");
      await story.fire(story.operations, request, "escalate");
      expect(await page.text("#list")).toContain(`${number}: triage`);
    } finally {
      proxy.heal();
    }
    await page.untilText("#list", `${number}: approval`);
    await expectText(page, "#status", "live");
  });

  test("opens one subscription in StrictMode, and closes the socket after a logout", async () => {
    const { page } = await aList();
    expect(await subscriptions(page)).toBe(1);
    await page.click("#logout");
    await page.untilText("#status", "signedOut");
    await page.until("[...sockets].every(({ readyState }) => readyState === WebSocket.CLOSED)", "the socket is closed");
    expect(await subscriptions(page)).toBe(1);
  });

  test("forgets its data at logout, and shows the next user only their own", async () => {
    const { number, page } = await aList();
    await page.click("#logout");
    await page.untilText("#status", "signedOut");
    expect(await page.evaluate("document.querySelector('#list').children.length")).toBe(0);
    const other = await aMaintenanceTenant(weft);
    const theirs = await numberOf(other.operations, await other.request("triage"));
    await page.fill("[name=login]", other.manager.login);
    await page.fill("[name=password]", other.manager.password);
    await page.click("#login button");
    await page.untilText("#list", `${theirs}: triage`);
    await page.untilText("#status", "live");
    const shown = await page.evaluate<number>("document.querySelector('#list').children.length");
    expect([shown, number]).toEqual([1, expect.any(String)]);
  });

  test("useLive shows that an event has arrived", async () => {
    const story = await aMaintenanceTenant(weft);
    const request = await story.request("triage");
    const page = await open(story.manager, "events");
    await page.untilText("#event", "live no event");
    await story.fire(story.operations, request, "escalate");
    await page.untilText("#event", "live an event");
    expect(await subscriptions(page)).toBe(1);
  });
});

interface Inspection {
  readonly tenant: TestTenant;
  readonly operations: TestUser;
  readonly manager: TestUser;
  readonly instanceId: string;
  readonly taskId: string;
  readonly assetId: string;
}

async function anInspection(): Promise<Inspection> {
  const tenant = await weft.tenant();
  const { assetId } = await tenant.maintenance();
  await tenant.definition(inspection);
  const operations = await tenant.user("operations", { name: "Olive" });
  const manager = await tenant.user("workflow_manager", { name: "Mia" });
  const instanceId = await start(manager, "inspection");
  const { workflowInstance } = await operations.run<{ workflowInstance: { tasks: { id: string }[] } }>(
    "query Tasks($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: instanceId },
  );
  return { tenant, operations, manager, instanceId, taskId: workflowInstance.tasks[0]?.id ?? "", assetId };
}

/** Presses Tab until the element with this accessible name has the focus. */
async function tabTo(page: TestPage, name: string): Promise<void> {
  const named = `(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.innerText ?? element.getAttribute("aria-label") ?? element.innerText ?? "";
    return label.replace(" *", "").trim();
  })()`;
  for (let press = 0; press < 60; press++) {
    await page.press("Tab");
    if ((await page.evaluate<string>(named)) === name) return;
  }
  throw new Error(`No element with the name "${name}" can be reached with the Tab key.`);
}

const answers = (user: TestUser, id: string): Promise<Record<string, unknown> | undefined> =>
  user
    .run<{ workflowInstance: { history: { input: Record<string, unknown> | null }[] } }>(
      "query Answers($id: ID!) { workflowInstance(id: $id) { history { input } } }",
      { id },
    )
    .then(({ workflowInstance }) => workflowInstance.history.at(-1)?.input ?? undefined);

/** The smallest PNG: one transparent pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** Chooses a file as a user does. A script cannot open the dialog. What follows a PNG's end is not read. */
const choose = (name: string, type: string, size: number): string => `{
  const chosen = new DataTransfer();
  const bytes = new Uint8Array(${size});
  bytes.set(Uint8Array.from(atob("${png}"), (byte) => byte.charCodeAt(0)));
  chosen.items.add(new File([bytes], "${name}", { type: "${type}" }));
  const input = document.querySelector("[type=file]");
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}`;

describe("the form of a task", () => {
  async function opened(): Promise<Inspection & { page: TestPage }> {
    const story = await anInspection();
    const page = await open(story.operations, "task", story.taskId);
    await page.untilText("#task", "OPEN");
    return { ...story, page };
  }

  /** Fills in what is required, with the keyboard. */
  async function fillIn(page: TestPage): Promise<void> {
    await tabTo(page, "Finish");
    await page.press("Enter");
    await page.until(`document.activeElement?.labels?.[0]?.innerText.startsWith("Title")`, "the first field has the focus");
    await page.type("The roof");
    await tabTo(page, "Score");
    await page.type("7");
    await tabTo(page, "drill");
    await page.press("Space");
  }

  test("with a field of every type is filled in by keyboard alone, and submitted", async () => {
    const { page, operations, manager, instanceId, assetId } = await opened();
    await tabTo(page, "Finish");
    await page.press("Enter");
    await page.until(`document.activeElement?.labels?.[0]?.innerText.startsWith("Title")`, "the first field has the focus");
    await page.type("The roof");
    await tabTo(page, "Notes");
    await page.type("Two tiles");
    await tabTo(page, "Score");
    await page.type("4");
    // It was not there before.
    await tabTo(page, "Reason");
    await page.type("Rain");
    await tabTo(page, "Cost");
    await page.type("19.5");
    await tabTo(page, "Amount");
    await page.type("200");
    await tabTo(page, "Currency");
    await page.type("C");
    await tabTo(page, "Day");
    await page.type("03312026");
    await tabTo(page, "Moment");
    await page.type("03312026");
    await page.press("Tab");
    await page.type("0930AM");
    await tabTo(page, "Urgent");
    await page.press("Space");
    await tabTo(page, "Risk");
    await page.type("H");
    await tabTo(page, "drill");
    await page.press("Space");
    await tabTo(page, "Helper");
    await page.type("Mia");
    await page.until(`document.querySelector("[role=listbox]:not([hidden])")?.innerText.includes("Mia")`, "Mia is found");
    await page.press("ArrowDown");
    await page.press("Enter");
    await tabTo(page, "Place");
    await page.press("ArrowDown");
    await page.until(`document.querySelector("[role=listbox]:not([hidden])")?.innerText.includes("Elevator")`, "the elevator is found");
    await page.press("ArrowDown");
    await page.press("Enter");
    await tabTo(page, "Add a row");
    await page.press("Enter");
    await page.until(`document.activeElement?.labels?.[0]?.innerText.startsWith("Name")`, "the new row has the focus");
    await page.type("Tile");
    await tabTo(page, "Pieces");
    await page.type("2");
    await tabTo(page, "Comment (optional)");
    await page.type("Done");
    await page.press("Tab");
    await page.press("Enter");
    await page.untilText("#task", "COMPLETED");
    const sentAnswers = await answers(operations, instanceId);
    expect(sentAnswers).toMatchObject({
      title: "The roof",
      notes: "Two tiles",
      score: 4,
      reason: "Rain",
      cost: 19.5,
      budget: { amount: 200, currency: "CHF" },
      day: "2026-03-31",
      urgent: true,
      risk: "b",
      tools: ["drill"],
      helper: manager.id,
      place: assetId,
      parts: [{ name: "Tile", pieces: 2 }],
    });
    expect(new Date(String(sentAnswers?.["moment"])).getMinutes()).toBe(30);
    expect(page.consoleErrors).toEqual([]);
  });

  test("that is not complete is not sent: its first wrong field gets the focus, and says what is wrong", async () => {
    const { page } = await opened();
    await tabTo(page, "Finish");
    await page.press("Enter");
    await page.until(`document.activeElement?.labels?.[0]?.innerText.startsWith("Title")`, "the first field has the focus");
    await tabTo(page, "Score");
    await page.press("Enter");
    await page.until(`document.activeElement?.labels?.[0]?.innerText.startsWith("Title")`, "the first wrong field has the focus");
    const described = `(() => {
      const element = document.activeElement;
      const about = element.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).innerText);
      return [element.getAttribute("aria-invalid"), element.getAttribute("aria-required"), ...about];
    })()`;
    expect(await page.evaluate(described)).toEqual(["true", "true", "In a few words", "Fill in this field."]);
    await page.type("The roof");
    await page.until(`document.activeElement.getAttribute("aria-invalid") === "false"`, "the problem has gone");
  });

  test("shows what only the server knows to be wrong at its field, until the field is changed", async () => {
    const { page } = await opened();
    await fillIn(page);
    await page.evaluate(`document.querySelector("[data-name=title] input").focus()`);
    await tabTo(page, "Cost");
    await page.type("5000");
    await page.press("Enter");
    await page.untilText("[data-name=cost] [data-weft=problem]", "This costs more than the score allows.");
    const state = `(() => {
      const input = document.querySelector("[data-name=cost] input");
      const about = document.getElementById(input.getAttribute("aria-describedby"))?.innerText;
      return [input.getAttribute("aria-invalid"), about, document.activeElement === input];
    })()`;
    expect(await page.evaluate(state)).toEqual(["true", "This costs more than the score allows.", true]);
    await page.press("Backspace");
    await page.until(`document.querySelector("[data-name=cost] input").getAttribute("aria-invalid") === "false"`, "it is corrected");
    await page.press("Enter");
    await expectText(page, "#task", "COMPLETED");
  });

  test("is sent when the file that was chosen in it has been sent", async () => {
    const { page, operations, instanceId } = await opened();
    await fillIn(page);
    proxy.throttle(2_000_000);
    try {
      await page.evaluate(choose("roof.png", "image/png", 6_000_000));
      await page.untilText("[data-name=photo]", "Pause roof.png");
      await page.evaluate(`document.querySelector("[data-name=title] input").focus()`);
      await page.press("Enter");
    } finally {
      proxy.throttle(Number.POSITIVE_INFINITY);
    }
    await page.untilText("#task", "COMPLETED");
    expect(await answers(operations, instanceId)).toMatchObject({ title: "The roof", photo: expect.stringMatching(/^fil_/) as unknown });
  });

  test("tells of a conflict, loads the task again, and keeps the answers for the next attempt", async () => {
    const { page, manager, instanceId } = await opened();
    await fillIn(page);
    await manager.run("mutation Comment($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { version } } }", {
      input: { instanceId, comment: "Wait for me", audience: "PUBLIC" },
    });
    await page.evaluate(`document.querySelector("[data-name=title] input").focus()`);
    await page.press("Enter");
    await page.untilText("#conflict", "Changed from version 1 to 2");
    await page.untilText("[data-weft=error]", "version");
    await page.press("Enter");
    await expectText(page, "#task", "COMPLETED");
  });

  test("a click on Claim twice claims once, and the SLA counts down", async () => {
    const { page } = await opened();
    await page.evaluate(`document.querySelector("#claim").click(), document.querySelector("#claim").click()`);
    await page.untilText("#task", "CLAIMED Olive");
    expect(await page.evaluate("posted.filter((body) => body.includes('WeftClaimTask')).length")).toBe(1);
    await page.click("#release");
    await page.untilText("#task", "OPEN nobody");
    const before = await page.text("[role=timer]");
    expect(before).toMatch(/left$/);
    await page.until(`document.querySelector("[role=timer]").innerText !== ${JSON.stringify(before)}`, "a second has passed");
    expect(page.consoleErrors).toEqual([]);
  });
});

test("the form of a new request finds the building and the asset, and its answers are the input of createRequest", async () => {
  const tenant = await weft.tenant();
  const { typeId, buildingId, assetId } = await tenant.maintenance();
  const requester = await tenant.user("requester");
  const page = await open(requester, "new", typeId);
  await page.until(`document.querySelector("[data-weft=form]") !== null`, "the form is there");
  await tabTo(page, "Summary");
  await page.type("The elevator grinds");
  await tabTo(page, "Estimate");
  await page.type("12000");
  for (const [name, found] of [
    ["Building", "Headquarters"],
    ["Asset", "Elevator"],
  ] as const) {
    await tabTo(page, name);
    await page.type(found.slice(0, 4));
    await page.until(`document.querySelector("[role=listbox]:not([hidden])")?.innerText.includes("${found}")`, `${found} is found`);
    await page.press("ArrowDown");
    await page.press("Enter");
  }
  await tabTo(page, "Submit");
  await page.press("Enter");
  await page.untilText("#created", "MR-");
  const { requests } = await requester.run<{ requests: { edges: { node: unknown }[] } }>(
    "query Created { requests(first: 1) { edges { node { building { id } asset { id } } } } }",
  );
  expect(requests.edges[0]?.node).toMatchObject({ building: { id: buildingId }, asset: { id: assetId } });
});

describe("the transitions of an instance", () => {
  async function aReview(): Promise<{ page: TestPage; manager: TestUser; id: string }> {
    const tenant = await weft.tenant();
    await tenant.definition(review);
    const manager = await tenant.user("workflow_manager");
    const id = await start(manager, "review");
    const page = await open(manager, "instance", id);
    await page.untilText("h1", "Open");
    return { page, manager, id };
  }

  test("a transition that requires a comment asks for it, and fires with it", async () => {
    const { page, manager, id } = await aReview();
    await page.click("[data-name=refuse] button");
    await page.click("[data-weft=panel] [type=submit]");
    await page.untilText("[data-name=comment] [data-weft=problem]", "Fill in this field.");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
    await page.type("Too expensive");
    await page.click("[data-weft=panel] [type=submit]");
    await page.untilText("h1", "Refused");
    const { workflowInstance } = await manager.run<{ workflowInstance: { history: { comment: string | null }[] } }>(
      "query Comments($id: ID!) { workflowInstance(id: $id) { history { comment } } }",
      { id },
    );
    expect(workflowInstance.history.at(-1)?.comment).toBe("Too expensive");
  });

  test("one that is not allowed can be reached, is described by its reasons, and does nothing", async () => {
    const { page } = await aReview();
    const described = `(() => {
      const button = document.querySelector("[data-name=approve] button");
      button.focus();
      button.click();
      return [button.getAttribute("aria-disabled"), document.activeElement === button, document.getElementById(button.getAttribute("aria-describedby")).innerText];
    })()`;
    const [isDisabled, hasFocus, reasons] = await page.evaluate<[string, boolean, string]>(described);
    expect([isDisabled, hasFocus]).toEqual(["true", true]);
    expect(reasons.length).toBeGreaterThan(5);
    await expectText(page, "h1", "Open");
  });

  test("Escape closes the panel, and the button has the focus again", async () => {
    const { page } = await aReview();
    await page.click("[data-name=refuse] button");
    await page.until("document.activeElement.tagName === 'TEXTAREA'", "the panel has the focus");
    await page.press("Escape");
    await page.until("document.activeElement.tagName !== 'TEXTAREA'", "the panel is closed");
    expect(await page.evaluate("document.activeElement.innerText")).toBe("Refuse");
  });

  test("after a transition, the focus stays among the transitions", async () => {
    const { page } = await aReview();
    await page.click("[data-name=refuse] button");
    await page.fill("[data-weft=panel] textarea", "Too large");
    await page.press("Tab");
    await page.press("Enter");
    await expectText(page, "h1", "Refused");
    await page.until(`document.activeElement.matches("[data-weft=transitions]")`, "the group of the transitions has the focus");
  });

  test("a draft is open again after a reload, without taking the focus, until it is sent or canceled", async () => {
    const { page } = await aReview();
    const comment = `document.querySelector("[data-weft=panel] textarea")?.value`;
    await page.click("[data-name=refuse] button");
    await page.fill("[data-weft=panel] textarea", "Too large");
    await page.reload();
    await page.until(`${comment} === "Too large"`, "the draft is there");
    expect(await page.evaluate("document.activeElement.tagName")).toBe("BODY");
    await page.click("[data-weft=panel] button[type=button]");
    await page.until(`document.querySelector("[data-weft=panel]") === null`);
    await page.reload();
    await page.click("[data-name=refuse] button");
    await page.until(`${comment} === ""`, "nothing is left of what was canceled");
    await page.fill("[data-weft=panel] textarea", "Too small");
    await page.click("[data-weft=panel] button[type=submit]");
    await expectText(page, "h1", "Refused");
    expect(await page.evaluate(`sessionStorage.getItem("refuse")`)).toBe("null");
  });

  test("the history grows by pages, and the first new entry gets the focus", async () => {
    const { page } = await aReview();
    for (const count of [2, 3, 4, 5]) {
      await page.click("[data-name=again] button");
      await page.untilText("#count", String(count));
      await page.until(`document.querySelector("[data-weft=transitions]").getAttribute("aria-busy") === "false"`);
    }
    await page.evaluate(`[...document.querySelectorAll("button")].find(({ innerText }) => innerText === "Show 2 more").click()`);
    await page.until(`document.querySelectorAll("[data-weft=timeline] li").length === 4`, "the next page is shown");
    expect(await page.evaluate(`[...document.querySelectorAll("[data-weft=timeline] li")].indexOf(document.activeElement)`)).toBe(2);
  });
});

describe("files", () => {
  async function opened(): Promise<TestPage> {
    const story = await aMaintenanceTenant(weft);
    const page = await open(story.operations, "files");
    await page.untilText("main", "Photos");
    return page;
  }

  test("are sent with their progress, can be paused and resumed, and have an ID at the end", async () => {
    const page = await opened();
    proxy.throttle(2_000_000);
    try {
      await page.evaluate(choose("roof.png", "image/png", 12_000_000));
      await page.until(`document.querySelector("progress")?.value > 0`, "it shows progress");
      expect(await page.evaluate(`document.querySelector("progress").value < 12000000`)).toBe(true);
      await page.evaluate(`[...document.querySelectorAll("button")].find(({ innerText }) => innerText === "Pause roof.png").click()`);
      await page.untilText("[data-weft=uploads]", "Resume roof.png");
    } finally {
      proxy.throttle(Number.POSITIVE_INFINITY);
    }
    await page.evaluate(`[...document.querySelectorAll("button")].find(({ innerText }) => innerText === "Resume roof.png").click()`);
    await page.untilText("#uploaded", "fil_");
    await expectText(page, "[data-weft=file-drop] [role=status]", "roof.png is uploaded.");
  });

  test("can be canceled while they are sent", async () => {
    const page = await opened();
    proxy.throttle(2_000_000);
    try {
      await page.evaluate(choose("roof.png", "image/png", 12_000_000));
      await page.until(`document.querySelector("progress")?.value > 0`, "it shows progress");
      await page.evaluate(`[...document.querySelectorAll("button")].find(({ innerText }) => innerText === "Cancel roof.png").click()`);
      await page.until(`document.querySelectorAll("[data-weft=uploads] li").length === 0`, "it is gone");
    } finally {
      proxy.throttle(Number.POSITIVE_INFINITY);
    }
    expect(await page.text("#uploaded")).toBe("");
  });

  test("of another type are refused before they are sent, with the reason", async () => {
    const page = await opened();
    await page.evaluate(choose("roof.txt", "text/plain", 100));
    await expectText(page, "[data-weft=uploads] [role=alert]", "Files like roof.txt are not accepted here.");
  });

  test("an action that is not allowed says why", async () => {
    const page = await opened();
    await page.click("#team");
    await expectText(page, "[data-code=FORBIDDEN]", "team.update");
  });
});
