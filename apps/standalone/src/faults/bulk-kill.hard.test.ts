import { brokenInvariants, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoPassword } from "@weft/shared/demo";
import { drawn } from "@weft/testkit/sizes";

// A bulk operation continues where a killed worker stopped: each instance has one transition and one result.

const MANY = 20;
const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
const submitRequest = `mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id } } }`;
const fireMany = `mutation ($input: BulkFireTransitionInput!) { bulkFireTransition(input: $input) { operation { id } } }`;
const readOperation = `query ($id: ID!) { bulkOperation(id: $id) { status total done failed items(first: 100) { edges { node { status version instance { state version history { version kind } } } } } } }`;

interface Operation {
  readonly status: string;
  readonly items: { readonly edges: readonly { readonly node: object }[] };
}

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
let [rita, olga]: TestUser[] = [];
const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@acme.com`, demoPassword(`${name}@acme.com`));

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  [rita, olga] = [await login("requester"), await login("operations")];
}, 300_000);

afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

async function inTriage(): Promise<string> {
  const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 12_000 } };
  const { createRequest: made } = await (rita as TestUser).run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    createRequest,
    {
      input,
    },
  );
  await (rita as TestUser).run(submitRequest, { input: { id: made.request.id } });
  return made.request.workflow.id;
}

/** Returns the notifications about the operation's end to the user who started it, after all events have been processed. */
async function toldOf(operationId: string): Promise<object[]> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  const isTold = async (): Promise<boolean> => {
    const [row] = await sql<{ count: number }[]>`
      select ((select count(*) from events.outbox) + (select count(*) from events.position_heads h
        join events.consumer_cursors c using (tenant_id) where c.position < h.position))::int as count`;
    return row?.count === 0;
  };
  await until(isTold, { what: "the consumers have caught up", deadlineMs: 30_000 }).finally(() => sql.end());
  const { notifications } = await (olga as TestUser).run<{ notifications: { edges: { node: { subject: { id: string } | null } }[] } }>(
    "{ notifications(first: 100, filter: { kind: { eq: BULK_OPERATION_ENDED } }) { edges { node { params subject { ... on BulkOperation { id } } } } } }",
  );
  return notifications.edges.map(({ node }) => node).filter(({ subject }) => subject?.id === operationId);
}

test.each(
  drawn(
    [
      "app.lockNextItem:7",
      "app.finishItem:9",
      "bulk.done:5",
      "app.recordProgress:1",
      "app.countResults:1",
      "app.countResults>app.commit:1",
      "app.countResults>app.committed:1",
      "app.countResults>app.insertNotifications:1",
    ],
    { of: 6 },
  ),
)("continues after it is killed at %s: each instance makes the transition once", { timeout: 180_000 }, async (point) => {
  const instanceIds: string[] = [];
  while (instanceIds.length < MANY) instanceIds.push(await inTriage());
  weft.arm(point);
  const { bulkFireTransition } = await (olga as TestUser).run<{ bulkFireTransition: { operation: { id: string } } }>(fireMany, {
    input: { transition: "escalate", instanceIds },
  });
  const { id } = bulkFireTransition.operation;
  const read = async () => (await (olga as TestUser).run<{ bulkOperation: Operation }>(readOperation, { id })).bulkOperation;
  await Promise.race([
    weft.ended(),
    until(async () => (await read()).status === "COMPLETED", { what: "it is done before it is killed", deadlineMs: 60_000 }),
  ]);
  await weft.end("SIGKILL");
  await weft.start();
  const done = await until(
    async () => {
      const operation = await read();
      return operation.status === "COMPLETED" ? operation : null;
    },
    { what: "the operation is done", deadlineMs: 60_000 },
  );
  expect(done).toMatchObject({ total: MANY, done: MANY, failed: 0 });
  for (const { node } of done.items.edges)
    expect(node).toMatchObject({
      status: "DONE",
      version: 3,
      instance: { state: "approval", version: 3, history: [{}, {}, { version: 3 }] },
    });
  expect(await toldOf(id)).toMatchObject([{ params: { total: `${MANY}`, done: `${MANY}`, refused: "0", failed: "0", left: "0" } }]);
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

test(
  "an instance that kills the worker each time ends in an incident, and the other instances are completed",
  { timeout: 240_000 },
  async () => {
    const instanceIds: string[] = [];
    while (instanceIds.length < 6) instanceIds.push(await inTriage());
    const point = "bulk.item.3:1";
    weft.arm(point);
    const { bulkFireTransition } = await (olga as TestUser).run<{ bulkFireTransition: { operation: { id: string } } }>(fireMany, {
      input: { transition: "escalate", instanceIds },
    });
    const { id } = bulkFireTransition.operation;
    const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
    const isOver = async () => (await sql`select from workflows.bulk_operations where status = 'RUNNING'`).length === 0;
    let deaths = 0;
    try {
      for (;;) {
        const hasDied = await Promise.race([
          weft.ended().then(() => true),
          until(isOver, { what: "the operation is over", deadlineMs: 30_000 }).then(() => false),
        ]);
        if (!hasDied) break;
        expect(++deaths).toBeLessThanOrEqual(6);
        weft.arm(point);
        await Promise.race([weft.start().catch(() => undefined), weft.ended()]);
      }
    } finally {
      await sql.end();
    }
    expect(deaths).toBe(5);
    const { bulkOperation } = await (olga as TestUser).run<{ bulkOperation: Operation }>(readOperation, { id });
    expect(bulkOperation).toMatchObject({ status: "COMPLETED", total: 6, done: 5, failed: 1 });
    expect(bulkOperation.items.edges.map(({ node }) => node)).toMatchObject(
      [1, 2, 3, 4, 5, 6].map((position) =>
        position === 3 ? { status: "FAILED", instance: { state: "triage" } } : { status: "DONE", instance: { state: "approval" } },
      ),
    );
    expect(await toldOf(id)).toMatchObject([{ params: { done: "5", refused: "0", failed: "1" } }]);
    expect(
      await (await login("admin")).run("{ incidents(filter: { kind: { eq: JOB } }) { edges { node { place instance { id } } } } }"),
    ).toMatchObject({ incidents: { edges: [{ node: { place: "bulk.transition", instance: { id: instanceIds[2] } } }] } });
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
  },
);
