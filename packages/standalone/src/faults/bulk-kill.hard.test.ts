import { brokenInvariants, TestUser, until } from "@weft/testkit";
import { type OwnPostgres, startOwnPostgres } from "@weft/testkit/own-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/standalone-process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoPassword } from "../demo-people.js";
import { ensureDatabase } from "../postgres/database.js";

// An operation on many instances goes on where a killed worker left it: each instance is moved once, and has one result.

const MANY = 20;
const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
const submitRequest = `mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { request { id } } }`;
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
  database = await startOwnPostgres({ max_connections: "100" });
  await ensureDatabase(database.url, "weft");
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  [rita, olga] = [await login("requester"), await login("operations")];
}, 180_000);

afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 60_000);

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

test.each(["app.lockNextItem:7", "app.finishItem:9", "bulk.done:5", "app.recordProgress:1"])(
  "killed at %s it goes on: each instance is moved once",
  { timeout: 180_000 },
  async (point) => {
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
    expect(await brokenInvariants({ ownerUrl })).toEqual([]);
  },
);
