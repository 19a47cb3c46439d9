import { aMaintenanceTenant, aProject, aTask, type MaintenanceRequest, type MaintenanceTenant, type TestUser } from "@weft/testkit";
import type { TestPage } from "@weft/testkit/browser/open-browser";
import { expectQuiet, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { attachText } from "@weft/testkit/files/upload-file";
import { newVendorDocument } from "@weft/testkit/tenants/new-vendor-document";
import { loadExampleDefinition } from "../examples.js";
import { afterAll, beforeAll, expect, test } from "vitest";

// A tenant whose users have written markup wherever the API accepts a text.

let site: TestConsole;
let scene: Scene;
beforeAll(async () => {
  site = await openConsole();
  scene = await aHostileTenant();
}, 600_000);
afterAll(() => site?.stop());

/** Markup that says where it was written. */
const hostile = (where: string): string => `<img src=x onerror="attacked=1">${where}</img>`;
/** Names of files cannot contain brackets, so this is what decoding them twice would make of it. */
const fileName = `&lt;img src=x onerror=attacked=1&gt; file.txt`;
const quoted = (where: string): string => JSON.stringify(hostile(where));

async function maintenanceDefinition(): Promise<string> {
  const changes: readonly (readonly [string, string])[] = [
    ["name: Maintenance request\n", `name: ${quoted("definition")}\n`],
    ["summary: { type: string, maxLength: 200 }", `summary: { type: string, maxLength: 200, title: ${quoted("data label")} }`],
    ["  triage:\n", `  triage:\n    title: ${quoted("state")}\n`],
    ["  assigned:\n", `  assigned:\n    title: ${quoted("vendor state")}\n`],
    ["escalate: { to", `escalate: { title: ${quoted("transition")}, to`],
    ["start: { to", `start: { title: ${quoted("vendor transition")}, to`],
  ];
  const example = (await loadExampleDefinition("maintenance-request")).split("scenarios:")[0] ?? "";
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The example has no ${from}`);
    return text.replace(from, () => to);
  }, example);
}

const taskDefinition = `weft: 1
key: inspection
name: ${quoted("task definition")}
initial: open
states:
  open:
    task:
      title: ${quoted("task")}
      candidates: { roles: [operations] }
      form:
        title: ${quoted("form")}
        fields:
          notes: { type: text, label: ${quoted("label")}, help: ${quoted("help")} }
          risk: { type: choice, label: Risk, options: [{ value: a, label: ${quoted("option")} }] }
    transitions: { finish: { title: ${quoted("task transition")}, to: listed } }
  listed:
    task: { title: List, candidates: { roles: [operations] }, checklist: [${quoted("checklist")}] }
    transitions: { finish: { title: Finish, to: done } }
  done: { final: completed }
`;

interface Scene {
  readonly story: MaintenanceTenant;
  readonly request: MaintenanceRequest;
  readonly rejected: MaintenanceRequest;
  readonly vendorRequest: MaintenanceRequest;
  readonly tasks: { readonly triage: string; readonly form: string; readonly list: string; readonly asked: string };
  readonly projectTask: string;
}

const taskQuery = "{ tasks(first: 50) { edges { node { id closedAt instance { id } } } } }";
interface FoundTask {
  readonly id: string;
  readonly closedAt: string | null;
  readonly instance: { readonly id: string };
}

/** Returns the open task of a workflow. */
async function taskOf({ operations }: MaintenanceTenant, instanceId: string): Promise<string> {
  const { tasks } = await operations.run<{ tasks: { edges: { node: FoundTask }[] } }>(taskQuery);
  const found = tasks.edges.find(({ node }) => node.instance.id === instanceId && node.closedAt === null);
  if (!found) throw new Error(`${instanceId} has no open task.`);
  return found.node.id;
}

async function submitted(story: MaintenanceTenant): Promise<MaintenanceRequest> {
  const { requester, buildingId, assetId } = story;
  const input = { typeKey: "maintenance", data: { summary: hostile("summary"), estimate: 12_000 }, buildingId, assetId };
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input },
  );
  const request = { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
  await story.fire(requester, request, "submit");
  return request;
}

async function started(story: MaintenanceTenant): Promise<string> {
  const { startWorkflow } = await story.manager.run<{ startWorkflow: { instance: { id: string } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
    { input: { definitionKey: "inspection" } },
  );
  return startWorkflow.instance.id;
}

/** Calls a mutation, with the name of its input and without its result. */
const change = (user: TestUser, mutation: string, input: object): Promise<unknown> =>
  user.run(`mutation ($input: ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { __typename } }`, {
    input,
  });

async function renameAll(story: MaintenanceTenant): Promise<void> {
  const { admin, requester, operations, manager, vendor, buildingId, assetId } = story;
  const people = { requester, operations, manager, "vendor user": vendor.user };
  for (const [name, { id }] of Object.entries(people)) await change(admin, "updateUser", { id, name: hostile(name) });
  await change(admin, "updateVendor", { id: vendor.id, name: hostile("vendor") });
  await change(admin, "updateBuilding", { id: buildingId, name: hostile("building"), address: hostile("address") });
  await change(admin, "updateAsset", { id: assetId, name: hostile("asset") });
  const { requestTypes } = await admin.run<{ requestTypes: { edges: { node: { id: string } }[] } }>(
    "{ requestTypes { edges { node { id } } } }",
  );
  const [type] = requestTypes.edges;
  await change(admin, "updateRequestType", { id: type?.node.id, name: hostile("type"), description: hostile("description") });
}

async function aHostileTenant(): Promise<Scene> {
  const story = await aMaintenanceTenant({ tenant: () => site.weft.tenant(hostile("tenant")) });
  const { tenant, admin, requester, operations, manager, vendor } = story;
  await renameAll(story);
  await tenant.definition(await maintenanceDefinition());
  await tenant.definition(taskDefinition);
  await tenant.definition(await loadExampleDefinition("project"));

  const request = await submitted(story);
  await change(operations, "commentOnRequest", { id: request.id, audience: "PUBLIC", text: hostile("comment") });
  await change(operations, "triageRequest", { id: request.id, tags: [hostile("tag")] });
  await attachText(operations, { objectId: request.id, name: fileName, visibility: "SHARED" });
  await change(story.admin, "saveView", { list: "REQUESTS", name: hostile("view"), visibility: "TENANT" });

  const rejected = await submitted(story);
  await story.fire(operations, rejected, "reject", { comment: hostile("reason") });
  await change(operations, "linkRequests", { id: request.id, toId: rejected.id, kind: "RELATES_TO" });

  const vendorRequest = await submitted(story);
  await story.fire(operations, vendorRequest, "escalate");
  await story.fire(manager, vendorRequest, "approve");
  await story.assign(vendorRequest, { vendorId: vendor.id });
  const offered = await story.request("approved");
  const offer = { title: hostile("offer"), note: hostile("note"), category: hostile("category") };
  await change(operations, "offerToVendor", { requestId: offered.id, vendorId: vendor.id, expiresInMinutes: 600, ...offer });
  await newVendorDocument(vendor.user, { vendorId: vendor.id, title: hostile("document"), number: hostile("number") });

  const projectTask = await aTask(admin, await aProject(admin, hostile("project")), hostile("project task"), { assigneeId: vendor.id });
  await change(vendor.user, "reportProjectTaskProgress", { id: projectTask, percentComplete: 10, note: hostile("report") });

  const question = await submitted(story);
  const asked = await taskOf(story, question.instanceId);
  await change(operations, "askForInformation", { id: asked, askedId: manager.id, text: hostile("question") });
  const [form, listed] = [await started(story), await started(story)];
  const list = await taskOf(story, listed);
  await change(operations, "completeTask", { id: list, transition: "finish", input: {} });
  const tasks = {
    triage: await taskOf(story, request.instanceId),
    form: await taskOf(story, form),
    list: await taskOf(story, listed),
    asked,
  };
  await change(requester, "commentOnRequest", { id: vendorRequest.id, audience: "PUBLIC", text: hostile("vendor comment") });
  return { story, request, rejected, vendorRequest, tasks, projectTask };
}

/** A page, and where the markup was written that it shows. */
type Stop = readonly [path: string, shows: readonly string[], act?: (page: TestPage) => Promise<void>];

const textOf = (where: string): string => (where === "file" ? fileName : hostile(where));

/** What a page shows, in texts, fields, lists of choices and labels. */
const isShown = (where: string): string => `[document.title, document.body.textContent]
  .concat([...document.querySelectorAll("[aria-label], [title], input, textarea")].flatMap((one) => [one.ariaLabel, one.title, one.value]))
  .some((text) => text?.includes(${JSON.stringify(textOf(where))}))`;

/** Walks pages as a user. Everything is shown as text. */
async function expectWalk(user: TestUser, stops: readonly Stop[]): Promise<void> {
  const page = await site.openedAs(user);
  for (const [path, shows, act] of stops) {
    await page.goto(site.weft.url + path);
    await act?.(page);
    for (const where of shows) await page.until(isShown(where), `${path} shows the ${where}`);
    expect(await page.evaluate(`[globalThis.attacked ?? null, document.querySelector("[onerror], img[src=x]")]`), path).toEqual([
      null,
      null,
    ]);
  }
  expectQuiet(page);
  await site.closePages();
}

test("markup in texts of a tenant is shown as text on the pages of people who decide", { timeout: 300_000 }, async () => {
  const { story, request, rejected, tasks } = scene;
  const openPalette = async (page: TestPage): Promise<void> => {
    await page.text(".user");
    await page.press("Control+k");
    await page.until(`document.activeElement?.closest("[role=dialog]") !== null`);
    await page.type("onerror");
    await page.until(`[...document.querySelectorAll("[data-command]")].some(({ textContent }) => textContent.includes("onerror"))`);
  };
  await expectWalk(story.operations, [
    ["/console/inbox", ["tenant", "operations", "summary", "task"]],
    [`/console/inbox?task=${tasks.triage}`, ["summary", "state", "transition", "type", "requester"]],
    [
      `/console/inbox?task=${tasks.form}`,
      ["task", "task transition", "label", "help", "option"],
      (page) => page.click('[data-name="finish"] button'),
    ],
    [`/console/inbox?task=${tasks.list}`, ["checklist"]],
    [
      "/console/requests?columns=title,type,state,requester,assignee,building,asset",
      ["summary", "type", "state", "requester", "vendor", "building", "asset"],
    ],
    ["/console/requests", ["view"], (page) => page.click(".view-name")],
    ["/console/requests?layout=board", ["state", "vendor state", "summary"]],
    [
      `/console/requests/${request.id}`,
      ["summary", "state", "transition", "type", "requester", "building", "asset", "tag", "comment", "data label"],
    ],
    [`/console/requests/${request.id}?tab=history`, ["comment", "requester"]],
    [`/console/requests/${rejected.id}?tab=history`, ["reason", "operations"]],
    [`/console/requests/${request.id}?tab=files`, ["file"]],
    ["/console/portal", ["type", "description"]],
    ["/console/inbox", ["summary"], openPalette],
    ["/console/account", ["operations"]],
  ]);
  await expectWalk(story.manager, [
    [`/console/inbox?task=${tasks.asked}`, ["question", "operations"]],
    ["/console/dashboard", ["definition", "type"]],
    ["/console/dashboard?process=maintenance-request", ["building"]],
    ["/console/dashboard/wall", ["definition"]],
  ]);
});

test("markup in texts of a tenant is shown as text on the pages of requesters", { timeout: 300_000 }, async () => {
  const { story, request, vendorRequest } = scene;
  const openList =
    (name: string) =>
    (page: TestPage): Promise<void> =>
      page.click(`[data-name="${name}"] input`);
  await expectWalk(story.requester, [
    ["/console/portal", ["tenant", "requester", "type", "description", "summary"]],
    ["/console/portal/new/maintenance", ["type", "description", "data label", "building"], openList("buildingId")],
    ["/console/portal/new/maintenance", ["asset"], openList("assetId")],
    [`/console/portal/requests/${request.id}`, ["summary", "state", "comment", "file", "building", "address", "asset", "operations"]],
    [`/console/portal/requests/${vendorRequest.id}`, ["vendor comment", "vendor state"]],
    ["/console/portal", ["summary"], (page) => page.click(".bell")],
  ]);
});

test("markup in texts of a tenant is shown as text on the pages of vendors", { timeout: 300_000 }, async () => {
  const { story, vendorRequest, projectTask } = scene;
  await expectWalk(story.vendor.user, [
    ["/console/vendor", ["vendor user", "summary", "vendor state", "building", "project", "project task"]],
    ["/console/vendor/offers", ["offer", "note", "category", "building"]],
    ["/console/vendor/documents", ["document", "number"]],
    [`/console/vendor/requests/${vendorRequest.id}`, ["summary", "vendor state", "vendor transition", "vendor comment", "type"]],
    [`/console/vendor/project-tasks/${projectTask}`, ["project", "project task", "report"]],
  ]);
});
