import { parseAnyId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { brokenInvariants, startTestWeft, until, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { pastCopies } from "../bulk/run/past-copies.js";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const first = `weft: 1
key: loan
name: Loan
index: [amount, note]
data: { type: object, properties: { amount: { type: number }, note: { type: string } } }
initial: review
states:
  review:
    tasks:
      credit: { title: "Credit {{ data.amount }}", candidates: { roles: [operations] }, due: P2D, checklist: [Score read, Called] }
      legal: { title: Legal, candidates: { roles: [operations] } }
    transitions: { approve: { to: done }, back: { to: draft } }
  draft: { transitions: { submit: { to: review } } }
  done: { final: completed }
`;
/** Draft is renamed to start, legal is removed, risk is new, credit is due later; an instance with a note must have an amount. */
const second = `weft: 1
key: loan
name: Loan
index: [total]
data: { type: object, required: [total], properties: { total: { type: number }, note: { type: string } } }
initial: review
states:
  review:
    tasks:
      credit: { title: "Credit {{ data.total }}", candidates: { roles: [operations] }, due: P5D, checklist: [Score read, Called, Filed] }
      risk: { title: Risk, candidates: { roles: [operations] } }
    transitions: { approve: { to: done }, back: { to: start } }
  start: { transitions: { submit: { to: review } } }
  done: { final: completed }
`;
const mapping = { states: [{ from: "draft", to: "start" }], move: [{ from: "data.amount", to: "data.total" }] };

const plan = `query ($from: ID!, $to: ID!, $mapping: MigrationMappingInput, $compatibility: MigrationCompatibility, $after: String) { planMigration(from: $from, to: $to, mapping: $mapping) {
  total examined compatible incompatible tasksOpened tasksClosed dueDatesChanged problems { code count }
  instances(compatibility: $compatibility, first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node {
    canMigrate path changed problems { code path } tasks { change title dueBefore dueAfter isClaimed } instance { id } } } } } }`;
const migrateAll = `mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id total } } }`;
const undo = `mutation ($input: UndoMigrationInput!) { undoMigration(input: $input) { operation { id total } } }`;
const readOperation = `query ($id: ID!) { bulkOperation(id: $id) { kind status total done failed items(first: 100) { edges { node { status code message instance { id } } } } } }`;
const look = `query ($id: ID!) { workflowInstance(id: $id) { state status data version definition { number } tasks { title status dueAt claimedAt assignee { id } } history { kind from to comment input } } }`;
const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "loan", data: $data }) { instance { id tasks { id title } } } }`;

interface Planned {
  readonly total: number;
  readonly compatible: number;
  readonly incompatible: number;
  readonly instances: {
    readonly edges: {
      readonly node: { readonly canMigrate: boolean; readonly path: string[]; readonly instance: { readonly id: string } };
    }[];
  };
}
interface Operation {
  readonly id: string;
  readonly status: string;
  readonly done: number;
  readonly failed: number;
  readonly items: { status: string; code: string | null; message: string | null; instance: { id: string } }[];
}

let weft: TestWeft;
let acme: TestTenant;
let manager: TestUser;
let operations: TestUser;
let from: string;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It checks the invariants of all tenants." })));
afterAll(() => weft.stop());
beforeEach(async () => {
  acme = await weft.tenant();
  manager = await acme.user("workflow_manager");
  operations = await acme.user("operations");
  from = await acme.definition(first);
});

async function started(data: Record<string, unknown>): Promise<{ id: string; tasks: { id: string; title: string }[] }> {
  return (await acme.admin.run<{ startWorkflow: { instance: { id: string; tasks: { id: string; title: string }[] } } }>(start, { data }))
    .startWorkflow.instance;
}
async function planned(to: string, more: Record<string, unknown> = {}): Promise<Planned> {
  return (await manager.run<{ planMigration: Planned }>(plan, { from, to, mapping, ...more })).planMigration;
}
async function ended(id: string): Promise<Operation> {
  await weft.weft.worker.idle();
  const { bulkOperation } = await manager.run<{
    bulkOperation: Omit<Operation, "items"> & { items: { edges: { node: Operation["items"][0] }[] } };
  }>(readOperation, { id });
  return { ...bulkOperation, items: bulkOperation.items.edges.map(({ node }) => node) };
}
async function migrated(to: string, more: Record<string, unknown> = {}): Promise<Operation> {
  const { migrateInstances } = await manager.run<{ migrateInstances: { operation: { id: string } } }>(migrateAll, {
    input: { from, to, mapping, ...more },
  });
  return { ...(await ended(migrateInstances.operation.id)), id: migrateInstances.operation.id };
}
const seen = async (id: string) =>
  (
    await manager.run<{
      workflowInstance: {
        state: string;
        data: object;
        version: number;
        tasks: { title: string; status: string; dueAt: string | null; assignee: object | null }[];
      };
    }>(look, { id })
  ).workflowInstance;
const foundBy = async (field: string): Promise<string[]> => {
  const { workflowInstances } = await manager.run<{ workflowInstances: { edges: { node: { id: string } }[] } }>(
    `query ($field: String!) { workflowInstances(filter: { data: [{ field: $field, gte: 5 }] }) { edges { node { id } } } }`,
    { field },
  );
  return workflowInstances.edges.map(({ node }) => node.id);
};
const openOf = (instance: Awaited<ReturnType<typeof seen>>) =>
  instance.tasks.filter(({ status }) => status === "OPEN" || status === "CLAIMED");
const claim = (id: string | undefined) => operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });

test("the plan warns about data loss, and shows what becomes of each value", async () => {
  const [lossy, moving, unfit] = [await started({ amount: 5, note: "By phone" }), await started({ amount: 7 }), await started({})];
  const to = await acme.definition(second);
  const warned = await manager.run<{ planMigration: { instances: { edges: { node: { instance: { id: string } } }[] } } }>(
    `query ($from: ID!, $to: ID!, $mapping: MigrationMappingInput) { planMigration(from: $from, to: $to, mapping: $mapping) {
      compatible losingData changingData instances { edges { node { instance { id } canMigrate losesData dataChanges { kind path to isLost } } } } } }`,
    { from, to, mapping: { ...mapping, remove: ["data.note"] } },
  );
  const of = ({ id }: { id: string }) => warned.planMigration.instances.edges.find(({ node }) => node.instance.id === id)?.node;
  const moved = { kind: "MOVED", path: "data.amount", to: "data.total", isLost: false };
  expect(warned.planMigration).toMatchObject({ compatible: 2, losingData: 1, changingData: 2 });
  expect(of(lossy)).toMatchObject({
    losesData: true,
    dataChanges: [{ kind: "REMOVED", path: "data.note", to: null, isLost: true }, moved],
  });
  expect(of(moving)).toMatchObject({ losesData: false, dataChanges: [moved] });
  expect(of(unfit)).toMatchObject({ canMigrate: false, losesData: false, dataChanges: [] });
});

test(
  "the plan predicts the result for each instance; migrating produces it; users who have claimed a task keep it",
  { tags: "slow" },
  async () => {
    const fits = await started({ amount: 5 });
    const breaks = await started({ note: "No amount" });
    await claim(fits.tasks.find(({ title }) => title.startsWith("Credit"))?.id);
    const to = await acme.definition(second);
    const before = await seen(fits.id);
    const what = await planned(to);
    expect(what).toMatchObject({
      total: 2,
      examined: 2,
      compatible: 1,
      incompatible: 1,
      tasksOpened: 1,
      tasksClosed: 1,
      dueDatesChanged: 1,
      problems: [{ code: "DATA", count: 1 }],
      instances: {
        totalCount: 2,
        edges: [
          {
            node: {
              instance: { id: fits.id },
              path: ["review"],
              changed: ["total", "amount"],
              tasks: [
                { change: "OPENED", title: "Risk", isClaimed: false },
                { change: "CLOSED", title: "Legal", isClaimed: false },
                { change: "CHANGED", title: "Credit 5", isClaimed: true },
              ],
            },
          },
          {
            node: { instance: { id: breaks.id }, canMigrate: false, problems: [{ code: "DATA", path: "data.total" }], path: [], tasks: [] },
          },
        ],
      },
    });
    // Nothing was written.
    expect(await seen(fits.id)).toEqual(before);

    const done = await migrated(to, { expectedTotal: what.total, comment: "The new law" });
    expect(done).toMatchObject({ kind: "MIGRATION", status: "COMPLETED", done: 1, failed: 1 });
    expect(done.items).toMatchObject([
      { status: "DONE", message: null },
      { status: "FAILED", code: "TRANSITION_REJECTED", message: expect.stringContaining("data.total") as unknown },
    ]);
    const after = await seen(fits.id);
    expect(after).toMatchObject({
      state: "review",
      status: "RUNNING",
      data: { total: 5 },
      version: 2,
      definition: { number: 2 },
      history: [{ kind: "START" }, { kind: "MIGRATION", from: "review", to: "review", comment: "The new law", input: { from, to } }],
    });
    const credit = (instance: typeof after) => instance.tasks.find(({ title }) => title === "Credit 5");
    expect(credit(after)).toMatchObject({ status: "CLAIMED", assignee: { id: operations.id } });
    expect(Date.parse(credit(after)?.dueAt ?? "") - Date.parse(credit(before)?.dueAt ?? "")).toBe(3 * 86_400_000);
    expect(
      openOf(after)
        .map(({ title }) => title)
        .toSorted(),
    ).toEqual(["Credit 5", "Risk"]);
    // Filters find it by the fields that the new version indexes, and by no others.
    expect(await foundBy("total")).toEqual([fits.id]);
    expect(await foundBy("amount")).toEqual([]);
    expect(await seen(breaks.id)).toMatchObject({ version: 1, definition: { number: 1 } });
    // It continues on the new version.
    await acme.admin.run(`mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "back" }) { instance { id } } }`, {
      id: breaks.id,
    });
    expect(await planned(to)).toMatchObject({ total: 1, incompatible: 1 });
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  },
);

test("a migration is undone for instances that have not changed since: state, data and tasks are restored", { tags: "slow" }, async () => {
  const [untouched, moved, worked] = [await started({ amount: 1 }), await started({ amount: 2 }), await started({ amount: 3 })];
  await claim(untouched.tasks.find(({ title }) => title === "Legal")?.id);
  const before = await seen(untouched.id);
  const to = await acme.definition(second);
  const done = await migrated(to);
  expect(done).toMatchObject({ done: 3 });
  await acme.admin.run(
    `mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, audience: PUBLIC, comment: "Mine" }) { instance { id } } }`,
    {
      id: moved.id,
    },
  );
  const { tasks } = await operations.run<{ tasks: { edges: { node: { id: string } }[] } }>(
    `query ($id: ID!) { tasks(filter: { instanceId: { eq: $id }, title: { eq: "Risk" } }) { edges { node { id } } } }`,
    { id: worked.id },
  );
  await claim(tasks.edges[0]?.node.id);
  const { undoMigration } = await manager.run<{ undoMigration: { operation: { id: string; total: number } } }>(undo, {
    input: { operationId: done.id, comment: "Too early" },
  });
  const undone = await ended(undoMigration.operation.id);
  expect(undone).toMatchObject({ kind: "UNDO", done: 1, failed: 2 });
  expect(undone.items).toMatchObject([
    { status: "DONE", instance: { id: untouched.id } },
    { code: "CONFLICT", message: expect.stringContaining("instance has changed") as unknown },
    { code: "CONFLICT", message: expect.stringContaining("task of the instance") as unknown },
  ]);
  const after = await seen(untouched.id);
  const asOpen = (instance: typeof after) =>
    openOf(instance)
      .map(({ title, status, dueAt, assignee }) => ({ title, status, dueAt, assignee }))
      .toSorted((one, other) => one.title.localeCompare(other.title));
  expect(after).toMatchObject({ state: before.state, data: before.data, version: 3, definition: { number: 1 } });
  expect(asOpen(after)).toEqual(asOpen(before));
  // Once.
  expect(await manager.refusal(undo, { input: { operationId: done.id } })).toBe("BAD_USER_INPUT");
  expect([await foundBy("total"), await foundBy("amount")]).toEqual([[], []]);
  // Two days later the copies are deleted.
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  const { worker } = weft.weft.services.databases;
  const forget = () => asTenant(worker, { tenantId: acme.id }, "write", (tx) => pastCopies.deleteSome(tx, 10, acme.id));
  expect(await forget()).toBe(0);
  await owner`update workflows.bulk_items set finished_at = finished_at - interval '49 hours' where tenant_id = ${acme.id}`.finally(() =>
    owner.end(),
  );
  expect(await forget()).toBe(3);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("states are mapped; late, invalid and foreign requests are refused", { tags: "slow" }, async () => {
  const one = await started({ amount: 1 });
  await acme.admin.run(`mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "back" }) { instance { id } } }`, {
    id: one.id,
  });
  const to = await acme.definition(second);
  expect((await planned(to, { mapping: { move: mapping.move } })).instances.edges).toMatchObject([
    { node: { canMigrate: false, problems: [{ code: "NO_STATE" }] } },
  ]);
  const { id } = await migrated(to);
  expect(await seen(one.id)).toMatchObject({ state: "start", data: { total: 1 } });

  const foreign = await weft.tenant();
  const theirs = await foreign.definition(first);
  const other = await acme.definition(first.replace("key: loan", "key: other"));
  const draft = await acme.admin.run<{ createDefinition: { definition: { id: string } } }>(
    `mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }`,
    { input: { source: second } },
  );
  for (const [ends, code] of [
    [{ to: theirs }, "NOT_FOUND"],
    [{ to: other }, "BAD_USER_INPUT"],
    [{ to: from }, "BAD_USER_INPUT"],
    [{ to: draft.createDefinition.definition.id }, "BAD_USER_INPUT"],
    [{ to, mapping: { states: [{ from: "nowhere", to: "start" }] } }, "BAD_USER_INPUT"],
  ] as const) {
    expect([ends, await manager.refusal(plan, { from, mapping, ...ends })]).toEqual([ends, code]);
    expect([ends, await manager.refusal(migrateAll, { input: { from, mapping, ...ends } })]).toEqual([ends, code]);
  }
  expect(await foreign.admin.refusal(undo, { input: { operationId: id } })).toBe("NOT_FOUND");
  expect(await operations.refusal(plan, { from, to })).toBe("FORBIDDEN");
  // A day later.
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`update workflows.bulk_operations set finished_at = finished_at - interval '25 hours' where kind = 'MIGRATION'`.finally(() =>
    owner.end(),
  );
  const { extensions } = await manager.refused(undo, { input: { operationId: id } });
  expect(extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.operationId", message: expect.stringContaining("24 hours") as unknown }],
  });
});

test("a plan of many instances takes as many statements as one of few", { tags: "slow" }, async () => {
  const to = await acme.definition(second.replace("required: [total], ", ""));
  // From now on, new instances run on the second version, so those of the first were started before.
  const more = await acme.definition(first);
  for (let n = 0; n < 3; n++) await started({ amount: n });
  const count = () => weft.statementCount(() => planned(to, { from: more, mapping: null }), { isCold: true });
  const few = await count();
  for (let n = 0; n < 9; n++) await started({ amount: n });
  expect(await count()).toBe(few);
});

test("children of many instances are read together", { tags: "slow" }, async () => {
  const trip = (name: string) => `weft: 1
key: trip
name: ${name}
data: { type: object, properties: { fares: { type: array, items: { type: object } } } }
initial: going
states:
  going:
    children: { leg: { definition: loan, data: { amount: "1" }, result: { fare: data.amount }, collect: data.fares } }
    join: { need: all, then: arrived, otherwise: lost }
    transitions: { arrived: { to: there }, lost: { to: nowhere } }
  there: { final: completed }
  nowhere: { final: rejected }
`;
  const begin = (): Promise<unknown> => acme.admin.run(`mutation { startWorkflow(input: { definitionKey: "trip" }) { instance { id } } }`);
  const old = await acme.definition(trip("Trip"));
  for (let n = 0; n < 5; n++) await begin();
  const to = await acme.definition(trip("Journey"));
  await weft.weft.worker.idle();
  const ask = () => planned(to, { from: old, mapping: null });
  expect(await ask()).toMatchObject({ total: 5, compatible: 5 });
  const ofChildren = (await weft.statements(ask)).filter((statement) => statement.includes("selectChildren"));
  expect(ofChildren).toHaveLength(1);
});

test("an instance that has changed since the migration was requested is planned again, and says so", async () => {
  const [one, other] = [await started({ amount: 1 }), await started({ amount: 2 })];
  const to = await acme.definition(second);
  const owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => {} });
  const id = await owner.begin(async (sql) => {
    await sql`select from workflows.instances where id = ${parseAnyId(one.id)?.uuid ?? ""} for no key update`;
    const { migrateInstances } = await manager.run<{ migrateInstances: { operation: { id: string } } }>(migrateAll, {
      input: { from, to, mapping },
    });
    const isWaited = async () =>
      (await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%lockInstance%'`).length > 0;
    await until(isWaited, { what: "the first of them waits" });
    await acme.admin.run(`mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "back" }) { instance { id } } }`, {
      id: other.id,
    });
    return migrateInstances.operation.id;
  });
  await owner.end();
  expect((await ended(id)).items).toMatchObject([
    { status: "DONE", message: null },
    { status: "DONE", message: expect.stringContaining("planned again") as unknown },
  ]);
  expect(await seen(other.id)).toMatchObject({ state: "start", definition: { number: 2 } });
});

test(
  "if there are more instances than one operation takes, the oldest are migrated, and the plan's total is the expected one",
  { tags: "slow" },
  async () => {
    const { id } = await started({ amount: 1 });
    const to = await acme.definition(second);
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
    await owner`insert into workflows.instances
    select (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid()))).*
      from workflows.instances i, generate_series(1, 10000) where i.id = ${parseAnyId(id)?.uuid ?? ""}`.finally(() => owner.end());
    const input = { from, to, mapping };
    expect(await manager.refusal(migrateAll, { input: { ...input, expectedTotal: 10_000 } })).toBe("CONFLICT");
    const { migrateInstances } = await manager.run<{ migrateInstances: { operation: { id: string; total: number } } }>(migrateAll, {
      input: { ...input, expectedTotal: 10_001 },
    });
    expect(migrateInstances.operation.total).toBe(10_000);
    await manager.run("mutation ($id: ID!) { cancelBulkOperation(input: { id: $id }) { operation { status } } }", {
      id: migrateInstances.operation.id,
    });
  },
);
