import { randomBytes } from "node:crypto";
import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, TestTenant, TestUser, type MaintenanceRequest, type MaintenanceTenant } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { buildConsole, clickText, openConsoleAt, type ConsolePages } from "@weft/testkit/browser/open-console";
import { startTcpProxy, type TcpProxy } from "@weft/testkit/network/tcp-proxy";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { standaloneProcess, type StandaloneProcess } from "@weft/testkit/processes/standalone-process";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

// People have half filled in every kind of form when the network is cut, the server is killed, or they reload the page.

let database: OwnPostgres;
let weft: StandaloneProcess;
let proxy: TcpProxy;
let site: ConsolePages;
beforeAll(async () => {
  await buildConsole();
  database = await startSeededPostgres({ max_connections: "100" });
  const ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  proxy = await startTcpProxy({ port: Number(new URL(weft.url).port) });
  site = await openConsoleAt(`http://127.0.0.1:${proxy.port}`);
}, 600_000);
afterEach(() => site.closePages());
afterAll(async () => {
  await site?.stop();
  await proxy?.close();
  await weft?.remove();
  await database?.remove();
}, 120_000);

/** A tenant of the server, which runs in a process of its own. */
async function aTenant(): Promise<TestTenant> {
  const slug = `t-${randomBytes(6).toString("hex")}`;
  const admin = { email: `admin@${slug}.example`, username: `admin-${slug}`, name: "Admin", password: "a quiet river 42" };
  const operator = await TestUser.login(weft.url, "operator@weft.example", demoPassword("operator@weft.example"));
  const { createTenant } = await operator.run<{ createTenant: { tenant: { id: string } } }>(
    "mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }",
    { input: { slug, name: "Tenant", plan: "ENTERPRISE", admin } },
  );
  const tenantId = decodeId("tenant", createTenant.tenant.id);
  return TestTenant.open({ url: weft.url, tenantId, slug, name: "Tenant", admin });
}

/** A task with a form. */
const inspection = `weft: 1
key: inspection
name: Inspection
initial: open
states:
  open:
    task:
      title: Inspect the roof
      candidates: { roles: [operations] }
      form: { title: Inspection, fields: { notes: { type: text, required: true } } }
    transitions: { finish: { title: Finish, to: done } }
  done: { final: completed }
`;

interface Form {
  readonly name: string;
  readonly user: TestUser;
  readonly path: string;
  /** Opens it, as far as it is not open with the page. */
  open(page: TestPage): Promise<void>;
  /** The same after a reload, if that is something else. Default: it is open, because something was typed. */
  openAgain?(page: TestPage): Promise<void>;
  /** The field in which the user types. */
  readonly field: string;
  /** What else the user has chosen, as an expression. */
  readonly chosen?: string;
  /** Completes it and sends it. Resolves when the page shows that it was done. */
  send(page: TestPage): Promise<void>;
}

const find = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;
const panel = '[data-weft="panel"]';
const half = "The part has";
const whole = "The part has arrived";

async function taskOf({ operations }: MaintenanceTenant, instanceId: string): Promise<string> {
  const { tasks } = await operations.run<{ tasks: { edges: { node: { id: string; instance: { id: string } } }[] } }>(
    "{ tasks(first: 50) { edges { node { id instance { id } } } } }",
    {},
  );
  const found = tasks.edges.find(({ node }) => node.instance.id === instanceId);
  if (!found) throw new Error(`${instanceId} has no task.`);
  return found.node.id;
}

async function numberOf({ operations }: MaintenanceTenant, { id }: MaintenanceRequest): Promise<string> {
  const { request } = await operations.run<{ request: { number: string } }>("query ($id: ID!) { request(id: $id) { number } }", { id });
  return request.number;
}

async function inspectionOf(story: MaintenanceTenant): Promise<string> {
  await story.tenant.definition(inspection);
  const { startWorkflow } = await story.manager.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
    { input: { definitionKey: "inspection" } },
  );
  return taskOf(story, startWorkflow.instance.id);
}

/** A task that waits for the manager's answer. */
async function askedTask(story: MaintenanceTenant): Promise<string> {
  const { operations, manager } = story;
  const id = await taskOf(story, (await story.request("triage")).instanceId);
  await operations.run("mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }", {
    input: { id, askedId: manager.id, text: "Which of the two pumps?" },
  });
  return id;
}

async function offer({ operations, vendor }: MaintenanceTenant, { id }: MaintenanceRequest): Promise<void> {
  await operations.run("mutation ($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { id } } }", {
    input: { requestId: id, vendorId: vendor.id, expiresInMinutes: 600, title: "The elevator grinds" },
  });
}

/** One form of each kind, each for an object of its own. */
async function allForms(): Promise<Form[]> {
  const story = await aMaintenanceTenant({ tenant: aTenant });
  const { operations, requester, manager, vendor } = story;
  const inspected = await inspectionOf(story);
  const commented = await story.request("triage");
  const asked = await askedTask(story);
  const handedOver = await taskOf(story, (await story.request("triage")).instanceId);
  await offer(story, await story.request("approved"));
  const number = await numberOf(story, await story.request("triage"));
  const inProgress = await story.request("in_progress");
  const draft = await story.request();
  const sorted = await story.request("triage");
  const divided = await story.request("triage");
  const openBulk = async (page: TestPage): Promise<void> => {
    await page.click(`[aria-label="Select ${number}"]`);
    await page.click(".bulk-bar .mantine-Button-root");
    await page.click('[role=dialog] [value="reject"]');
  };
  return [
    {
      name: "the form of a task",
      user: operations,
      path: `/console/inbox?task=${inspected}`,
      open: (page) => page.click('[data-name="finish"] button'),
      field: `${panel} [data-name="notes"] :is(input, textarea)`,
      send: async (page) => {
        await page.click(`${panel} [type=submit]`);
        await page.untilText(".notice.good", "Finish");
      },
    },
    {
      name: "a new request of the portal",
      user: requester,
      path: "/console/portal/new/maintenance",
      open: async () => undefined,
      field: '[data-name="summary"] input',
      send: async (page) => {
        await page.fill('[data-name="estimate"] input', "120");
        await page.click(".portal .buttons button[type=submit]");
        await page.untilText(".portal h1", whole);
      },
    },
    {
      name: "a comment",
      user: operations,
      path: `/console/requests/${commented.id}`,
      open: async () => undefined,
      field: ".composer textarea",
      send: async (page) => {
        await page.click(".composer [type=submit]");
        await page.untilText(".comment .text", whole);
      },
    },
    {
      name: "the answer to a question",
      user: manager,
      path: `/console/inbox?task=${asked}`,
      open: async () => undefined,
      field: ".question textarea",
      send: async (page) => {
        await page.click(".question [type=submit]");
        await page.until(`${find(".question")} === null`);
      },
    },
    {
      name: "a question about a task",
      user: operations,
      path: `/console/inbox?task=${handedOver}`,
      open: async (page) => {
        await page.click("[data-way=ask]");
        await page.fill(".hand-over input", "workflow_manager");
        await page.untilText(".hand-over [data-combobox-option]", "workflow_manager");
        await page.click(".hand-over [data-combobox-option]");
      },
      field: ".hand-over textarea",
      chosen: `${find(".hand-over input")}?.value.split(" ")[0] === "workflow_manager"`,
      send: async (page) => {
        await page.click(".hand-over [type=submit]");
        await page.untilText(".task .question", "Waiting for an answer");
      },
    },
    {
      name: "why an offer is declined",
      user: vendor.user,
      path: "/console/vendor/offers",
      open: (page) => page.click(".offer-open .buttons button:nth-child(2)"),
      field: ".offer-open input",
      send: async (page) => {
        await page.click(".offer-open [type=submit]");
        await page.untilText(".list .row", "Declined");
      },
    },
    {
      name: "a change of many requests",
      user: operations,
      path: "/console/requests",
      open: openBulk,
      openAgain: openBulk,
      field: "[role=dialog] textarea",
      send: async (page) => {
        await page.click("[role=dialog] [type=submit]");
        await page.untilText('[role=dialog] [data-status="COMPLETED"]', "1 of 1 changed");
      },
    },
    {
      name: "the form of a transition",
      user: vendor.user,
      path: `/console/vendor/requests/${inProgress.id}`,
      open: (page) => page.click('[data-name="complete"] button'),
      field: `${panel} [data-name="outcome"] :is(input, textarea)`,
      send: async (page) => {
        await page.click(`${panel} [type=submit]`);
        await page.untilText(".portal header .pill", "Done");
      },
    },
    {
      name: "the details of a draft",
      user: requester,
      path: `/console/requests/${draft.id}`,
      open: (page) => clickText(page, "button.link", "Change the draft"),
      field: '.card form [data-name="summary"] input',
      send: async (page) => {
        await page.click(".card form [type=submit]");
        await page.untilText(".details", whole);
      },
    },
    {
      name: "the tags of a request",
      user: operations,
      path: `/console/requests/${sorted.id}`,
      open: (page) => clickText(page, "button.link", "Change priority, due date and tags"),
      field: ".side-form input:not([type=datetime-local])",
      send: async (page) => {
        await page.click(".side-form [type=submit]");
        await page.untilText(".properties", whole.toLowerCase());
      },
    },
    {
      name: "a part of a request",
      user: operations,
      path: `/console/requests/${divided.id}`,
      open: (page) => clickText(page, "button.link", "Split"),
      field: '.side-form [data-name="summary"] input',
      send: async (page) => {
        await page.fill('.side-form [data-name="estimate"] input', "120");
        await page.click(".side-form [type=submit]");
        await page.untilText("h1", whole);
      },
    },
  ];
}

type Begun = Form & { readonly page: TestPage };

/** Opens each form in a window of its own, and types. */
async function begin(): Promise<Begun[]> {
  const begun: Begun[] = [];
  for (const form of await allForms()) {
    const page = await site.openedAs(form.user, { path: form.path });
    await form.open(page);
    await page.fill(form.field, half);
    // The page keeps it after it has shown it: some milliseconds, or more on a busy machine.
    await page.until(hasDraft(half), `${form.name} is kept`);
    begun.push({ ...form, page });
  }
  return begun;
}

const each = async (forms: readonly Begun[], act: (form: Begun) => Promise<unknown>): Promise<void> => {
  for (const form of forms) await act(form);
};

const isThere = ({ field, chosen = "true" }: Form, text: string): string =>
  `${find(field)}?.value === ${JSON.stringify(text)} && ${chosen}`;

const hasDraft = (text: string): string =>
  `Object.entries(sessionStorage).some(([key, kept]) => key.startsWith("weft:draft:") && kept.includes(${JSON.stringify(text)}))`;
const hasNoDraft = `!Object.keys(sessionStorage).some((key) => key.startsWith("weft:draft:"))`;

/** What browsers say of requests and sockets that fail. */
const lostConnection = /net::ERR_|WebSocket connection|status of 50[234]/;

/** Sends each form, and expects that no draft is left, and that the browser has reported nothing but lost connections. */
const expectAllSent = (forms: readonly Begun[]): Promise<void> =>
  each(forms, async ({ page, ...form }) => {
    await form.send(page);
    await page.until(hasNoDraft, `no draft is left of ${form.name}`);
    expect(page.externalRequests).toEqual([]);
    expect(page.consoleErrors.filter((error) => !lostConnection.test(error))).toEqual([]);
  });

const saysThatItIsBehind = ({ page }: Begun): Promise<void> => page.untilText(".connection", "No connection to Weft");
const isLiveAgain = ({ page }: Begun): Promise<void> => page.until(`${find(".connection")} === null`, "the connection is back");

/** Longer than access tokens are valid. */
const minutes = 20;

test("what people type before and while the network is cut for minutes is there when it comes back, and can be sent", async () => {
  const forms = await begin();
  proxy.cut();
  await each(forms, saysThatItIsBehind);
  await each(forms, async ({ page, field }) => {
    await page.evaluate(`void (Date.now = ((now) => () => now() + ${minutes * 60_000})(Date.now))`);
    await page.fill(field, whole);
  });
  proxy.heal();
  await each(forms, isLiveAgain);
  await each(forms, (form) => form.page.until(isThere(form, whole), `${form.name} is still there`));
  await expectAllSent(forms);
}, 400_000);

test("what people have typed is there after the server was killed and started again, and can be sent", async () => {
  const forms = await begin();
  await weft.end("SIGKILL");
  await each(forms, saysThatItIsBehind);
  await weft.start();
  await each(forms, isLiveAgain);
  await each(forms, async (form) => {
    await form.page.until(isThere(form, half), `${form.name} is still there`);
    await form.page.fill(form.field, whole);
  });
  await expectAllSent(forms);
}, 400_000);

test("what people have typed is there after a reload, until it is sent", async () => {
  const forms = await begin();
  await each(forms, async (form) => {
    await form.page.reload();
    await form.openAgain?.(form.page);
    await form.page.until(isThere(form, half), `${form.name} is still there`);
    await form.page.fill(form.field, whole);
  });
  await expectAllSent(forms);
}, 400_000);

test("a logout forgets what was typed, and the end of a session does not", async () => {
  const story = await aMaintenanceTenant({ tenant: aTenant });
  const { id } = await story.request("triage");
  const { operations } = story;
  const page = await site.openedAs(operations, { path: `/console/requests/${id}` });
  const logIn = async (): Promise<void> => {
    await page.fill("[name=login]", operations.login);
    await page.fill("[name=password]", operations.password);
    await page.click("button[type=submit]");
    await page.text(".composer textarea");
  };
  const text = `${find(".composer textarea")}?.value`;
  await page.fill(".composer textarea", half);
  await operations.run("mutation { revokeOtherSessions { endedCount } }", {});
  await page.text("[name=login]");
  await logIn();
  await page.until(`${text} === ${JSON.stringify(half)}`, "the draft is there after another login");
  await page.click(".user");
  await page.click("[data-logs-out]");
  await page.text("[name=login]");
  await page.until(hasNoDraft, "no draft is left");
  await logIn();
  expect(await page.evaluate(text)).toBe("");
  expect(page.externalRequests).toEqual([]);
});
