import { ApiClient, startTestWeft, type TestWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { openBrowser, type TestBrowser, type TestPage } from "@weft/testkit/browser/open-browser";
import { buildConsole, expectQuiet } from "@weft/testkit/browser/open-console";
import { demoPassword } from "@weft/shared/demo";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { loadExampleOperations } from "./examples.js";
import { seedDemo } from "./seed/seed.js";
import { playStory } from "./story/story.js";

let weft: TestWeft;
let browser: TestBrowser;
let requester: ApiClient;
let admin: ApiClient;
beforeAll(async () => {
  await buildConsole();
  weft = await startTestWeft({ alone: "Its page opens many connections.", settings: { WEFT_CONSOLE: "on" } });
  const makeHistory = await seedDemo(weft.weft.services, new ApiClient(weft.url, undefined, weft.weft.gateway.fetch), {
    history: { idle: () => weft.weft.worker.idle() },
  });
  await makeHistory?.();
  requester = await as("requester@acme.com");
  admin = await as("admin@acme.com");
  browser = await openBrowser();
}, 300_000);
afterEach(() => browser.closePages());
afterAll(async () => {
  await browser.close();
  await weft.stop();
});

async function as(login: string): Promise<ApiClient> {
  const query = "mutation ($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }";
  const answer = await new ApiClient(weft.url).run<{ login: { accessToken: string } }>(query, { login, password: demoPassword(login) });
  return new ApiClient(weft.url, answer.login.accessToken);
}

/** Creates a request that waits for operations. */
async function submitRequest(): Promise<{ id: string; number: string }> {
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string; number: string } } }>(
    `mutation { createRequest(input: { typeKey: "maintenance", data: { summary: "The door sticks", estimate: 100 } }) { request { id number } } }`,
  );
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id: createRequest.request.id });
  return createRequest.request;
}

/** Opens the landing page, clicks a demo login, and waits for the explorer. */
async function signedIn(login: string): Promise<TestPage> {
  const page = await browser.page();
  await page.look({ width: 1280, height: 900 });
  await page.goto(`${weft.url}/`);
  await page.click(`button[data-opens="explorer"][data-login="${login}"]`);
  await page.untilText("#weft-user", "Signed in as");
  return page;
}

const model = (name: string): string => `monaco.editor.getModels().find(({ uri }) => uri.path.endsWith("${name}"))?.getValue()`;

/** Opens an example and waits until GraphiQL has read it. For a moment, it would still run the operation of the previous tab. */
async function open(page: TestPage, example: string): Promise<void> {
  await page.click(`[data-example="${example}"]`);
  await page.until(`${model("operation.graphql")}?.includes(" ${example}")`, `the example ${example} is in the editor`);
  const tab = ".graphiql-tab-active .graphiql-tab-button";
  await page.until(`document.querySelector("${tab}")?.title === "${example}"`, `${example} names its tab`);
}

async function run(page: TestPage): Promise<void> {
  await page.click(".graphiql-execute-button");
}

const expectAnswer = (page: TestPage, text: string): Promise<void> =>
  page.until(`${model("response.json")}?.includes(${JSON.stringify(text)})`, `the answer has ${text}`);

test("one click on the landing page opens the explorer, signed in; an example shows its response, and a reload keeps the login", async () => {
  const page = await signedIn("operations@acme.com");
  await page.untilText("#weft-user", "Signed in as Olga Operations");
  await open(page, "Me");
  await run(page);
  await expectAnswer(page, "operations@acme.com");
  await page.reload();
  await page.untilText("#weft-user", "Signed in as Olga Operations");
  await page.until(`document.querySelector(".graphiql-execute-button") !== null`);
  await run(page);
  await expectAnswer(page, "operations@acme.com");
  expect(page.consoleErrors).toEqual([]);
  expect(page.externalRequests).toEqual([]);
});

test("one click on the landing page opens the console, logged in, also in place of another user", async () => {
  const page = await browser.page();
  await page.look({ width: 1280, height: 900 });
  for (const [login, name] of [
    ["operations@acme.com", "Olga Operations"],
    ["approver@acme.com", "Aron Approver"],
  ] as const) {
    await page.goto(`${weft.url}/`);
    await page.click(`button[data-opens="console"][data-login="${login}"]`);
    await page.untilText(".user", name);
    expect(new URL(page.url()).search).toBe("");
    await page.reload();
    await page.untilText(".user", name);
  }
  expectQuiet(page);
});

test("the examples are grouped in the order of the story, and reopening an example switches to its tab", async () => {
  const page = await signedIn("operations@acme.com");
  await page.until(`document.querySelectorAll(".weft-examples summary").length > 0`);
  const groups = await page.evaluate<string[]>(`[...document.querySelectorAll(".weft-examples summary")].map((one) => one.textContent)`);
  expect(groups.slice(0, 4)).toEqual(["Sign in", "Look around", "Requests and tasks", "Watch live"]);
  const tabs = (): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll(".graphiql-tab-button")].map((tab) => tab.textContent)`);
  await open(page, "Requests");
  const opened = await tabs();
  await open(page, "Me");
  await open(page, "Requests");
  expect(await tabs()).toEqual(opened);
  expect(opened).toContain("Requests");
  expect(opened.length).toBeLessThan(6);
});

test("all operations are listed by area, and one that is found by its name opens ready to send", async () => {
  const page = await signedIn("operations@acme.com");
  await page.click('button[aria-label="Show Operations"]');
  const listed = 'document.querySelectorAll("[aria-label=Operations] button[data-operation]").length';
  await page.until(`${listed} > 500`, "the operations of all areas are listed");
  expect(await page.evaluate<string>('document.querySelector("[aria-label=Operations] summary").textContent')).toMatch(/^Tasks \d+$/);
  await page.fill('[aria-label="Find an operation"]', "claim");
  await page.until(`${listed} < 10`, "only the operations that fit are listed");
  await page.click('[data-operation="mutation ClaimTask"]');
  // At once, as a quick user does: GraphiQL still has the name of the operation before.
  await page.until(
    `${model("operation.graphql")}?.includes("claimTask(input: $input)") && (document.querySelector(".graphiql-execute-button").click(), true)`,
    "the operation is in the editor",
  );
  expect(JSON.parse(await page.evaluate<string>(model("variables.json")))).toEqual({ input: { id: "" } });
  await expectAnswer(page, "BAD_USER_INPUT");
});

test("of a text with several operations, the chosen one runs", async () => {
  const page = await signedIn("operations@acme.com");
  await page.until(`globalThis.monaco !== undefined && ${model("operation.graphql")} !== undefined`);
  const text = "query One { one: __typename }\\nquery Two { two: __typename }";
  await page.evaluate(`monaco.editor.getModels().find(({ uri }) => uri.path.endsWith("operation.graphql")).setValue("${text}")`);
  // Until GraphiQL has read the text, the button runs the operation before instead of asking.
  await page.until(`document.querySelector(".graphiql-execute-button[aria-haspopup=menu]") !== null`, "GraphiQL asks which one to run");
  await run(page);
  await page.click("[role=menuitem]:nth-of-type(2)");
  await expectAnswer(page, `"two": "Query"`);
});

test("an example that is clicked before the editor has loaded opens when it has", async () => {
  const page = await signedIn("operations@acme.com");
  await page.until(`globalThis.monaco !== undefined && document.querySelector('[data-example="Requests"]') !== null`);
  await page.evaluate(
    `globalThis.loaded = monaco; globalThis.monaco = undefined; document.querySelector('[data-example="Requests"]').click();`,
  );
  await page.evaluate("setTimeout(() => { globalThis.monaco = loaded; }, 200)");
  await page.until(`${model("operation.graphql").replace("monaco", "loaded")}?.includes(" Requests")`, "the example is in the editor");
  expect(page.consoleErrors).toEqual([]);
});

interface Decision {
  readonly id: string;
  readonly transition: string;
}

/** Runs "My tasks", then opens "Complete task", as the README says, and returns the variables that the explorer has filled in. */
async function prepared(page: TestPage, ...before: readonly Decision[]): Promise<Decision> {
  await open(page, "MyTasks");
  await run(page);
  await expectAnswer(page, `"tasks": {`);
  return reopened(page, ...before);
}

/** Until the explorer has found a task, the tab has the variables of before, and after a reload those that the browser has kept: of any task in `before`. */
async function reopened(page: TestPage, ...before: readonly Decision[]): Promise<Decision> {
  await open(page, "CompleteTask");
  const values = model("variables.json");
  const areOld = before.map(({ id }) => `${values}.includes(${JSON.stringify(id)})`);
  await page.until(`/tsk_0/.test(${values}) && ![${areOld.join(", ")}].includes(true)`, "the variables name a task");
  return JSON.parse(await page.evaluate<string>(values)) as Decision;
}

const statusOf = async (id: string): Promise<unknown> =>
  (await admin.run<{ task: { status: string } }>("query ($id: ID!) { task(id: $id) { status } }", { id })).task.status;

async function expectDecided(page: TestPage, decision: Decision): Promise<void> {
  await run(page);
  await until(async () => (await statusOf(decision.id)) === "COMPLETED", { what: `the task ${decision.id} is completed` });
  await expectAnswer(page, `"transition": "${decision.transition}"`);
}

describe("the first decision of the README: My tasks, then Complete task", () => {
  test.each(["operations", "approver"])("works from a fresh start, as %s", async (user) => {
    const page = await signedIn(`${user}@acme.com`);
    await expectDecided(page, await prepared(page));
  });

  test("works after the demo", async () => {
    await playStory(weft.url);
    const page = await signedIn("operations@acme.com");
    await expectDecided(page, await prepared(page));
  });

  test("works again after a task was done, and after a reload", async () => {
    const page = await signedIn("operations@acme.com");
    const first = await prepared(page);
    await expectDecided(page, first);
    const second = await reopened(page, first);
    await expectDecided(page, second);
    await page.reload();
    await page.untilText("#weft-user", "Signed in as");
    await page.until(`document.querySelector(".graphiql-execute-button") !== null && ${model("variables.json")} !== undefined`);
    await expectDecided(page, await prepared(page, first, second));
  });

  test("takes another task if the first one was done elsewhere meanwhile", async () => {
    const page = await signedIn("operations@acme.com");
    const first = await prepared(page);
    const elsewhere = await as("operations@acme.com");
    await elsewhere.run("mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } } }", { input: first });
    await expectDecided(page, await reopened(page, first));
  });

  test("an example that fires a transition fits its workflow", async () => {
    const page = await signedIn("operations@acme.com");
    await open(page, "ExplainTransition");
    await page.until(`/wfi_0/.test(${model("variables.json")})`, "the variables name a workflow");
    await run(page);
    await expectAnswer(page, `"allowed": true`);
  });

  test("says plainly that no task is waiting", async () => {
    const page = await signedIn("viewer@acme.com");
    await open(page, "CompleteTask");
    await page.untilText("#weft-note", "No task is waiting for you.");
    expect(await page.evaluate(model("variables.json"))).toContain("tsk_…");
  });
});

test("the link of a notification opens its request", async () => {
  const { id, number } = await submitRequest();
  const page = await signedIn("operations@acme.com");
  await page.goto(`${weft.url}/open/${id}`);
  await page.until(`${model("variables.json")}?.includes(${JSON.stringify(id)})`, "the variables name the request");
  await run(page);
  await expectAnswer(page, number);
});

test("the tab of an example has its name", async () => {
  const page = await signedIn("operations@acme.com");
  await open(page, "MyTasks");
  const title = `document.querySelector(".graphiql-tab-active .graphiql-tab-button")?.textContent`;
  await page.until(`${title} === "My tasks"`);
  await run(page);
  await expectAnswer(page, `"tasks": {`);
  expect(await page.evaluate(title)).toBe("My tasks");
});

test("a subscription shows another user's actions", async () => {
  const page = await signedIn("operations@acme.com");
  await open(page, "RequestChanged");
  const isRunning = `document.querySelector(".graphiql-execute-button")?.getAttribute("aria-label")?.startsWith("Stop")`;
  await run(page);
  await page.until(isRunning, "the subscription runs");
  const answer = model("response.json");
  // The server may not have received it yet, and the first request could be too early.
  for (let tries = 1; ; tries++) {
    const { number } = await submitRequest();
    const deadline = Date.now() + 5_000;
    await page.until(`${answer}?.includes("${number}") || Date.now() > ${deadline}`);
    if ((await page.evaluate<string | undefined>(answer))?.includes(number)) break;
    if (tries === 3) throw new Error(`Of three requests none was told. The answer: ${await page.evaluate<string>(answer)}`);
  }
  expect(page.consoleErrors).toEqual([]);
});

test("a login that the server no longer accepts is discarded, and the page shows that no user is signed in", async () => {
  const page = await signedIn("operations@acme.com");
  await page.evaluate(`(() => {
    const session = JSON.parse(sessionStorage["weft:session"]);
    sessionStorage["weft:session"] = JSON.stringify({ ...session, accessToken: session.accessToken.slice(0, -8) + "AAAAAAAA", refreshToken: session.refreshToken.slice(0, -8) + "AAAAAAAA" });
  })()`);
  await open(page, "Me");
  await run(page);
  await page.untilText("#weft-user", "Not signed in");
  expect(await page.evaluate(`sessionStorage["weft:session"]`)).toBeUndefined();
});

test("a rejected access token is refreshed once, and the operation is answered", async () => {
  const page = await signedIn("operations@acme.com");
  await page.evaluate(`(() => {
    const session = JSON.parse(sessionStorage["weft:session"]);
    sessionStorage["weft:session"] = JSON.stringify({ ...session, accessToken: session.accessToken.slice(0, -8) + "AAAAAAAA" });
  })()`);
  await open(page, "Me");
  await run(page);
  await expectAnswer(page, "operations@acme.com");
});

test("unchanged tabs of an older version are closed, and the user's text is kept", async () => {
  const page = await signedIn("operations@acme.com");
  const [first] = await loadExampleOperations();
  const old = { id: "example-0", title: "Login", query: first?.source, variables: first?.variables ?? null, headers: null, response: null };
  const own = { id: "example-1", title: "Mine", query: "query Mine { me { name } }", variables: null, headers: null, response: null };
  const state = JSON.stringify({ activeTabIndex: 0, tabs: [old, own] });
  // Without GraphiQL, which would write its own tabs when the page is left.
  await page.goto(`${weft.url}/health/live`);
  await page.evaluate(`localStorage.setItem("graphiql:tabState", ${JSON.stringify(state)})`);
  await page.goto(`${weft.url}/explorer`);
  await page.until(`document.querySelectorAll(".graphiql-tab-button").length > 0`);
  expect(await page.evaluate(`[...document.querySelectorAll(".graphiql-tab-button")].map((tab) => tab.textContent)`)).toEqual(["Mine"]);
});

/** Returns the contrast of each of our texts with its background (WCAG 2.2, 1.4.3), lowest first. */
const contrasts = (selector: string): string => `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll(${JSON.stringify(selector)})].filter((element) => element.innerText?.trim()).map((element) => {
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    return Math.round(((one + 0.05) / (other + 0.05)) * 100) / 100;
  }).sort((a, b) => a - b)[0];
})()`;

test.each(["light", "dark"] as const)(
  "the landing page and the explorer fit 420 pixels and are readable in the %s scheme",
  async (colorScheme) => {
    const page = await browser.page();
    await page.look({ width: 420, height: 900, colorScheme });
    await page.goto(`${weft.url}/`);
    const overflow = "document.documentElement.scrollWidth - innerWidth";
    expect(await page.evaluate(overflow)).toBe(0);
    expect(await page.evaluate<number>(contrasts("main *"))).toBeGreaterThanOrEqual(4.5);
    await page.click('button[data-opens="explorer"][data-login="requester@acme.com"]');
    await page.untilText("#weft-user", "Rita Requester");
    await page.until(`document.querySelector(".graphiql-execute-button") !== null`);
    expect(await page.evaluate(overflow)).toBe(0);
    expect(await page.evaluate<number>(contrasts(".weft-bar *"))).toBeGreaterThanOrEqual(4.5);
    const covered = `(() => {
    const [bar, rest] = [".weft-bar", "#ruru-root"].map((selector) => document.querySelector(selector).getBoundingClientRect());
    return bar.bottom > rest.top + 1;
  })()`;
    expect(await page.evaluate(covered)).toBe(false);
    const width = await page.evaluate<number>(`document.querySelector(".graphiql-editors").getBoundingClientRect().width`);
    expect(width).toBeGreaterThan(340);
  },
);
