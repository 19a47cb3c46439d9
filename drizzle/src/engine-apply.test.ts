import { randomUUID } from "node:crypto";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { seedFullTenant, type idsOf } from "./full-tenant.fixture.js";

let database: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let acme: ReturnType<typeof idsOf>;
let globex: ReturnType<typeof idsOf>;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(database.appUrl, { max: 4 });
  acme = await seedFullTenant(owner, 1);
  globex = await seedFullTenant(owner, 2);
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end()]);
  await database.drop();
});

interface Applied {
  applied: boolean;
  currentVersion: number | null;
  currentState: string | null;
  currentStatus: string | null;
}

const contextOf = (ids: ReturnType<typeof idsOf>, changes: object = {}) => ({
  tenantId: ids.tenant,
  userId: ids.staff,
  vendorId: null,
  actorId: ids.staff,
  onBehalfOf: null,
  requestId: "req-1",
  sessionId: ids.staffSession,
  address: "192.0.2.1",
  traceId: null,
  ...changes,
});

/** Returns a write of an instance of Acme that enters `state`. Version 1 starts the instance. */
function write(id: string, version: number, state: string, changes: object = {}) {
  return {
    expectedVersion: version === 1 ? null : version - 1,
    occurredAt: "2026-02-01T10:00:00.123456Z",
    instance: {
      id,
      definitionId: acme.definition,
      definitionKey: "d",
      state,
      status: "RUNNING",
      data: { n: version },
      version,
      ownerId: acme.staff,
    },
    history: [
      {
        id: randomUUID(),
        kind: version === 1 ? "START" : "TRANSITION",
        transition: version === 1 ? null : "go",
        toState: state,
        input: null,
        changes: { n: version },
      },
    ],
    events: [
      {
        id: randomUUID(),
        type: "workflow.transitioned",
        typeVersion: 1,
        subjectType: "instance",
        subjectId: id,
        subjectVersion: version,
        related: {},
        payload: { to: state },
      },
    ],
    audit: [{ id: randomUUID(), action: "workflow.fire", entityType: "instance", entityId: id, before: null, changed: { state } }],
    ...changes,
  };
}

async function apply(sql: postgres.ISql, context: object, outcome: object): Promise<Applied> {
  const [row] = await sql.unsafe<{ result: Applied }[]>("select engine.apply($1::text::jsonb, $2::text::jsonb) as result", [
    JSON.stringify(context),
    JSON.stringify(outcome),
  ]);
  if (!row) throw new Error("no row");
  return row.result;
}

const rowsAbout = async (id: string) => ({
  instance: (
    await owner<{ state: string; version: number; data: unknown }[]>`select state, version, data from workflows.instances where id = ${id}`
  )[0],
  history: (await owner<{ kind: string }[]>`select kind from workflows.history where instance_id = ${id} order by version`).map(
    (row) => row.kind,
  ),
  events: (
    await owner`select 1 from events.log l join events.outbox o on o.tenant_id = l.tenant_id and o.event_id = l.id where l.subject_id = ${id}`
  ).length,
  audit: (
    await owner`select 1 from audit.entries e join audit.unsealed u on u.tenant_id = e.tenant_id and u.entry_id = e.id where e.entity_id = ${id}`
  ).length,
});

test("one statement starts an instance with its history, event, and audit entry", async () => {
  const id = randomUUID();
  expect(await apply(app, contextOf(acme), write(id, 1, "draft"))).toEqual({
    applied: true,
    currentVersion: 1,
    currentState: "draft",
    currentStatus: "RUNNING",
  });
  expect(await rowsAbout(id)).toMatchObject({
    instance: { state: "draft", version: 1, data: { n: 1 } },
    history: ["START"],
    events: 1,
    audit: 1,
  });
});

test("of two writes from one version the second changes nothing and returns the instance's current version and state", async () => {
  const id = randomUUID();
  await apply(app, contextOf(acme), write(id, 1, "draft"));
  const answers = await Promise.all([
    apply(app, contextOf(acme), write(id, 2, "left")),
    apply(app, contextOf(acme), write(id, 2, "right")),
  ]);
  expect(answers.filter((answer) => answer.applied)).toHaveLength(1);
  const lost = answers.find((answer) => !answer.applied);
  const rows = await rowsAbout(id);
  expect(lost).toMatchObject({ currentVersion: 2, currentState: rows.instance?.state });
  expect(rows).toMatchObject({ history: ["START", "TRANSITION"], events: 2, audit: 2 });
});

test("a write closes the tasks that were read and opens others; a task claimed in the meantime rejects the whole write", async () => {
  const id = randomUUID();
  const task = randomUUID();
  const open = { id: task, state: "draft", rule: "triage", title: "T", candidateRoles: ["operations"], candidateUserIds: [acme.staff] };
  await apply(app, contextOf(acme), write(id, 1, "draft", { openTasks: [open] }));
  const closing = (version: number) => write(id, 2, "next", { closeTasks: [{ id: task, version, status: "COMPLETED", transition: "go" }] });
  await owner`update workflows.tasks set status = 'CLAIMED', assignee_id = ${acme.staff}, version = 2 where id = ${task}`;
  await expect(apply(app, contextOf(acme), closing(1))).rejects.toMatchObject({ code: "40001" });
  expect(await rowsAbout(id)).toMatchObject({ instance: { state: "draft" }, history: ["START"] });
  expect(await apply(app, contextOf(acme), closing(2))).toMatchObject({ applied: true });
  const [row] = await owner`select status, completed_by, transition, candidate_roles, version from workflows.tasks where id = ${task}`;
  expect(row).toEqual({ status: "COMPLETED", completed_by: acme.staff, transition: "go", candidate_roles: ["operations"], version: 3 });
});

test("a finished instance does not change", async () => {
  const id = randomUUID();
  await apply(app, contextOf(acme), write(id, 1, "draft"));
  const end = write(id, 2, "closed");
  const finished = { ...end, instance: { ...end.instance, status: "COMPLETED", finishedAt: end.occurredAt } };
  expect(await apply(app, contextOf(acme), finished)).toMatchObject({ applied: true });
  expect(await apply(app, contextOf(acme), write(id, 3, "draft"))).toMatchObject({ applied: false, currentStatus: "COMPLETED" });
});

test("another tenant's instance is not found", async () => {
  const foreign = write(globex.given.instance, 2, "stolen");
  expect(await apply(app, contextOf(acme), foreign)).toEqual({
    applied: false,
    currentVersion: null,
    currentState: null,
    currentStatus: null,
  });
});

test("refuses a write in a transaction of another tenant, user, or vendor", async () => {
  const id = randomUUID();
  const inside = (settings: string, context: object) =>
    app.begin(async (tx) => {
      await tx.unsafe(settings);
      return apply(tx, context, write(id, 1, "draft"));
    });
  const tenant = `set local app.tenant_id = '${acme.tenant}'`;
  for (const [settings, context] of [
    [`set local app.tenant_id = '${globex.tenant}'`, contextOf(acme)],
    [`${tenant}; set local app.user_id = '${acme.staff}'`, contextOf(acme, { userId: acme.vendorUser })],
    [`${tenant}; set local app.vendor_id = '${acme.vendor}'`, contextOf(acme)],
    [tenant, contextOf(acme, { vendorId: acme.vendor })],
  ] as const) {
    await expect(inside(settings, context)).rejects.toMatchObject({ code: "WF001" });
  }
  expect(await inside(tenant, contextOf(acme))).toMatchObject({ applied: true });
});

test("nothing of the context stays on the connection", async () => {
  const single = postgres(database.appUrl, { max: 1 });
  try {
    await apply(single, contextOf(acme), write(randomUUID(), 1, "draft"));
    expect(await single`select id from workflows.instances`).toHaveLength(0);
  } finally {
    await single.end();
  }
});

test("a vendor's user can write only the instances granted to the vendor", async () => {
  const as = contextOf(acme, { userId: acme.vendorUser, actorId: acme.vendorUser, vendorId: acme.vendor });
  const task = randomUUID();
  const given = write(acme.given.instance, 2, "started", { openTasks: [{ id: task, state: "started", rule: "next", title: "T" }] });
  expect(await apply(app, as, given)).toMatchObject({ applied: true });
  expect(await apply(app, as, write(acme.hidden.instance, 2, "started"))).toMatchObject({ applied: false, currentVersion: null });
});

test("a version cannot be skipped", async () => {
  const id = randomUUID();
  await apply(app, contextOf(acme), write(id, 1, "draft"));
  await expect(apply(app, contextOf(acme), { ...write(id, 4, "later"), expectedVersion: 1 })).rejects.toMatchObject({ code: "WF002" });
});

test("a hundred concurrent writers use each version once, without a gap", async () => {
  const id = randomUUID();
  await apply(app, contextOf(acme), write(id, 1, "s1"));
  let wins = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let tries = 0; tries < 25; tries++) {
        const [head] = await owner<{ version: number }[]>`select version from workflows.instances where id = ${id}`;
        const version = (head?.version ?? 0) + 1;
        if ((await apply(app, contextOf(acme), write(id, version, `s${version}`))).applied) wins++;
      }
    }),
  );
  const rows = await owner<{ version: number }[]>`select version from workflows.history where instance_id = ${id} order by version`;
  expect(rows.map((row) => row.version)).toEqual(Array.from({ length: wins + 1 }, (_, n) => n + 1));
  expect(await rowsAbout(id)).toMatchObject({ events: wins + 1, audit: wins + 1 });
});
