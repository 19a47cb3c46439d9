import { decodeId } from "@weft/shared/ids";
import { sharedWeft, until, type TestTenant, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

const job =
  "weft: 1\nkey: job\nname: Job\ninitial: a\nstates: { a: { transitions: { go: { to: a }, end: { to: b } } }, b: { final: completed } }\n";
const begin = `mutation ($ids: [ID!]!) { bulkFireTransition(input: { transition: "go", instanceIds: $ids }) { operation { id } } }`;

async function started(tenant: TestTenant): Promise<string> {
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "job" }) { instance { id } } }`,
  );
  return startWorkflow.instance.id;
}

/** Runs an operation on this many instances and returns the result. `prepare` changes the items while the first instance is locked. */
async function outcomeOf(
  tenant: TestTenant,
  many: number,
  prepare: (sql: postgres.TransactionSql, operationId: string) => Promise<unknown>,
) {
  const ids: string[] = [];
  while (ids.length < many) ids.push(await started(tenant));
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  const [held = ""] = ids;
  const operationId = await owner
    .begin(async (sql) => {
      await sql`select from workflows.instances where tenant_id = ${tenant.id} and id = ${decodeId("instance", held)} for no key update`;
      const { bulkFireTransition } = await tenant.admin.run<{ bulkFireTransition: { operation: { id: string } } }>(begin, { ids });
      const { id } = bulkFireTransition.operation;
      await prepare(sql, decodeId("bulkOperation", id));
      return id;
    })
    .finally(() => owner.end());
  await weft.weft.worker.idle();
  const { bulkOperation } = await tenant.admin.run<{ bulkOperation: Found }>(
    `query ($id: ID!) { bulkOperation(id: $id) { status message done failed items(first: 20) { edges { node { status code message instance { id status incident { kind place message } } } } } } }`,
    { id: operationId },
  );
  return { ...bulkOperation, id: operationId, items: bulkOperation.items.edges.map(({ node }) => node) };
}
interface Found {
  readonly items: { readonly edges: readonly { readonly node: object }[] };
}

test("an item that has stopped the worker five times is not retried: its instance has an incident, the others are done", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(job);
  const found = await outcomeOf(
    tenant,
    6,
    (
      sql,
      id,
    ) => sql`update workflows.bulk_items set attempts = case position when 2 then 5 when 3 then 6 when 4 then 0 when 6 then 1 else 4 end,
      unavailable = case when position = 4 then 5 when position > 4 then 4 else 0 end where operation_id = ${id} and position > 1`,
  );
  const cause = "The worker crashed 5 times while processing this instance and skipped it. See the worker's log for the cause.";
  expect(found).toMatchObject({ status: "COMPLETED", done: 3, failed: 3 });
  expect(found.items).toMatchObject([
    { status: "DONE" },
    {
      status: "FAILED",
      code: "INTERNAL",
      message: cause,
      instance: { status: "FAILED", incident: { kind: "JOB", place: "bulk.transition", message: `${found.id} (TRANSITION): ${cause}` } },
    },
    // The last attempt crashed the worker even while opening the incident.
    { status: "FAILED", code: "INTERNAL", instance: { status: "RUNNING", incident: null } },
    { status: "FAILED", code: "SERVICE_UNAVAILABLE", instance: { status: "RUNNING", incident: null } },
    // This does not apply to items that crashed the worker less often and otherwise failed because the service was not available.
    { status: "DONE", code: null },
    { status: "DONE", code: null },
  ]);
  expect(
    await tenant.admin.run(`{ notifications(filter: { kind: { eq: BULK_OPERATION_ENDED } }) { edges { node { params } } } }`),
  ).toMatchObject({ notifications: { edges: [{ node: { params: { done: "3", refused: "0", failed: "3", left: "0" } } }] } });
});

test("an attempt that ended because the database was unavailable does not count as a worker crash", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(job);
  const found = await outcomeOf(tenant, 1, async (sql, id) => {
    const kill = () =>
      sql`select pg_terminate_backend(pid) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`;
    await until(async () => (await kill()).length > 0, { what: "somebody waits for the instance" });
    const isNoted = async () =>
      (await sql`select from workflows.bulk_items where operation_id = ${id} and unavailable = 1 and attempts <= 1`).length === 1;
    await until(isNoted, { what: "the try is known to have ended" });
  });
  expect(found).toMatchObject({ status: "COMPLETED", done: 1, failed: 0, items: [{ status: "DONE", code: null }] });
});

test("an operation that stops the worker at three instances, five times each, is terminated", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(job);
  const found = await outcomeOf(
    tenant,
    6,
    (sql, id) => sql`update workflows.bulk_items set attempts = 5 where operation_id = ${id} and position > 1`,
  );
  expect(found).toMatchObject({ status: "FAILED", message: expect.stringContaining("crashed the worker") as unknown, done: 1, failed: 3 });
  expect(found.items.map((item) => ("status" in item ? item.status : null))).toEqual([
    "DONE",
    "FAILED",
    "FAILED",
    "FAILED",
    "CANCELLED",
    "CANCELLED",
  ]);
});

test("of many operations that are started at once, no more than ten proceed", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(job);
  const id = await started(tenant);
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  try {
    await owner.begin(async (sql) => {
      // Requests that change the instance wait, so none of the operations ends in the meantime.
      await sql`select from workflows.instances where tenant_id = ${tenant.id} and id = ${decodeId("instance", id)} for no key update`;
      const answers = await Promise.all(Array.from({ length: 24 }, () => tenant.admin.send(begin, { ids: [id] })));
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.["code"] ?? "begun");
      expect(Map.groupBy(codes, (code) => code).get("begun")).toHaveLength(10);
      expect(new Set(codes)).toEqual(new Set(["begun", "LIMIT_EXCEEDED"]));
    });
  } finally {
    await owner.end();
  }
});
