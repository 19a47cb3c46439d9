import { newId } from "@weft/shared/ids";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";
import { UnlistedOperations } from "./unlisted-operations.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

const counting = (): UnlistedOperations => new UnlistedOperations({ app: weft.services.databases.app, log: weft.services.log });
const anOperation = { client: "", kind: "QUERY", isRefused: false } as const;

async function rowsOf(tenantId: string): Promise<{ client: string; name: string; run: number; refused: number }[]> {
  return weft.sql<{ client: string; name: string; run: number; refused: number }[]>`
    select client, name, run_count::int as run, refused_count::int as refused from identity.unlisted_operations
    where tenant_id = ${tenantId} order by client, name`;
}

test("counts of the same operation add up, whoever counts them", async () => {
  const { tenantId } = await weft.person();
  const [one, other] = [counting(), counting()];
  for (const counts of [one, other]) {
    counts.count({ tenantId, ...anOperation, client: "app", name: "Mine" });
    counts.count({ tenantId, ...anOperation, client: "app", name: "Mine", isRefused: true });
  }
  await Promise.all([one.stop(), other.stop()]);
  expect(await rowsOf(tenantId)).toEqual([{ client: "app", name: "Mine", run: 2, refused: 2 }]);
});

test("a flood of names is counted together, without a name", async () => {
  const { tenantId } = await weft.person();
  const counts = counting();
  for (let n = 0; n < 5_000; n++) counts.count({ tenantId, ...anOperation, name: `N${n}` });
  await counts.stop();
  const rows = await rowsOf(tenantId);
  expect(rows).toHaveLength(201);
  expect(rows[0]).toEqual({ client: "", name: "", run: 4_800, refused: 0 });
});

test("a tenant has a bounded number of rows, and counts of those that are there go on", { tags: "slow" }, async () => {
  const { tenantId } = await weft.person();
  for (let flush = 0; flush < 8; flush++) {
    const counts = counting();
    for (let n = 0; n < 199; n++) counts.count({ tenantId, ...anOperation, name: `F${flush}N${n}` });
    counts.count({ tenantId, ...anOperation, name: "Mine" });
    await counts.stop();
  }
  const rows = await rowsOf(tenantId);
  expect(rows.length).toBeLessThan(1_200);
  expect(rows.find(({ name }) => name === "Mine")).toMatchObject({ run: 8 });
});

test("operations that nobody has sent for 30 days are deleted", async () => {
  const { tenantId } = await weft.person();
  await weft.sql`insert into identity.unlisted_operations (tenant_id, id, client, name, kind, first_at, last_at)
    values (${tenantId}, ${newId()}, '', 'Old', 'QUERY', now() - interval '90 days', now() - interval '31 days')`;
  const counts = counting();
  counts.count({ tenantId, ...anOperation, name: "New" });
  await counts.stop();
  expect((await rowsOf(tenantId)).map(({ name }) => name)).toEqual(["New"]);
});

test("a tenant whose counts cannot be written does not lose those of another one", async () => {
  const { tenantId } = await weft.person();
  const counts = counting();
  counts.count({ tenantId: newId(), ...anOperation, name: "Of no tenant" });
  counts.count({ tenantId, ...anOperation, name: "Mine" });
  await counts.stop();
  expect(await rowsOf(tenantId)).toHaveLength(1);
});
