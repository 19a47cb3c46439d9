import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../browser/open-browser.js";
import { type PageServer, servePage } from "../browser/serve-page.js";
import { aMaintenanceTenant, type MaintenanceRequest, type MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import { startTcpProxy, type TcpProxy } from "../network/tcp-proxy.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { until } from "../until.js";
import { buildClients } from "./build-clients.js";

let weft: TestWeft;
let proxy: TcpProxy;
let pages: PageServer;
let browser: TestBrowser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  pages = await servePage(await buildClients(`http://127.0.0.1:${proxy.port}`));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await pages.close();
  await proxy.close();
  await weft.stop();
});

/** Creates a tenant with a request in triage. Also returns the request's number. */
async function aRequest(): Promise<{ story: MaintenanceTenant; request: MaintenanceRequest; number: string }> {
  const story = await aMaintenanceTenant(weft);
  const request = await story.request("triage");
  return { story, request, number: await numberOf(story.operations, request) };
}

async function numberOf(user: TestUser, { id }: MaintenanceRequest): Promise<string> {
  const { request } = await user.run<{ request: { number: string } }>("query Number($id: ID!) { request(id: $id) { number } }", { id });
  return request.number;
}

async function giveRoles(admin: TestUser, { id }: TestUser, keys: readonly string[]): Promise<void> {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "query Roles { roles(first: 100) { edges { node { id key } } } }",
  );
  const roleIds = roles.edges.filter(({ node }) => keys.includes(node.key)).map(({ node }) => node.id);
  await admin.run("mutation Give($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", { input: { id, roleIds } });
}

/** Name of the session in the storage of the page, as an expression. */
const key = 'Object.keys(localStorage).find((name) => name.startsWith("weft:session"))';

/** Waits until the page shows the request in this state. */
const expectState = (page: TestPage, number: string, state: string): Promise<void> => page.untilText(`#${number}`, `${number}: ${state}`);
const expectProblem = (page: TestPage, words: string): Promise<void> => page.untilText("#problem", words);

describe.each(["apollo", "urql", "relay"])("the page with %s, from another origin", (library) => {
  async function logIn({ login, password }: TestUser): Promise<TestPage> {
    const page = await browser.page();
    await page.goto(`${pages.url}/${library}/`);
    await page.fill("[name=login]", login);
    await page.fill("[name=password]", password);
    await page.click("#login button");
    return page;
  }

  test("logs in and lists requests", async () => {
    const { story, number } = await aRequest();
    const page = await logIn(story.operations);
    await expectState(page, number, "Triage");
    expect([page.consoleErrors, page.externalRequests]).toEqual([[], []]);
  });

  test("shows why a login is refused", async () => {
    const { story } = await aRequest();
    const page = await browser.page();
    await page.goto(`${pages.url}/${library}/`);
    await page.fill("[name=login]", story.operations.login);
    await page.fill("[name=password]", "not the password");
    await page.click("#login button");
    await expectProblem(page, "password");
  });

  test("fires a transition and shows the resulting state", async () => {
    const { story, number } = await aRequest();
    const page = await logIn(story.operations);
    await page.click(`#${number} [name=escalate]`);
    await expectState(page, number, "Approval");
    await page.until(`document.querySelector("#${number} button") === null`, "nothing is left to do for operations");
  });

  test("shows why a transition is refused", async () => {
    const { story, request, number } = await aRequest();
    const page = await logIn(story.operations);
    await expectState(page, number, "Triage");
    // From here on, the page receives no events until it has fired the transition.
    await page.evaluate("WebSocket.prototype.send = () => {}");
    proxy.cut();
    await story.fire(story.operations, request, "escalate");
    proxy.heal();
    await page.click(`#${number} [name=escalate]`);
    await expectProblem(page, "version");
  });

  test("shows the actions of another user, live", async () => {
    const { story, request, number } = await aRequest();
    const page = await logIn(story.manager);
    await expectState(page, number, "Triage");
    await story.fire(story.operations, request, "escalate");
    await expectState(page, number, "Approval");
    await page.until(`document.querySelector("#${number} [name=approve]") !== null`, "the manager can approve it");
  });

  test("shows a request that another user creates, live", async () => {
    const { story, number } = await aRequest();
    const page = await logIn(story.manager);
    await expectState(page, number, "Triage");
    const added = await numberOf(story.operations, await story.request("triage"));
    await expectState(page, added, "Triage");
  });

  test("shows events that happened while its socket was disconnected, also before the first live event", async () => {
    const { story, request, number } = await aRequest();
    const page = await logIn(story.manager);
    await expectState(page, number, "Triage");
    proxy.cut();
    await story.fire(story.operations, request, "escalate");
    proxy.heal();
    await expectState(page, number, "Approval");
    // It still follows later events.
    await story.fire(story.manager, request, "approve");
    await expectState(page, number, "Assigned");
  });

  test("keeps following when its user's permissions change, with a new token", async () => {
    const { story, request, number } = await aRequest();
    const page = await logIn(story.manager);
    await expectState(page, number, "Triage");
    const token = `JSON.parse(localStorage.getItem(${key})).session.accessToken`;
    const before = await page.evaluate<string>(token);
    await giveRoles(story.admin, story.manager, ["workflow_manager", "operations"]);
    await page.until(`${token} !== ${JSON.stringify(before)}`, "the page has renewed its token");
    await story.fire(story.operations, request, "escalate");
    await expectState(page, number, "Approval");
  });

  test("keeps the session across a reload, and renews an access token that has expired or is refused", async () => {
    const { story, number } = await aRequest();
    const page = await logIn(story.operations);
    await expectState(page, number, "Triage");
    const change = (values: string): Promise<unknown> =>
      page.evaluate(
        `localStorage.setItem(${key}, JSON.stringify({ session: { ...JSON.parse(localStorage.getItem(${key})).session, ${values} } }))`,
      );
    const token = (): Promise<string> => page.evaluate(`JSON.parse(localStorage.getItem(${key})).session.accessToken`);
    await change(`renewAt: 0`);
    const first = await token();
    await page.reload();
    await expectState(page, number, "Triage");
    const second = await token();
    await change(`accessToken: "forged"`);
    await page.reload();
    await expectState(page, number, "Triage");
    expect(new Set([first, second, await token(), "forged"]).size).toBe(4);
  });

  test("asks the user to log in when the session is revoked", async () => {
    const { story, number } = await aRequest();
    const page = await logIn(story.operations);
    await expectState(page, number, "Triage");
    await until(() => proxy.connections() > 0, { what: "it is connected" });
    const token = await page.evaluate<string>(`JSON.parse(localStorage.getItem(${key})).session.accessToken`);
    await fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: "mutation { logout { sessionId } }" }),
    });
    await page.until(
      `document.querySelector("#login")?.hidden === false && document.querySelector("#${number}") === null`,
      "it asks for a login",
    );
  });
});
