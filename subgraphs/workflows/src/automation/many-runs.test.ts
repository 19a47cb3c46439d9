import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const automation = (key: string, rest: string): string => `weft: 1\nkind: automation\nkey: ${key}\nname: ${key}\n${rest}\n`;
/** Fails at once: the condition holds only if `ok` is true. */
const gate = automation(
  "gate",
  `inputs: { ok: { type: boolean, default: false }, site: { type: string, default: "" } }
queue: { name: gates, limit: 5 }
steps:
  - { id: note, type: set, with: { values: { site: "{{ inputs.site }}" } } }
  - { id: check, type: assert, with: { that: "{{ inputs.ok }}", message: The barrier is jammed. } }`,
);
const resting = automation("resting", "priority: high\nsteps: [{ id: rest, type: wait, with: { for: 1h } }]");

const start =
  "mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id runs { id } } } }";
const list = `query ($filter: RunFilter, $orderBy: RunOrder, $first: Int, $after: String) {
  runs(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount pageInfo { endCursor } edges { node { id status } } } }`;
const preview = `query ($action: BulkRunAction!, $filter: RunFilter, $runIds: [ID!]) {
  previewBulkRuns(action: $action, filter: $filter, runIds: $runIds) { total open rejected reasons { message count } sample { id } } }`;
const change = `mutation ($input: BulkChangeRunsInput!) { bulkChangeRuns(input: $input) { operation { id kind total } } }`;
const operation = `query ($id: ID!) { bulkOperation(id: $id) { status done failed items { edges { node {
  status code message run { id status continuedBy { id status } } } } } } }`;

interface Item {
  readonly status: string;
  readonly code: string | null;
  readonly run: { readonly id: string; readonly status: string; readonly continuedBy: { readonly id: string } | null };
}

/** Starts an automation and returns the ID of its run. */
async function begun(who: TestUser, key: string, data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { runs: { id: string }[] } } }>(start, { key, data });
  return startWorkflow.instance.runs[0]?.id ?? "";
}

async function aTenant(...definitions: readonly string[]): Promise<TestTenant> {
  const tenant = await weft.tenant();
  for (const definition of definitions) await tenant.definition(definition);
  return tenant;
}

const atRest = (): Promise<void> => weft.weft.worker.idle();

async function found(who: TestUser, filter: object, more: object = {}): Promise<string[]> {
  const { runs } = await who.run<{ runs: { totalCount: number; edges: { node: { id: string } }[] } }>(list, { filter, ...more });
  const ids = runs.edges.map(({ node }) => node.id);
  if (!("first" in more)) expect(runs.totalCount).toBe(ids.length);
  return ids;
}

const changed = async (who: TestUser, input: object): Promise<{ id: string; kind: string; total: number }> =>
  (await who.run<{ bulkChangeRuns: { operation: { id: string; kind: string; total: number } } }>(change, { input })).bulkChangeRuns
    .operation;

async function ended(who: TestUser, id: string): Promise<{ status: string; done: number; failed: number; items: Item[] }> {
  await atRest();
  const { bulkOperation } = await who.run<{
    bulkOperation: { status: string; done: number; failed: number; items: { edges: { node: Item }[] } };
  }>(operation, { id });
  return { ...bulkOperation, items: bulkOperation.items.edges.map(({ node }) => node) };
}

test("runs are found by words of their definition, their inputs and their errors, and not by secret inputs", { tags: "slow" }, async () => {
  const withSecret = gate.replace("site: {", "pin: { type: string, secret: true }, site: {");
  const { admin } = await aTenant(withSecret, resting);
  const north = await begun(admin, "gate", { site: "Zürich North", pin: "tangerine-42" });
  const south = await begun(admin, "gate", { site: "South", ok: true, pin: "tangerine-42" });
  const rest = await begun(admin, "resting");
  await atRest();
  const searched = (contains: string) => found(admin, { search: { contains } });
  expect(await searched("zurich")).toEqual([north]);
  expect(await searched("sou")).toEqual([south]);
  expect(await searched("resting")).toEqual([rest]);
  expect(await searched("gate")).toEqual([south, north]);
  expect(await searched("jammed barrier")).toEqual([north]);
  expect(await searched("ASSERTION_FAILED")).toEqual([north]);
  expect(await searched("gate south")).toEqual([south]);
  expect(await searched("tangerine")).toEqual([]);
  expect(await (await weft.tenant()).admin.run(list, { filter: { search: { contains: "gate" } } })).toMatchObject({
    runs: { totalCount: 0 },
  });
});

test("the name of a definition is searched for those who can see it, and long words are found by their beginning", async () => {
  const tenant = await aTenant(gate.replace("name: gate", "name: Portcullis"));
  const { admin } = tenant;
  const word = "x".repeat(90);
  const run = await begun(admin, "gate", { site: word });
  await atRest();
  expect(await found(admin, { search: { contains: word } })).toEqual([run]);
  await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "watcher", name: "Watcher", permissions: [{ permission: "workflow.read", scope: "TENANT" }] },
  });
  const watcher = await tenant.user("watcher");
  for (const [who, contains, ids] of [
    [admin, "portc", [run]],
    [watcher, "portc", []],
    [watcher, "gate", [run]],
  ] as const)
    expect(await found(who, { search: { contains } })).toEqual(ids);
});

test("runs are found by the step that failed, the queue and the priority of their steps, their cost, times and definition", async () => {
  const { admin } = await aTenant(gate, resting);
  const failed = await begun(admin, "gate");
  const done = await begun(admin, "gate", { ok: true });
  const rest = await begun(admin, "resting");
  await atRest();
  await owner`update workflows.runs set cost_micros = 1500 where id = (select id from workflows.runs where status = 'FAILED' and tenant_id =
    (select tenant_id from workflows.runs order by id desc limit 1) order by id desc limit 1)`;
  const { definitions } = await admin.run<{ definitions: { edges: { node: { id: string } }[] } }>(
    '{ definitions(filter: { key: { eq: "resting" } }) { edges { node { id } } } }',
  );
  const both = [done, failed];
  for (const [filter, ids] of [
    [{ failedStep: { eq: "check" } }, [failed]],
    [{ failedStep: { isNull: true } }, [rest, done]],
    [{ priority: { eq: "HIGH" } }, [rest]],
    [{ priority: { in: ["LOW", "NORMAL"] } }, both],
    [{ priority: { ne: "HIGH" } }, both],
    [{ priority: { in: [] } }, []],
    [{ queue: { isNull: true } }, [rest]],
    [{ queue: { contains: "GATE" } }, both],
    [{ queue: { ne: "gates" } }, [rest]],
    [{ costMicros: { gte: 1000 } }, [failed]],
    [{ costMicros: { lt: 1000 } }, [rest, done]],
    [{ finishedAt: { isNull: false } }, both],
    [{ startedAt: { gte: "2020-01-01T00:00:00Z" } }, [rest, done, failed]],
    [{ definitionId: { eq: definitions.edges[0]?.node.id } }, [rest]],
  ] as const)
    expect([filter, await found(admin, filter)]).toEqual([filter, ids]);
  const { extensions } = await admin.refused(list, { filter: { costMicros: { eq: 1.5 } } });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "filter.costMicros.eq" }] });
});

test("runs are ordered by status in pages, the oldest of a status first", async () => {
  const { admin } = await aTenant(gate, resting);
  const ids = [
    await begun(admin, "gate", { ok: true }),
    await begun(admin, "gate"),
    await begun(admin, "resting"),
    await begun(admin, "gate"),
  ];
  await atRest();
  const orderBy = { field: "STATUS", direction: "ASC" };
  const expected = [ids[1], ids[3], ids[2], ids[0]];
  expect(await found(admin, {}, { orderBy })).toEqual(expected);
  const paged: string[] = [];
  for (let after: string | null = null; paged.length < 4;) {
    const page: { runs: { pageInfo: { endCursor: string }; edges: { node: { id: string } }[] } } = await admin.run(list, {
      orderBy,
      first: 1,
      after,
    });
    paged.push(...page.runs.edges.map(({ node }) => node.id));
    after = page.runs.pageInfo.endCursor;
  }
  expect(paged).toEqual(expected);
});

test("statistics sum the runs of a period, in all and by definition, and name the steps that fail", { tags: "slow" }, async () => {
  const tenant = await aTenant(gate, resting);
  const { admin } = tenant;
  await begun(admin, "gate", { ok: true });
  await begun(admin, "gate");
  await begun(admin, "gate");
  const rest = await begun(admin, "resting");
  await atRest();
  await admin.run("mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }", { id: rest });
  await atRest();
  await begun(admin, "resting");
  await atRest();
  await owner`update workflows.runs set cost_micros = 10, tokens_in = 3 where tenant_id = (select tenant_id from workflows.runs order by id desc limit 1)`;
  const sums = `{ created unfinished succeeded failed cancelled successRate duration { count medianSeconds p90Seconds } usage { costMicros tokensIn } }`;
  const read = `query ($filter: RunStatisticsFilter) { runStatistics(filter: $filter) { totals ${sums} definitions { definitionKey totals ${sums} } failingSteps { definitionKey step count } } }`;
  const gates = { created: 3, unfinished: 0, succeeded: 1, failed: 2, cancelled: 0, successRate: 1 / 3 };
  expect(await admin.run(read)).toMatchObject({
    runStatistics: {
      totals: {
        created: 5,
        unfinished: 1,
        succeeded: 1,
        failed: 2,
        cancelled: 1,
        successRate: 0.25,
        duration: { count: 4 },
        usage: { costMicros: 50, tokensIn: 15 },
      },
      definitions: [
        { definitionKey: "gate", totals: gates },
        { definitionKey: "resting", totals: { created: 2, unfinished: 1, cancelled: 1, successRate: 0 } },
      ],
      failingSteps: [{ definitionKey: "gate", step: "check", count: 2 }],
    },
  });
  const one = await admin.run(read, { filter: { definitionKey: "gate" } });
  expect(one).toMatchObject({ runStatistics: { totals: gates, definitions: [{ definitionKey: "gate" }] } });
  const none = { created: 0, successRate: null, duration: { count: 0, medianSeconds: null } };
  expect(await admin.run(read, { filter: { to: "2020-01-02T00:00:00Z" } })).toMatchObject({
    runStatistics: { totals: none, definitions: [] },
  });
  // Users who see only their own instances count those.
  expect(await (await tenant.user("requester")).run(read)).toMatchObject({ runStatistics: { totals: none } });
  expect(await (await weft.tenant()).admin.run(read)).toMatchObject({ runStatistics: { totals: none } });
  expect(await (await tenant.vendor()).user.refusal(read)).toBe("FORBIDDEN");
  expect(await admin.refusal(read, { filter: { from: "2020-01-01T00:00:00Z" } })).toBe("BAD_USER_INPUT");
});

test("a search, a preview and statistics take as many statements for three runs as for one", { tags: "slow" }, async () => {
  const { admin } = await aTenant(gate);
  await begun(admin, "gate");
  await atRest();
  const asked = [
    [list, { filter: { search: { contains: "gate" }, queue: { eq: "gates" } } }],
    [preview, { action: "RETRY", filter: {} }],
    ["{ runStatistics { totals { created } failingSteps { count } } }", {}],
    ["{ runs { edges { node { steps { input } } } } }", {}],
  ] as const;
  const measured = async (): Promise<number[]> => {
    const counts: number[] = [];
    for (const [query, variables] of asked) {
      await admin.run(query, variables);
      counts.push((await weft.statements(() => admin.run(query, variables))).length);
    }
    return counts;
  };
  const few = await measured();
  await begun(admin, "gate");
  await begun(admin, "gate");
  await atRest();
  expect(await measured()).toEqual(few);
});

test("many runs are canceled by a filter, which finds only those that can be canceled", async () => {
  const { admin } = await aTenant(gate, resting);
  const resters = [await begun(admin, "resting"), await begun(admin, "resting")];
  const failed = await begun(admin, "gate");
  await atRest();
  const filter = {};
  const { previewBulkRuns } = await admin.run<{ previewBulkRuns: { total: number } }>(preview, { action: "CANCEL", filter });
  expect(previewBulkRuns).toEqual({ total: 2, open: 2, rejected: 0, reasons: [], sample: resters.map((id) => ({ id })) });
  expect(await admin.refusal(change, { input: { action: "CANCEL", filter, expectedTotal: 3 } })).toBe("CONFLICT");
  const input = { action: "CANCEL", filter, expectedTotal: 2, comment: "Wrong release", idempotencyKey: "once" };
  const started = await changed(admin, input);
  expect(started).toMatchObject({ kind: "CANCEL_RUNS", total: 2 });
  expect((await changed(admin, input)).id).toBe(started.id);
  expect(await ended(admin, started.id)).toMatchObject({
    status: "COMPLETED",
    done: 2,
    failed: 0,
    items: resters.map((id) => ({ status: "DONE", run: { id, status: "CANCELLED" } })),
  });
  expect(await found(admin, { status: { eq: "FAILED" } })).toEqual([failed]);
  const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { action: string; requestId: string } }[] } }>(
    "{ auditEntries(first: 100) { edges { node { action requestId } } } }",
  );
  const entries = auditEntries.edges.map(({ node }) => node);
  expect(entries.filter(({ action }) => action === "run.bulkCancel")).toHaveLength(1);
  expect(entries.filter(({ action, requestId }) => action === "run.cancel" && requestId === started.id)).toHaveLength(2);
  expect(await admin.refusal(change, { input: { action: "CANCEL", filter } })).toBe("BAD_USER_INPUT");
  const told = await admin.run<{ notifications: { edges: { node: { title: string } }[] } }>(
    "{ notifications { edges { node { title } } } }",
  );
  expect(told.notifications.edges.map(({ node }) => node.title)).toContain("Canceling at 2 runs: 2 done");
});

test("many runs are continued by their IDs, each with a result of its own, and none twice", { tags: "slow" }, async () => {
  const { admin } = await aTenant(gate, resting);
  const failed = [await begun(admin, "gate"), await begun(admin, "gate")];
  const rest = await begun(admin, "resting");
  await atRest();
  await admin.run("mutation ($id: ID!) { retryFromStep(input: { runId: $id }) { run { id } } }", { id: failed[1] });
  await atRest();
  const runIds = [...failed, rest];
  const { previewBulkRuns } = await admin.run<{ previewBulkRuns: { reasons: unknown[] } }>(preview, { action: "RETRY", runIds });
  expect(previewBulkRuns).toMatchObject({ total: 3, open: 1, rejected: 2, sample: [{ id: failed[0] }] });
  expect(previewBulkRuns.reasons).toEqual(
    expect.arrayContaining([
      { message: "The run is RUNNING.", count: 1 },
      { message: "The run was already continued.", count: 1 },
    ]),
  );
  const { id } = await changed(admin, { action: "RETRY", runIds });
  const { items, ...counts } = await ended(admin, id);
  expect(counts).toMatchObject({ status: "COMPLETED", done: 1, failed: 2 });
  const byRun = new Map(items.map((item) => [item.run.id, item]));
  expect(byRun.get(failed[0] ?? "")).toMatchObject({ status: "DONE", run: { continuedBy: { status: "FAILED" } } });
  expect(byRun.get(failed[1] ?? "")).toMatchObject({ status: "FAILED", code: "CONFLICT" });
  expect(byRun.get(rest)).toMatchObject({ status: "FAILED", code: "TRANSITION_REJECTED" });
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("several runs of one instance, and paused runs, are changed together", async () => {
  const { admin } = await aTenant(resting);
  const ids = [await begun(admin, "resting"), await begun(admin, "resting")];
  for (const id of ids) await admin.run("mutation ($id: ID!) { pauseRun(input: { id: $id }) { run { id } } }", { id });
  const { id, kind } = await changed(admin, { action: "RESUME", filter: { definitionKey: { eq: "resting" } } });
  expect(kind).toBe("RESUME_RUNS");
  expect(await ended(admin, id)).toMatchObject({ done: 2, items: ids.map((one) => ({ run: { id: one, status: "RUNNING" } })) });
});

test("who cannot change runs changes none in bulk, and unknown runs are refused with their place", async () => {
  const tenant = await aTenant(resting);
  const id = await begun(tenant.admin, "resting");
  const foreign = await begun((await aTenant(resting)).admin, "resting");
  for (const [input, path] of [
    [{ runIds: [id, foreign] }, "input.runIds.1"],
    [{ runIds: ["nonsense"] }, "input.runIds.0"],
    [{ runIds: [id], filter: {} }, "input.filter"],
    [{}, "input.filter"],
    [{ filter: { status: { eq: "FAILED" } } }, "input.filter"],
    [{ runIds: [id], comment: "x".repeat(10_001) }, "input.comment"],
    [{ runIds: Array.from({ length: 1_001 }, () => id) }, "input.runIds"],
  ] as const) {
    const { extensions } = await tenant.admin.refused(change, { input: { action: "CANCEL", ...input } });
    expect([input, extensions]).toMatchObject([input, { code: "BAD_USER_INPUT", problems: [{ path }] }]);
  }
  expect(await tenant.admin.refusal(preview, { action: "CANCEL", runIds: [foreign] })).toBe("BAD_USER_INPUT");
  expect(await (await tenant.user("requester")).refusal(change, { input: { action: "CANCEL", runIds: [id] } })).toBe("FORBIDDEN");
  expect(await (await tenant.vendor()).user.refusal(preview, { action: "CANCEL", runIds: [id] })).toBe("FORBIDDEN");
  expect(await tenant.admin.run("{ bulkOperations { totalCount } }")).toEqual({ bulkOperations: { totalCount: 0 } });
});

test("a user who can change many instances but not cancel them cannot cancel runs", async () => {
  const tenant = await aTenant(resting);
  const id = await begun(tenant.admin, "resting");
  const user = await tenant.user("workflow_manager");
  await tenant.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
    input: { userId: user.id, grants: [], denials: [{ permission: "workflow.cancel", scope: "TENANT" }], reason: "A test" },
  });
  expect(await user.refusal(change, { input: { action: "CANCEL", runIds: [id] } })).toBe("FORBIDDEN");
});

test("a step shows its input with secrets masked, and a run is found by its ID alone, in its tenant only", async () => {
  const { admin } = await aTenant(
    automation(
      "sender",
      `inputs: { path: { type: string }, pin: { type: string, secret: true } }
steps:
  - { id: send, type: http, with: { url: "http://10.0.0.1/{{ inputs.path }}", headers: { authorization: "Bearer {{ inputs.pin }}" } } }
  - { id: later, type: set, with: { values: {} } }`,
    ),
  );
  const id = await begun(admin, "sender", { path: "lifts", pin: "tangerine-42" });
  await atRest();
  const read = "query ($id: ID!) { node(id: $id) { id ... on Run { status steps { step input } } } }";
  expect(await admin.run(read, { id })).toEqual({
    node: {
      id,
      status: "FAILED",
      steps: [
        { step: "send", input: { url: "http://10.0.0.1/lifts", headers: { authorization: "Bearer [secret inputs.pin]" } } },
        { step: "later", input: null },
      ],
    },
  });
  const other = await weft.tenant();
  expect(await other.admin.refusal(read, { id })).toBe("NOT_FOUND");
  expect(await other.admin.run("query ($id: ID!) { nodes(ids: [$id]) { id } }", { id })).toEqual({ nodes: [null] });
});
