import { ApiClient, hierarchyDefinition, memberDefinition, newHierarchy, startTestWeft, type TestWeft, until } from "@weft/testkit";
import { expectTables } from "@weft/testkit/expected-tables";
import { loopingDefinition, newIncident } from "@weft/testkit/tenants/looping-definition";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoPassword } from "@weft/shared/demo";
import { loadExampleDefinition, loadExampleOperations } from "../examples.js";
import { seedDemo } from "../seed/seed.js";
import { seedOperations } from "../seed/seed-operations.js";
import { playStory, type StoryResult } from "../story/story.js";
import { type Attempted, heard, triedSteps, tryStory } from "./try-story.js";

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It seeds the tenants of the demo." });
  await seedDemo(weft.weft.services, new ApiClient(weft.url));
});
afterAll(() => weft.stop());

interface Notification {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly isRead: boolean;
  readonly subject: { readonly __typename: string; readonly id: string; readonly title?: string; readonly number?: string } | null;
}

const notificationsQuery = `{ unreadNotificationCount notifications(first: 50) { edges { node { id kind title isRead subject { __typename id ... on Request { number } ... on Task { title } } } } } }`;

async function as(login: string): Promise<ApiClient> {
  const query = "mutation ($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }";
  const answer = await new ApiClient(weft.url).run<{ login: { accessToken: string } }>(query, { login, password: demoPassword(login) });
  return new ApiClient(weft.url, answer.login.accessToken);
}

async function publish(who: ApiClient, source: string): Promise<void> {
  const { createDefinition } = await who.run<{ createDefinition: { definition: { id: string } } }>(seedOperations.createDefinition, {
    input: { source },
  });
  await who.run(seedOperations.publishDefinition, { input: { id: createDefinition.definition.id } });
}

async function notificationsOf(who: ApiClient): Promise<{ unread: number; all: Notification[] }> {
  await weft.weft.worker.idle();
  const answer = await who.run<{ unreadNotificationCount: number; notifications: { edges: { node: Notification }[] } }>(notificationsQuery);
  return { unread: answer.unreadNotificationCount, all: answer.notifications.edges.map(({ node }) => node) };
}

// Runs first, in an organization that has no story yet, so that only the story's data is visible.
test(
  "a vendor user, a viewer, an underwriter and an administrator each attempt every step of the story",
  { tags: "slow", timeout: 180_000 },
  async () => {
    const place = { url: weft.url, domain: "globex.com", vendorDomain: "initech.com" };
    const personas = { "vendor user": "tech@initech.com", viewer: "viewer", underwriter: "underwriter", administrator: "admin" };
    const attempted: Attempted[] = [];
    for (const login of Object.values(personas)) attempted.push(await tryStory(place, login.includes("@") ? login : `${login}@globex.com`));
    const steps = [...triedSteps, { title: heard, by: "administrator" }].map(({ title, by }, index) => ({
      name: `${String(index + 1).padStart(2, "0")} ${title}`,
      title,
      by,
    }));
    const seen = steps.filter(({ title }) => attempted[0]?.views.has(title));
    expectTables("story", [
      {
        title: "What each is answered",
        head: ["step", "in the story by", ...Object.keys(personas)],
        rows: Object.fromEntries(
          steps.map(({ name, title, by }) => [name, [by, ...attempted.map(({ answers }) => answers.get(title) ?? "")]]),
        ),
      },
      {
        title: "What each sees of the request after it",
        head: ["step", ...Object.keys(personas)],
        rows: Object.fromEntries(seen.map(({ name, title }) => [name, attempted.map(({ views }) => views.get(title) ?? "")])),
      },
    ]);
    expect(attempted.map(({ views }) => views.get("close it"))).toEqual(["closed", "closed", "closed", "closed"]);
  },
);

const transitions = [
  "draft → triage",
  "triage → approval",
  "approval → assigned",
  "assigned → in_progress",
  "in_progress → done",
  "done → closed",
];

describe("the story of the demo", () => {
  const told: StoryResult[] = [];

  test("runs from draft to closed, live and audited, twice in a row and in the second organization", async () => {
    const lines: string[] = [];
    for (const [domain, vendorDomain] of [
      ["acme.com", "northwind.com"],
      ["acme.com", "northwind.com"],
      ["globex.com", "initech.com"],
    ] as const) {
      const result = await playStory(weft.url, (line) => lines.push(line), domain, vendorDomain);
      expect(result).toMatchObject({ finalState: "closed", auditIsValid: true, seen: transitions });
      told.push(result);
    }
    expect(new Set(told.map(({ requestId }) => requestId)).size).toBe(3);
    expect(lines.filter((line) => / → .*, version \d+\)$/.test(line))).toHaveLength(18);
    expect(told.map(({ warnings }) => warnings)).toEqual([["Start of the work"], ["Start of the work"], []]);
    expect(lines).toContain('  live: service level "Start of the work": warning, 120 hours left');
    expect(lines.join("\n")).toMatch(/TRANSITION_REJECTED/);
  }, 60_000);

  test("notifies operations of the task, and the requester of transitions by other users", async () => {
    const operations = await notificationsOf(await as("operations@acme.com"));
    expect(operations.all.filter(({ kind }) => kind === "TASK_OPENED")).toHaveLength(2);
    expect(operations.all[0]?.title).toMatch(/grinding/);
    const requester = await notificationsOf(await as("requester@acme.com"));
    const transitioned = requester.all.filter(({ kind }) => kind === "REQUEST_TRANSITIONED");
    expect(new Set(transitioned.map(({ subject }) => subject?.__typename))).toEqual(new Set(["Request"]));
    expect(new Set(transitioned.map(({ subject }) => subject?.id))).toEqual(new Set(told.slice(0, 2).map(({ requestId }) => requestId)));
    // Escalated, approved, started, and completed: twice. The requester submitted and closed it, and is not notified of that.
    expect(transitioned).toHaveLength(8);
    const vendor = await notificationsOf(await as("tech@northwind.com"));
    expect(vendor.all.map(({ kind }) => kind)).toEqual(["SLA_WARNING", "ASSIGNED", "SLA_WARNING", "ASSIGNED"]);
    const manager = await notificationsOf(await as("manager@acme.com"));
    expect(manager.all.filter(({ kind }) => kind === "TASK_OPENED")).toHaveLength(2);
    expect((await notificationsOf(await as("legal@acme.com"))).all).toEqual([]);
  });

  test("does not count a notification that has been read, and marking it again changes nothing", async () => {
    const requester = await as("requester@acme.com");
    const { unread, all } = await notificationsOf(requester);
    expect(unread).toBe(all.length);
    const mark = "mutation ($id: ID!) { markNotificationRead(input: { id: $id }) { notification { isRead readAt } } }";
    const first = await requester.run(mark, { id: all[0]?.id });
    expect(first).toMatchObject({ markNotificationRead: { notification: { isRead: true } } });
    expect(await requester.run(mark, { id: all[0]?.id })).toEqual(first);
    expect((await notificationsOf(requester)).unread).toBe(unread - 1);
    const foreign = await (await as("operations@acme.com")).send(mark, { id: all[1]?.id });
    expect(foreign.errors?.[0]?.extensions?.code).toBe("NOT_FOUND");
  });

  test("seeding again changes nothing", async () => {
    const admin = await as("admin@acme.com");
    const count =
      "{ users { totalCount } vendors { totalCount } buildings { totalCount } assets { totalCount } definitions { totalCount } projects { totalCount } teams { totalCount } requestTypes { totalCount } }";
    const before = await admin.run(count);
    await seedDemo(weft.weft.services, new ApiClient(weft.url));
    expect(await admin.run(count)).toEqual(before);
    expect(before).toMatchObject({
      // With the operator of the platform that has set its limits.
      users: { totalCount: 17 },
      buildings: { totalCount: 2 },
      vendors: { totalCount: 1 },
      teams: { totalCount: 5 },
    });
  });
});

describe("the example operations", () => {
  test("run in sequence, each as its user, without an error", async () => {
    const operations = new Map((await loadExampleOperations()).map(({ name, source }) => [name, source]));
    const ran = new Set<string>();
    const run = async <T>(who: ApiClient, name: string, variables: Record<string, unknown> = {}): Promise<T> => {
      ran.add(name);
      return who.run<T>(operations.get(name) ?? `there is no ${name}`, variables);
    };
    await run(new ApiClient(weft.url), "login", {
      login: "requester@acme.com",
      password: demoPassword("requester@acme.com"),
      tenant: "acme",
    });
    const [requester, olga, admin] = [await as("requester@acme.com"), await as("operations@acme.com"), await as("admin@acme.com")];
    expect(await run(requester, "me")).toMatchObject({
      me: { name: "Rita Requester", tenant: { name: "Acme Corporation" }, roles: [{ key: "requester" }] },
    });
    const { buildings } = await run<{ buildings: { edges: { node: { id: string; assets: { edges: { node: { id: string } }[] } } }[] } }>(
      requester,
      "places",
    );
    const building = buildings.edges[0]?.node;
    const { createRequest } = await run<{ createRequest: { request: { id: string; version: number; workflow: { id: string } } } }>(
      requester,
      "create-request",
      {
        typeKey: "maintenance",
        data: { summary: "The boiler is cold", estimate: 400 },
        buildingId: building?.id,
        assetId: building?.assets.edges[0]?.node.id,
      },
    );
    const { id, version, workflow } = createRequest.request;
    await run(requester, "submit-request", { id, expectedVersion: version, idempotencyKey: "submit-once" });
    const { tasks } = await run<{
      tasks: { edges: { node: { title: string; instance: { id: string }; availableTransitions: { name: string; allowed: boolean }[] } }[] };
    }>(olga, "my-tasks");
    const task = tasks.edges.find(({ node }) => node.instance.id === workflow.id)?.node;
    expect(task?.title).toBe("Triage: The boiler is cold");
    expect(task?.availableTransitions.filter(({ allowed }) => allowed).map(({ name }) => name)).toEqual(["approve", "reject"]);
    const page = await run<{ tasks: { edges: { node: { title: string; instance: { id: string } } }[] } }>(olga, "screen-my-tasks");
    expect(page.tasks.edges.find(({ node }) => node.instance.id === workflow.id)?.node.title).toBe("Triage: The boiler is cold");
    await run(olga, "fire-transition", { instanceId: workflow.id, transition: "approve" });
    const board = await run<{
      definitions: { edges: { node: { number: number; document: { states: object } } }[] };
      workflowInstances: { edges: { node: { id: string; stateTitle: string } }[] };
    }>(olga, "screen-board", { key: "maintenance-request" });
    expect(Object.keys(board.definitions.edges[0]?.node.document.states ?? {})).toContain("assigned");
    expect(board.workflowInstances.edges.find(({ node }) => node.id === workflow.id)?.node.stateTitle).toBe("Assigned");
    expect(await run(requester, "screen-instance", { id: workflow.id })).toMatchObject({
      workflowInstance: {
        history: [{ toTitle: "Draft" }, { transitionTitle: "Submit" }, { transitionTitle: "Approve" }],
        diagram: expect.stringContaining("<svg") as unknown,
      },
    });
    const { vendors } = await olga.run<{ vendors: { edges: { node: { id: string } }[] } }>("{ vendors { edges { node { id } } } }");
    await run(olga, "assign-request", { id, vendorId: vendors.edges[0]?.node.id });
    expect(await run(admin, "request-story", { id })).toMatchObject({
      request: {
        id,
        state: "assigned",
        type: { key: "maintenance" },
        createdBy: { name: "Rita Requester" },
        assignee: { __typename: "Vendor", name: "Northwind Lifts", status: "ACTIVE" },
        workflow: {
          state: "assigned",
          version: 4,
          history: [
            { version: 1 },
            { version: 2, actor: { name: "Rita Requester" } },
            { version: 3, actor: { name: "Olga Operations" } },
            { version: 4 },
          ],
        },
        auditTrail: {
          edges: expect.arrayContaining([
            { node: { action: "request.create", at: expect.any(String) as string, actor: { name: "Rita Requester" } } },
          ]) as unknown,
        },
      },
    });
    expect(await run(admin, "explain-transition", { instanceId: workflow.id, transition: "start" })).toMatchObject({
      explainTransition: { to: "in_progress", allowed: false },
    });
    expect(
      await run(admin, "suspend-workflow", { input: { instanceId: workflow.id, reason: "The boiler is under warranty" } }),
    ).toMatchObject({
      suspendWorkflow: { instance: { status: "SUSPENDED" } },
    });
    await admin.run(`mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id }) { instance { id } } }`, { id: workflow.id });
    const assigned = { transition: "start", filter: { state: { eq: "assigned" } } };
    expect(await run(admin, "preview-bulk-transition", assigned)).toMatchObject({
      previewBulkTransition: { total: 1, open: 0, rejected: 1 },
    });
    await run(admin, "bulk-fire-transition", { input: assigned });
    await weft.weft.worker.idle();
    // Only the vendor's users can start it.
    expect(await run(olga, "task-queues")).toMatchObject({ taskCounts: { mine: expect.any(Number) as number, noCandidates: 0 } });
    expect(await run(admin, "bulk-operations")).toMatchObject({
      bulkOperations: { edges: [{ node: { status: "COMPLETED", items: { edges: [{ node: { code: "TRANSITION_REJECTED" } }] } } }] },
    });
    const template = (await loadExampleDefinition("project")).replace("key: project", "key: small-project");
    const { createDefinition: draft } = await run<{ createDefinition: { definition: { id: string } } }>(admin, "create-definition", {
      source: template,
    });
    expect(await run(admin, "publish-definition", { id: draft.definition.id, environment: "DEV" })).toMatchObject({
      publishDefinition: { definition: { status: "PUBLISHED", environments: ["DEV"] } },
    });
    const { createDefinition: looping } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
      seedOperations.createDefinition,
      {
        input: { source: loopingDefinition },
      },
    );
    await admin.run(seedOperations.publishDefinition, { input: { id: looping.definition.id } });
    const stopped = await newIncident(admin);
    expect(await run(admin, "incidents")).toMatchObject({ incidents: { edges: [{ node: { id: stopped, kind: "LOOP" } }] } });
    expect(await run(admin, "screen-incidents")).toMatchObject({
      incidents: { totalCount: 1, edges: [{ node: { id: stopped, instance: { history: [{ kind: "START" }, { kind: "INCIDENT" }] } } }] },
    });
    expect(await run(admin, "resolve-incident", { input: { id: stopped, action: "SKIP" } })).toMatchObject({
      resolveIncident: { incident: { status: "RESOLVED" }, instance: { status: "RUNNING" } },
    });
    for (const source of [memberDefinition, hierarchyDefinition]) await publish(admin, source);
    const { id: hierarchyId } = await newHierarchy(admin, ["Ann", "Ben"]);
    expect(await run(admin, "hierarchies")).toMatchObject({
      workflowInstances: { edges: [{ node: { id: hierarchyId, children: { totalCount: 2, edges: [{ node: { childIndex: 0 } }, {}] } } }] },
    });
    expect(await run(olga, "forms")).toMatchObject({ tasks: { edges: expect.any(Array) as unknown } });
    const simulated = { source: await loadExampleDefinition("maintenance-request"), data: { summary: "Boiler", estimate: 4 } };
    expect(await run(requester, "simulate-workflow", { ...simulated, steps: [{ transition: "submit" }] })).toMatchObject({
      simulateWorkflow: { path: ["draft", "triage"] },
    });
    expect(await run(requester, "test-condition", { condition: "data.estimate <= 3", data: simulated.data })).toMatchObject({
      testCondition: { holds: false, failures: [{ message: "data.estimate is 4, but must be at most 3." }] },
    });
    expect(await run(requester, "screen-new-request")).toMatchObject({
      requestTypes: { edges: [{ node: { key: "maintenance", form: { data: { typeKey: "maintenance", data: {} } } } }] },
    });
    expect(await run(olga, "screen-definition-editor", { key: "maintenance-request", source: "weft: 1" })).toMatchObject({
      validateDefinition: { isValid: false, problems: expect.any(Array) as unknown },
      definitionVersions: { edges: [{ node: { number: 1, status: "PUBLISHED" } }] },
    });
    expect(await run(requester, "run-scenarios", { source: simulated.source })).toMatchObject({ runScenarios: { isPassed: true } });
    expect(await run(requester, "requests", { filter: { state: { eq: "assigned" } } })).toMatchObject({
      requests: { edges: [{ node: { id } }] },
    });
    await weft.weft.worker.idle();
    const { notifications } = await run<{ notifications: { edges: unknown[] } }>(requester, "notifications");
    expect(notifications.edges.length).toBeGreaterThan(0);
    const validation = await run(olga, "validate-definition", { source: await loadExampleDefinition("maintenance-request") });
    expect(validation).toEqual({ validateDefinition: { isValid: true, problems: [] } });
    await until(
      async () =>
        (await run<{ verifyAuditTrail: { unsealedEntries: number } }>(admin, "verify-audit-trail")).verifyAuditTrail.unsealedEntries === 0,
      { what: "all entries are sealed" },
    );
    expect(await run(admin, "verify-audit-trail")).toMatchObject({ verifyAuditTrail: { isValid: true, firstProblem: null } });
    expect(await run(admin, "find-people", { text: "ol oper" })).toMatchObject({
      users: { edges: [{ node: { email: "operations@acme.com" } }] },
    });
    const { createRequest: mistaken } = await requester.run<{ createRequest: { request: { id: string } } }>(
      `mutation ($id: ID!) { createRequest(input: { typeKey: "maintenance", data: { summary: "Next door", estimate: 4 }, buildingId: $id }) { request { id } } }`,
      { id: building?.id },
    );
    const { submitRequest } = await requester.run<{ submitRequest: { request: { workflow: { id: string } } } }>(
      "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { workflow { id } } } }",
      { id: mistaken.request.id },
    );
    const { tasks: waiting } = await olga.run<{ tasks: { edges: { node: { id: string } }[] } }>(
      "query ($id: ID!) { tasks(filter: { instanceId: { eq: $id } }) { edges { node { id } } } }",
      { id: submitRequest.request.workflow.id },
    );
    expect(await run(olga, "complete-task", { id: waiting.edges[0]?.node.id, transition: "reject", comment: "Not ours" })).toMatchObject({
      completeTask: { task: { status: "COMPLETED" }, instance: { state: "rejected" } },
    });
    expect(await run(olga, "update-profile", { input: { title: "Operations, north wing", locale: "de-ch" } })).toMatchObject({
      updateProfile: { user: { profile: { title: "Operations, north wing", locale: "de-CH", phone: null } } },
    });
    expect(await run(requester, "my-rights")).toMatchObject({ me: { roles: [{ key: "requester" }] } });
    expect(await run(admin, "plan-and-usage")).toMatchObject({
      tenant: {
        plan: "ENTERPRISE",
        usage: expect.arrayContaining([expect.objectContaining({ limit: "runningInstances", allowed: null })]) as unknown,
      },
    });
    expect(await run(await as("operator@weft.example"), "tenants-for-operators", { search: "a" })).toMatchObject({
      tenants: { edges: expect.arrayContaining([{ node: expect.objectContaining({ slug: "acme" }) as unknown }]) as unknown },
    });
    expect(await run(admin, "configuration")).toMatchObject({
      configurationVersions: {
        edges: [{ node: { version: 2, message: "Programs of a demo" } }, { node: { version: 1, message: "Opening hours" } }],
      },
    });
    expect(await run(admin, "invite-user", { input: { email: "noor@acme.com", name: "Noor", roleKeys: ["requester"] } })).toMatchObject({
      inviteUser: { user: { status: "INVITED" } },
    });
    const { definitions } = await admin.run<{ definitions: { edges: { node: { id: string } }[] } }>(
      `{ definitions(filter: { key: { eq: "maintenance-request" } }) { edges { node { id } } } }`,
    );
    const from = definitions.edges[0]?.node.id;
    const { createDefinition: next } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
      "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
      { input: { source: (await loadExampleDefinition("maintenance-request")).replaceAll("triage", "intake") } },
    );
    const to = next.definition.id;
    await admin.run("mutation ($id: ID!) { publishDefinition(input: { id: $id }) { definition { id } } }", { id: to });
    const migration = { from, to, mapping: { states: [{ from: "triage", to: "intake" }] } };
    const { planMigration } = await run<{ planMigration: { total: number; incompatible: number } }>(admin, "plan-migration", migration);
    expect(planMigration).toMatchObject({ incompatible: 0 });
    const { migrateInstances } = await run<{ migrateInstances: { operation: { id: string } } }>(admin, "migrate-instances", {
      input: { ...migration, expectedTotal: planMigration.total },
    });
    await weft.weft.worker.idle();
    await admin.run("mutation ($id: ID!) { undoMigration(input: { operationId: $id }) { operation { id } } }", {
      id: migrateInstances.operation.id,
    });
    await weft.weft.worker.idle();
    expect(await run(olga, "definition-versions", { key: "maintenance-request" })).toMatchObject({
      definitionVersions: { edges: [{ node: { number: 2, status: "PUBLISHED" } }, { node: { number: 1, status: "PUBLISHED" } }] },
    });
    const { workflowInstances } = await run<{ workflowInstances: { edges: { node: { diagram: string } }[] } }>(olga, "diagrams");
    expect(workflowInstances.edges[0]?.node.diagram).toContain("<desc>");
    // The story itself runs the subscription.
    expect([...operations.keys()].filter((name) => !ran.has(name))).toEqual(["request-changed", "workflow-transitioned", "sla-changed"]);
  });
});
