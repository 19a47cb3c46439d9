import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, type TestBrowser, type TestPage } from "../browser/open-browser.js";
import { type PageServer, servePage } from "../browser/serve-page.js";
import { startTcpProxy, type TcpProxy } from "../network/tcp-proxy.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { buildDashboard } from "./build-clients.js";

const visit = `weft: 1
key: visit
name: Visit
initial: open
states:
  open: { task: { title: Visit, candidates: { roles: [operations] } }, transitions: { close: { to: done } } }
  done: { final: completed }
`;

let weft: TestWeft;
let proxy: TcpProxy;
let pages: PageServer;
let browser: TestBrowser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  pages = await servePage(await buildDashboard(`http://127.0.0.1:${proxy.port}`));
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await pages.close();
  await proxy.close();
  await weft.stop();
});

async function aManager(): Promise<{ manager: TestUser; start: () => Promise<string> }> {
  const tenant = await weft.tenant();
  await tenant.definition(visit);
  const manager = await tenant.user("workflow_manager");
  const start = async (): Promise<string> => {
    const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "visit" }) { instance { id } } }',
    );
    return startWorkflow.instance.id;
  };
  return { manager, start };
}

async function logIn({ login, password }: Pick<TestUser, "login" | "password">): Promise<TestPage> {
  const page = await browser.page();
  await page.goto(`${pages.url}/`);
  await page.fill("[name=login]", login);
  await page.fill("[name=password]", password);
  await page.click("#login button");
  return page;
}

/** Waits until an element of the page shows the text. */
const expectText = (page: TestPage, selector: string, text: string): Promise<void> => page.untilText(selector, text);

const close = (manager: TestUser, id: string) =>
  manager.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "close" }) { instance { id } } }', { id });

test("the dashboard shows counters, and each change of them", async () => {
  const { manager, start } = await aManager();
  const first = await start();
  const page = await logIn(manager);
  await expectText(page, "#running", "1");
  await expectText(page, "#openTasks", "1");
  await expectText(page, "#states", "visit");
  expect([page.consoleErrors, page.externalRequests]).toEqual([[], []]);
  await start();
  await expectText(page, "#running", "2");
  await close(manager, first);
  await expectText(page, "#completedToday", "1");
  await expectText(page, "#running", "1");
  await expectText(page, "#startedToday", "2");
});

test("the dashboard shows what changed while its socket was disconnected, and follows later changes", async () => {
  const { manager, start } = await aManager();
  await start();
  const page = await logIn(manager);
  await expectText(page, "#running", "1");
  proxy.cut();
  await start();
  proxy.heal();
  await expectText(page, "#running", "2");
  await start();
  await expectText(page, "#running", "3");
});

test("the dashboard shows why a login is refused", async () => {
  const { manager } = await aManager();
  const page = await logIn({ login: manager.login, password: "not the password" });
  await expectText(page, "#problem", "password");
});
