import { demoLogins, demoPassword } from "@weft/shared/demo";
import { ApiClient, brokenInvariants, startTestWeft, type TestWeft, TestUser } from "@weft/testkit";
import { guides, runGuide } from "@weft/testkit/guides/run-guide";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectModels } from "../models/connect-models.js";
import { type ModelSubstitute, startModelSubstitute } from "../models/model-substitute.js";
import { playStory } from "../story/story.js";
import { seedDemo } from "../seed/seed.js";

const dayMs = 86_400_000;
let weft: TestWeft;
let models: ModelSubstitute;
let admin: TestUser;
const failures: unknown[] = [];
const completed: number[] = [];

const as = (login: string): Promise<TestUser> => TestUser.login(weft.url, `${login}@acme.com`, demoPassword(`${login}@acme.com`));
const counted = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(values)].toSorted().map((value) => [value, values.filter((one) => one === value).length]));

/** Only the demo logins have known passwords, so all tests share the one seeded tenant, and the last one adds to it. */
beforeAll(async () => {
  models = await startModelSubstitute();
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: `${models.host},127.0.0.1:9` } });
  // Without a socket, as a start creates it.
  const api = new ApiClient(weft.url, undefined, weft.weft.gateway.fetch);
  const makeHistory = await seedDemo(weft.weft.services, api, {
    history: {
      idle: () => weft.weft.worker.idle(),
      modelsUrl: models.url,
      onFailure: (error) => failures.push(error),
      onComplete: (seconds) => completed.push(seconds),
    },
  });
  await makeHistory?.();
  admin = await as("admin");
}, 300_000);
afterAll(async () => {
  await weft.stop();
  await models.close();
});

interface Requests {
  requests: {
    totalCount: number;
    edges: { node: { state: string; createdAt: string; type: { key: string } } }[];
    pageInfo: { endCursor: string | null; hasNextPage: boolean };
  };
}

/** All requests, page by page. */
async function allRequests(): Promise<Pick<Requests["requests"], "totalCount" | "edges">> {
  const query = `query ($after: String) { requests(first: 100, after: $after) {
    totalCount edges { node { state createdAt type { key } } } pageInfo { endCursor hasNextPage } } }`;
  const edges: Requests["requests"]["edges"] = [];
  for (let after: string | null = null; ;) {
    const { requests }: Requests = await admin.run<Requests>(query, { after });
    edges.push(...requests.edges);
    if (!requests.pageInfo.hasNextPage) return { totalCount: requests.totalCount, edges };
    after = requests.pageInfo.endCursor;
  }
}

test("every story runs to its end, and the end is told once", () => {
  expect(failures).toEqual([]);
  expect(completed).toHaveLength(1);
});

test("Acme has two hundred requests of three types, in every state, the same on each start", async () => {
  const requests = await allRequests();
  const statesOf = (key: string): Record<string, number> =>
    counted(requests.edges.filter(({ node }) => node.type.key === key).map(({ node }) => node.state));
  expect(requests.totalCount).toBe(200);
  // Those that were closed long ago are completed.
  const { closed = 0, completed = 0, ...others } = statesOf("maintenance");
  expect(closed + completed).toBe(119);
  expect(others).toEqual({
    approval: 3,
    assigned: 3,
    cancelled: 17,
    done: 2,
    draft: 3,
    in_progress: 4,
    rejected: 18,
    triage: 13,
  });
  expect(statesOf("purchase")).toEqual({
    committee: 1,
    draft: 1,
    first_approval: 2,
    ordered: 1,
    ordering: 1,
    received: 3,
    rejected: 1,
    second_approval: 1,
    withdrawn: 1,
  });
  expect(statesOf("onboarding")).toEqual({ cancelled: 1, preparing: 2, ready: 1, welcomed: 2 });
});

test("the requests were created over ninety days, none of them in the future", async () => {
  const requests = await allRequests();
  const days = requests.edges.map(({ node }) => (Date.now() - Date.parse(node.createdAt)) / dayMs);
  expect(Math.min(...days)).toBeGreaterThan(0);
  expect(Math.max(...days)).toBeGreaterThan(60);
  expect(Math.max(...days)).toBeLessThan(91);
  for (const month of [0, 1, 2]) expect(days.filter((age) => Math.floor(age / 30) === month).length).toBeGreaterThan(5);
});

test("Acme has three buildings with floors and sixty assets, and views that its users open each day", async () => {
  const { buildings, assets, savedViews } = await admin.run<{
    buildings: { edges: { node: { code: string; spaces: { totalCount: number } } }[] };
    assets: { totalCount: number };
    savedViews: { edges: { node: { name: string; count: number | null } }[] };
  }>(`{ buildings(first: 10) { edges { node { code spaces { totalCount } } } } assets { totalCount }
    savedViews(first: 10) { edges { node { name count } } } }`);
  expect(buildings.edges.map(({ node }) => [node.code, node.spaces.totalCount])).toEqual([
    ["HQ", 3],
    ["LAB", 3],
    ["WH", 3],
  ]);
  expect(assets.totalCount).toBe(60);
  const counts = Object.fromEntries(savedViews.edges.map(({ node }) => [node.name, node.count]));
  expect(counts["Fire safety"]).toBe(18);
  expect(counts["Open, most urgent first"]).toBeGreaterThan(25);
});

test("a closed request has a history of several users in chronological order, with the comments that users wrote", async () => {
  const { workflowInstances } = await admin.run<{
    workflowInstances: { edges: { node: { history: { at: string; kind: string; actor: { name: string } | null }[] } }[] };
  }>(
    `{ workflowInstances(first: 100, filter: { definitionKey: { eq: "maintenance-request" }, state: { in: ["closed", "completed"] } }) {
      edges { node { history { at kind actor { name } } } } } }`,
  );
  const histories = workflowInstances.edges.map(({ node }) => node.history.map((entry) => ({ ...entry, at: Date.parse(entry.at) })));
  for (const history of histories) {
    expect(new Set(history.map(({ actor }) => actor?.name)).size).toBeGreaterThanOrEqual(3);
    expect(history.map(({ at }) => at)).toEqual(history.map(({ at }) => at).toSorted((a, b) => a - b));
    expect((history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0)).toBeGreaterThan(dayMs);
  }
  expect(histories.flat().some(({ kind }) => kind === "COMMENT")).toBe(true);
});

test.each([
  ["operations", { mine: 1, offeredToMe: 3, team: 1 }],
  ["ops", { offeredToMe: 3, team: 1 }],
  ["manager", { mine: 1, offeredToMe: 3, team: 1, overdue: 1 }],
  ["technical", { mine: 1, offeredToMe: 3, team: 1 }],
  ["dev", { offeredToMe: 2, team: 1 }],
  ["approver", { offeredToMe: 2 }],
  ["legal", { offeredToMe: 2 }],
  ["underwriter", { offeredToMe: 1 }],
])("%s finds work in their queues", async (login, least) => {
  const { taskCounts } = await (
    await as(login)
  ).run<{ taskCounts: Record<string, number> }>("{ taskCounts { mine offeredToMe team overdue } }");
  for (const [queue, count] of Object.entries(least))
    expect({ queue, count: taskCounts[queue] }).toSatisfy((one: { count: number }) => one.count >= count);
});

test.each(["manager", "operations", "requester"])("%s has notifications, some of them read", async (login) => {
  const { unread, read } = await (
    await as(login)
  ).run<{ unread: { totalCount: number }; read: { totalCount: number } }>(
    "{ unread: notifications(filter: { isRead: { eq: false } }) { totalCount } read: notifications(filter: { isRead: { eq: true } }) { totalCount } }",
  );
  expect(unread.totalCount).toBeGreaterThan(0);
  expect(read.totalCount).toBeGreaterThan(0);
});

test("two projects are running, and one with phases has one finished phase and two phases in progress", async () => {
  const { projects, workflowInstances } = await admin.run<{
    projects: { edges: { node: { code: string; state: string } }[] };
    workflowInstances: { edges: { node: { children: { edges: { node: { state: string } }[] } } }[] };
  }>(
    `{ projects(first: 10) { edges { node { code state } } }
      workflowInstances(filter: { definitionKey: { eq: "phased-project" } }) { edges { node { children(first: 10) { edges { node { state } } } } } } }`,
  );
  expect(Object.fromEntries(projects.edges.map(({ node }) => [node.code, node.state]))).toEqual({
    HVAC: "active",
    DOCK: "active",
    LOBBY: "planned",
    RENO: "phases",
  });
  expect(counted(workflowInstances.edges.flatMap(({ node }) => node.children.edges.map((child) => child.node.state)))).toEqual({
    finished: 2,
    work: 5,
  });
});

test("a renovation has four phases, twenty-five tasks, two vendors and a contract in approval", async () => {
  const { projects } = await admin.run<{ projects: { edges: { node: { id: string } }[] } }>(
    '{ projects(filter: { code: { eq: "RENO" } }) { edges { node { id } } } }',
  );
  const id = projects.edges[0]?.node.id ?? "";
  type Task = { parent: object | null; assigneeVendor: { name: string } | null };
  const { project, contracts } = await admin.run<{
    project: { phases: object[]; progress: { percentComplete: number }; tasks: { edges: { node: Task }[] } };
    contracts: { edges: { node: { status: string } }[] };
  }>(
    `query ($id: ID!) {
      project(id: $id) { phases { name } progress { percentComplete } tasks(first: 50) { edges { node { parent { id } assigneeVendor { name } } } } }
      contracts(filter: { project: { eq: $id } }) { edges { node { status } } } }`,
    { id },
  );
  const tasks = project.tasks.edges.map(({ node }) => node).filter(({ parent }) => parent !== null);
  expect([project.phases.length, tasks.length]).toEqual([4, 25]);
  expect(counted(tasks.flatMap(({ assigneeVendor }) => assigneeVendor?.name ?? []))).toEqual({
    "Northwind Lifts": 2,
    "Stonebridge Construction": 11,
  });
  expect(project.progress.percentComplete).toBeGreaterThan(20);
  expect(project.progress.percentComplete).toBeLessThan(50);
  expect(contracts.edges.map(({ node }) => node.status)).toEqual(["IN_APPROVAL"]);
});

test("the renovation has a baseline, an approved scope with a change in approval, milestones, costs, a risk and a decision", async () => {
  const fields = `baselines { name } scopeItems { title } milestones(first: 10) { edges { node { name status } } }
    scopeVersions { number } costs(first: 10) { edges { node { amount { amount } vendor { name } } } }
    risks(first: 10) { edges { node { title status } } } decisions(first: 10) { edges { node { title } } } vendors { role }`;
  type Nodes<T> = { edges: { node: T }[] };
  const { projects, scopeChanges } = await admin.run<{
    projects: Nodes<{
      baselines: object[];
      scopeItems: object[];
      scopeVersions: object[];
      milestones: Nodes<{ name: string; status: string }>;
      costs: Nodes<{ amount: { amount: number }; vendor: { name: string } | null }>;
      risks: Nodes<object>;
      decisions: Nodes<object>;
      vendors: { role: string }[];
    }>;
    scopeChanges: Nodes<{ status: string; impact: { finishByMinutes: number; newBudget: { amount: number } } }>;
  }>(
    `{ projects(filter: { code: { eq: "RENO" } }) { edges { node { ${fields} } } }
      scopeChanges { edges { node { status impact { finishByMinutes newBudget { amount } } } } } }`,
  );
  const project = projects.edges[0]?.node ?? expect.fail("The demo has no renovation.");
  expect(project.baselines).toEqual([{ name: "Plan at the start" }]);
  expect(project.scopeItems).toHaveLength(3);
  expect(project.scopeVersions).toEqual([{ number: 1 }]);
  expect(project.milestones.edges.map(({ node }) => node)).toEqual([
    { name: "Building permit granted", status: "REACHED" },
    { name: "Shell finished", status: "PLANNED" },
  ]);
  const costs = project.costs.edges.map(({ node }) => node);
  expect(costs.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(7_260_000);
  expect(costs.filter(({ vendor }) => vendor?.name === "Stonebridge Construction")).toHaveLength(2);
  expect([project.risks.edges.length, project.decisions.edges.length]).toEqual([1, 1]);
  expect(project.vendors.map(({ role }) => role).toSorted()).toEqual(["Construction", "Elevators"]);
  expect(scopeChanges.edges.map(({ node }) => [node.status, node.impact.newBudget.amount])).toEqual([["IN_APPROVAL", 50_400_000]]);
});

test("two vendors have contacts, rates, service areas, limits, and a checked insurance that ends", async () => {
  type Documents = { edges: { node: { kind: string } }[] };
  const { vendors } = await admin.run<{ vendors: { edges: { node: Record<string, unknown> & { documents: Documents } }[] } }>(
    `{ vendors(filter: { code: { in: ["NORTHWIND", "STONEBRIDGE"] } }) { edges { node { code contacts { name isPrimary } rates { unit }
      serviceAreas { regions buildings { code } } availability { maxOpen absences { reason } }
      documents(first: 5) { edges { node { kind status isExpired attachments(first: 1) { edges { node { file { name } } } } } } } } } } }`,
  );
  const insurance = (name: string) => ({
    edges: [{ node: { kind: "INSURANCE", status: "ACCEPTED", isExpired: false, attachments: { edges: [{ node: { file: { name } } }] } } }],
  });
  const insured = vendors.edges.map(({ node: { documents, ...node } }) => ({
    ...node,
    documents: { edges: documents.edges.filter((one) => one.node.kind === "INSURANCE") },
  }));
  expect(insured).toEqual([
    {
      code: "NORTHWIND",
      contacts: [{ name: "Nora North", isPrimary: true }],
      rates: [{ unit: "HOUR" }, { unit: "HOUR" }, { unit: "VISIT" }],
      serviceAreas: { regions: [], buildings: [{ code: "HQ" }, { code: "WH" }, { code: "LAB" }] },
      availability: { maxOpen: 80, absences: [{ reason: "Company holidays" }] },
      documents: insurance("NW-2201.txt"),
    },
    {
      code: "STONEBRIDGE",
      contacts: [{ name: "Sam Stone", isPrimary: true }],
      rates: [{ unit: "HOUR" }],
      serviceAreas: { regions: ["Greater Springfield"], buildings: [{ code: "HQ" }] },
      availability: { maxOpen: 30, absences: [{ reason: "Company holidays" }] },
      documents: insurance("SB-7783.txt"),
    },
  ]);
});

test("the vendor has been rated over ninety days, and another one is being checked", async () => {
  const { vendors } = await admin.run<{
    vendors: {
      edges: { node: { id: string; code: string; status: string; missingDocuments: { kind: string; reason: string }[] } }[];
    };
  }>("{ vendors { edges { node { id code status missingDocuments { kind reason } } } } }");
  expect(Object.fromEntries(vendors.edges.map(({ node }) => [node.code, node.status]))).toEqual({
    NORTHWIND: "ACTIVE",
    STONEBRIDGE: "ACTIVE",
    BRIGHTSIDE: "ONBOARDING",
  });
  expect(vendors.edges.flatMap(({ node }) => node.missingDocuments.map(({ kind, reason }) => [node.code, kind, reason]))).toEqual([
    ["BRIGHTSIDE", "INSURANCE", "MISSING"],
  ]);
  const lifts = vendors.edges.find(({ node }) => node.code === "NORTHWIND")?.node.id;
  const { vendorPerformance } = await admin.run<{
    vendorPerformance: {
      figures: { name: string; value: number | null; count: number }[];
      months: { figures: { name: string; count: number }[] }[];
    };
  }>(
    `query ($id: ID!, $filter: VendorPerformanceFilter) { vendorPerformance(vendorId: $id, filter: $filter) {
      figures { name value count } months { figures { name count } } } }`,
    { id: lifts, filter: { from: new Date(Date.now() - 92 * dayMs).toISOString() } },
  );
  const rating = vendorPerformance.figures.find(({ name }) => name === "RATING");
  expect(rating?.count).toBeGreaterThan(15);
  expect(rating?.value).toBeGreaterThan(3);
  const months = vendorPerformance.months.filter(({ figures }) => figures.some(({ name, count }) => name === "RATING" && count > 0));
  expect(months.length).toBeGreaterThanOrEqual(2);
});

test("the vendor's user finds offers in different states, and documents of which one ends soon and one is not checked yet", async () => {
  const vendor = await TestUser.login(weft.url, "tech@northwind.com", demoPassword("tech@northwind.com"));
  const { vendorOffers, vendorDocuments } = await vendor.run<{
    vendorOffers: { edges: { node: { title: string; status: string } }[] };
    vendorDocuments: { edges: { node: { kind: string; status: string; validUntil: string } }[] };
  }>("{ vendorOffers(first: 50) { edges { node { title status } } } vendorDocuments { edges { node { kind status validUntil } } } }");
  expect(Object.fromEntries(vendorOffers.edges.map(({ node }) => [node.title, node.status]))).toEqual({
    "Second compressor for the cooling of the server room": "OPEN",
    "Dedicated circuit for a charging station": "EXPIRED",
    "Mixing valve of the boiler": "DECLINED",
    "Button for floor 5 in the elevator does not light up": "ACCEPTED",
  });
  const documents = vendorDocuments.edges.map(({ node }) => node);
  expect(Object.fromEntries(documents.map(({ kind, status }) => [kind, status]))).toEqual({
    INSURANCE: "ACCEPTED",
    SAFETY_CERTIFICATE: "ACCEPTED",
    REFRIGERANT_PERMIT: "SUBMITTED",
  });
  expect(documents.some(({ validUntil }) => Date.parse(validUntil) < Date.now() + 20 * dayMs)).toBe(true);
});

test("people work together on open requests: priorities, comments, mentions, files, watchers, links, questions and deadlines", async () => {
  type Shared = {
    priority: string;
    data: { summary: string };
    watchers: object[];
    links: object[];
    comments: { edges: { node: { audience: string; mentioned: object[]; attachments: { file: { name: string; type: string } }[] } }[] };
  };
  const { requests, savedViews, taskCounts } = await (
    await as("operations")
  ).run<{
    requests: { edges: { node: Shared }[] };
    savedViews: { edges: { node: { name: string } }[] };
    taskCounts: { overdue: number };
  }>(
    `{ requests(first: 100, filter: { closedAt: { isNull: true } }) { edges { node { priority data watchers { id } links { kind }
        comments(first: 20) { edges { node { audience mentioned { id } attachments { file { name type } } } } } } } }
      savedViews(first: 10) { edges { node { name } } } taskCounts { overdue } }`,
  );
  const open = requests.edges.map(({ node }) => node);
  expect(Object.keys(counted(open.map(({ priority }) => priority)))).toEqual(["HIGH", "LOW", "NORMAL", "URGENT"]);
  const comments = open.flatMap((one) => one.comments.edges.map(({ node }) => node));
  expect(comments.filter(({ audience }) => audience === "INTERNAL").length).toBeGreaterThan(3);
  expect(comments.filter(({ audience }) => audience === "PUBLIC").length).toBeGreaterThan(8);
  expect(comments.some(({ mentioned }) => mentioned.length > 0)).toBe(true);
  expect(comments.flatMap(({ attachments }) => attachments).map(({ file }) => file.type)).toContain("image/png");
  expect(open.filter(({ watchers }) => watchers.length > 0).length).toBeGreaterThan(2);
  expect(open.filter(({ links }) => links.length > 0).length).toBeGreaterThan(3);
  expect(savedViews.edges.map(({ node }) => node.name)).toContain("Urgent and nobody assigned");
  expect(taskCounts.overdue).toBeGreaterThan(0);
});

test("Globex has a few requests in different states, with comments, priorities, an offer and a document that ends soon", async () => {
  const asGlobex = (login: string, domain = "globex.com"): Promise<TestUser> =>
    TestUser.login(weft.url, `${login}@${domain}`, demoPassword(`${login}@${domain}`));
  const { requests } = await (
    await asGlobex("operations")
  ).run<{ requests: { edges: { node: { state: string; priority: string; comments: { totalCount: number } } }[] } }>(
    "{ requests(first: 50) { edges { node { state priority comments { totalCount } } } } }",
  );
  const nodes = requests.edges.map(({ node }) => node);
  expect(counted(nodes.map(({ state }) => state))).toEqual({ approval: 1, assigned: 1, done: 1, in_progress: 1, triage: 1 });
  expect(new Set(nodes.map(({ priority }) => priority)).size).toBe(4);
  expect(nodes.filter(({ comments }) => comments.totalCount > 0)).toHaveLength(3);
  const { vendorOffers, vendorDocuments } = await (
    await asGlobex("tech", "initech.com")
  ).run<{ vendorOffers: { edges: { node: { status: string } }[] }; vendorDocuments: { totalCount: number } }>(
    "{ vendorOffers { edges { node { status } } } vendorDocuments { totalCount } }",
  );
  expect(vendorOffers.edges.map(({ node }) => node.status)).toEqual(["OPEN"]);
  expect(vendorDocuments.totalCount).toBe(1);
});

test("service levels of maintenance requests are on track, at risk, breached and paused", async () => {
  const { slaTimers, slaBreaches } = await admin.run<{
    slaTimers: { edges: { node: { title: string; status: string } }[] };
    slaBreaches: { totalCount: number };
  }>(
    `{ slaTimers(first: 50, filter: { definitionKey: { eq: "maintenance-request" } }) { edges { node { title status } } }
      slaBreaches { totalCount } }`,
  );
  const repairs = counted(slaTimers.edges.flatMap(({ node }) => (node.title === "Repair" ? [node.status] : [])));
  expect(repairs["PAUSED"]).toBe(1);
  expect(repairs["BREACHED"]).toBeGreaterThanOrEqual(1);
  expect(repairs["WARNING"]).toBeGreaterThanOrEqual(1);
  expect(repairs["ON_TRACK"]).toBeGreaterThanOrEqual(3);
  expect(slaBreaches.totalCount).toBeGreaterThan(1);
});

test("late repairs have been escalated, the latest ones to the managers", async () => {
  const { escalations } = await admin.run<{ escalations: { edges: { node: { name: string; level: number; outcome: string } }[] } }>(
    "{ escalations(first: 50) { edges { node { name level outcome } } } }",
  );
  const levels = counted(escalations.edges.map(({ node }) => `${node.name} ${node.level} ${node.outcome}`));
  expect(levels["late-repair 1 DONE"]).toBeGreaterThan(2);
  expect(levels["late-repair 2 DONE"]).toBeGreaterThan(0);
});

test("a failed inspection has reported an incident, and the schedules have their next runs", async () => {
  const { workflowInstances, triggerRuns, schedules } = await admin.run<{
    workflowInstances: { edges: { node: { data: { summary: string } } }[] };
    triggerRuns: { edges: { node: { outcome: string } }[] };
    schedules: { edges: { node: { name: string; nextRuns: object[]; runs: { edges: { node: { kind: string } }[] } } }[] };
  }>(
    `{ workflowInstances(filter: { definitionKey: { eq: "incident" } }) { edges { node { data } } }
      triggerRuns { edges { node { outcome } } }
      schedules { edges { node { name nextRuns(first: 2) { plannedAt } runs { edges { node { kind } } } } } } }`,
  );
  expect(workflowInstances.edges.map(({ node }) => node.data.summary)).toContain("Boiler: The safety valve drips");
  expect(triggerRuns.edges.map(({ node }) => node.outcome)).toEqual(["STARTED"]);
  // On a Monday, a planned run can have passed since the schedules were created.
  const manual = ({ edges }: { edges: { node: { kind: string } }[] }) => edges.filter(({ node }) => node.kind === "MANUAL").length;
  expect(schedules.edges.map(({ node }) => [node.name, node.nextRuns.length, manual(node.runs)])).toEqual([
    ["Monthly order of office supplies", 2, 0],
    ["Weekly inspection of the elevator", 2, 1],
  ]);
});

interface RunNode {
  readonly definitionKey: string;
  readonly status: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly logLineCount: number;
  readonly usage: { readonly tokensIn: number; readonly costMicros: number };
  readonly error: { readonly code: string } | null;
  readonly instance: { readonly data: { readonly version?: string }; readonly incident: { readonly kind: string } | null };
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

const runsOf = async (definitionKey: string): Promise<RunNode[]> => {
  const { runs } = await admin.run<{ runs: { edges: { node: RunNode }[] } }>(
    `query ($key: String!) { runs(first: 50, filter: { definitionKey: { eq: $key } }, orderBy: { field: CREATED_AT, direction: ASC }) { edges { node {
      definitionKey status createdAt finishedAt logLineCount usage { tokensIn costMicros } error { code }
      instance { data incident { kind } } steps { step status } } } } }`,
    { key: definitionKey },
  );
  return runs.edges.map(({ node }) => node);
};
const waitsFor = ({ steps }: RunNode): string | undefined => steps.find(({ status }) => status === "WAITING")?.step;

test("the automations of the demo are valid, their scenarios pass, and each is published", async () => {
  const { definitions } = await admin.run<{ definitions: { edges: { node: { key: string; source: string } }[] } }>(
    "{ definitions(first: 50, filter: { status: { eq: PUBLISHED } }) { edges { node { key source } } } }",
  );
  const automations = definitions.edges.map(({ node }) => node).filter(({ source }) => source.includes("\nkind: automation\n"));
  expect(automations.map(({ key }) => key).toSorted()).toEqual([
    "announce-website",
    "answer-enquiry",
    "check-status-page",
    "deploy-application",
    "deploy-website",
    "hello-world",
    "restore-website",
  ]);
  for (const { source } of automations) {
    const { validateDefinition, runScenarios } = await admin.run<{
      validateDefinition: { problems: object[] };
      runScenarios: { isPassed: boolean; scenarios: object[] };
    }>(
      "query ($source: String!) { validateDefinition(source: $source) { problems { message } } runScenarios(source: $source) { isPassed scenarios { name } } }",
      { source },
    );
    expect(validateDefinition.problems).toEqual([]);
    expect(runScenarios.isPassed).toBe(true);
    expect(runScenarios.scenarios.length).toBeGreaterThan(0);
  }
});

test("the website was deployed in every way a run can end or wait", async () => {
  const runs = await runsOf("deploy-website");
  expect(
    runs.map((run) => [
      run.instance.data.version,
      run.status,
      waitsFor(run) ?? run.error?.code ?? null,
      run.instance.incident?.kind ?? null,
    ]),
  ).toEqual([
    ["v2.0.0", "SUCCEEDED", null, null],
    ["v2.1.0", "SUCCEEDED", null, null],
    ["v2.2.0", "FAILED", "ASSERTION_FAILED", null],
    ["v2.2.1", "SUCCEEDED", null, null],
    ["v2.2.2", "FAILED", "REJECTED", null],
    ["v2.3.0", "FAILED", "REJECTED", null],
    ["v2.3.1", "SUCCEEDED", null, null],
    ["v3.0.0", "CANCELLED", null, null],
    ["v2.4.0", "RUNNING", "keep-previous", null],
    ["v3.0.1", "PAUSED", "approve", null],
    ["v2.4.1", "COMPENSATING", "REJECTED", "JOB"],
    ["v2.4.2", "RUNNING", "look", null],
    ["v2.5.0", "RUNNING", "approve", null],
  ]);
});

test("a deployment that did not work was undone, another one was refused because it needs programs, which are allowed now, and a request to an unknown host is refused by the profile", async () => {
  expect((await runsOf("restore-website")).map(({ status }) => status)).toEqual(["SUCCEEDED", "FAILED"]);
  expect(await runsOf("deploy-application")).toEqual([]);
  const { definitionVersions, effectiveConfiguration } = await admin.run<{
    definitionVersions: { edges: { node: { auditTrail: { edges: { node: { action: string } }[] } } }[] };
    effectiveConfiguration: { value: { automation: object } };
  }>(
    '{ definitionVersions(key: "deploy-application") { edges { node { auditTrail(first: 50) { edges { node { action } } } } } } effectiveConfiguration { value } }',
  );
  expect(definitionVersions.edges[0]?.node.auditTrail.edges.map(({ node }) => node.action)).toContain("definition.violateProfile");
  expect(effectiveConfiguration.value.automation).toMatchObject({ securityProfile: "elevated" });
  expect((await runsOf("check-status-page")).map(({ error }) => error?.code)).toEqual(["PROFILE_VIOLATION"]);
});

test("agents have answered enquiries with tokens, costs and logs, and one enquiry waits for a person", async () => {
  const runs = await runsOf("answer-enquiry");
  expect(runs.map((run) => [run.status, waitsFor(run) ?? null])).toEqual([
    ["SUCCEEDED", null],
    ["SUCCEEDED", null],
    ["SUCCEEDED", null],
    ["SUCCEEDED", null],
    ["RUNNING", "research"],
  ]);
  for (const { usage, logLineCount } of runs) {
    expect(usage.tokensIn).toBeGreaterThan(50);
    expect(usage.costMicros).toBeGreaterThan(500);
    expect(logLineCount).toBeGreaterThan(2);
  }
  const { modelProviders } = await admin.run<{ modelProviders: { name: string; baseUrl: string }[] }>(
    "{ modelProviders { name baseUrl } }",
  );
  expect(modelProviders).toEqual([{ name: "Local substitute of the demo (templates, not a model)", baseUrl: models.url }]);
});

test("after a start on another port, the provider has the URL of the substitute there, and nobody changes it otherwise", async () => {
  const baseUrls = async () =>
    (await admin.run<{ modelProviders: { baseUrl: string; version: number }[] }>("{ modelProviders { baseUrl version } }")).modelProviders;
  const [before] = await baseUrls();
  await connectModels(admin, models.url);
  expect(await baseUrls()).toEqual([before]);
  await connectModels(admin, "http://127.0.0.1:9/v1");
  expect(await baseUrls()).toMatchObject([{ baseUrl: "http://127.0.0.1:9/v1" }]);
  const { modelProviders } = await admin.run<{ modelProviders: { id: string }[] }>("{ modelProviders { id } }");
  const point = (baseUrl: string) =>
    admin.run("mutation ($input: UpdateModelProviderInput!) { updateModelProvider(input: $input) { modelProvider { id } } }", {
      input: { id: modelProviders[0]?.id, baseUrl },
    });
  await point("http://127.0.0.1:9/real");
  await connectModels(admin, models.url);
  expect(await baseUrls()).toMatchObject([{ baseUrl: "http://127.0.0.1:9/real" }]);
  await point("http://127.0.0.1:9/v1");
  await connectModels(admin, models.url);
  expect(await baseUrls()).toMatchObject([{ baseUrl: models.url }]);
});

test("runs have ended after they began, in the weeks in which they were started", async () => {
  const runs = [...(await runsOf("deploy-website")), ...(await runsOf("answer-enquiry")), ...(await runsOf("hello-world"))];
  const ended = runs.flatMap(({ createdAt, finishedAt }) =>
    finishedAt === null ? [] : [[Date.parse(createdAt), Date.parse(finishedAt)] as const],
  );
  expect(ended.length).toBeGreaterThan(12);
  for (const [createdAt, finishedAt] of ended) {
    expect(finishedAt).toBeGreaterThanOrEqual(createdAt);
    expect(finishedAt).toBeLessThan(Date.now());
  }
  // Four keep an earlier version for two weeks.
  expect(ended.filter(([createdAt, finishedAt]) => finishedAt - createdAt > 14 * dayMs)).toHaveLength(4);
  expect(ended.filter(([, finishedAt]) => finishedAt < Date.now() - dayMs).length).toBeGreaterThan(10);
});

test("what the demo contains satisfies the invariants", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Executions are counted in real time. The history was started in a few seconds, and has the times of Acme's clock.
  expect(broken.filter((one) => !one.startsWith("usage: executions of a window"))).toEqual([]);
});

test("Acme's clock shows the real time again, and its audit trail contains the real times", async () => {
  const sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const [tenant] = await sql`select is_sandbox, clock_offset_ms::int as offset from identity.tenants where slug = 'acme'`;
    expect(tenant).toEqual({ is_sandbox: false, offset: 0 });
  } finally {
    await sql.end();
  }
  const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { at: string } }[] } }>(
    "{ auditEntries(first: 100) { edges { node { at } } } }",
  );
  for (const { node } of auditEntries.edges) expect(Date.now() - Date.parse(node.at)).toBeLessThan(600_000);
});

test("a second start leaves the demo's data unchanged", async () => {
  const before = await admin.run("{ requests { totalCount } workflowInstances { totalCount } }");
  const again = await seedDemo(weft.weft.services, new ApiClient(weft.url), { history: { idle: () => weft.weft.worker.idle() } });
  expect(again).toBeUndefined();
  expect(await admin.run("{ requests { totalCount } workflowInstances { totalCount } }")).toEqual(before);
});

test.each([...guides])(
  "%s works from its first line in the demo that its reader starts, with the logins it mentions",
  async (_name, page) => {
    const [introduction = ""] = page.split("\n## ");
    expect(introduction).toContain("`npx --yes pnpm start`");
    const named = demoLogins.filter(
      ({ email, password }) => introduction.includes(`\`${email}\``) && introduction.includes(`\`${password}\``),
    );
    const reader = async (role: string): Promise<TestUser> => {
      const { email, password } =
        named.find((login) => login.email === `${role}@acme.com`) ?? expect.fail(`The guide does not say how to log in as ${role}.`);
      return TestUser.login(weft.url, email, password);
    };
    await runGuide(page, reader, () => weft.weft.worker.idle());
  },
  60_000,
);

test("the story of `pnpm demo` also runs with this data", async () => {
  expect(await playStory(weft.url)).toMatchObject({ finalState: "closed", auditIsValid: true });
}, 60_000);

test("a start that ended before it created the history, because its port was in use, leaves the history to the next start", async () => {
  const other = await startTestWeft({ alone: "It seeds the tenants of the demo." });
  try {
    const options = { history: { idle: () => other.weft.worker.idle(), signal: AbortSignal.abort() } };
    const first = await seedDemo(other.weft.services, new ApiClient(other.url), options);
    const second = await seedDemo(other.weft.services, new ApiClient(other.url), options);
    expect([first, second]).toEqual([expect.any(Function), expect.any(Function)]);
    // If stopped before they begin, they only close their connections.
    await Promise.all([first?.(), second?.()]);
  } finally {
    await other.stop();
  }
});
