import { asTenant } from "@weft/platform/db";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pastExports } from "./past-exports.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("deletes exports 90 days after they ended, except those whose files exist and those in progress", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  for (const tenant of [tenantId, other.tenantId]) {
    const userId = await bare.user(tenant);
    await bare.owner`with made as (
        insert into app.exports (tenant_id, id, list, format, columns, file_id, created_by, session_id, status, message, updated_at, due_at, finished_at)
        select ${tenant}::uuid, gen_random_uuid(), 'ASSETS', 'CSV', '{tag}', gen_random_uuid(), ${userId}::uuid, gen_random_uuid(), status,
               concat_ws(' ', status, days, file), now() - make_interval(days => days), case when status = 'RUNNING' then now() end,
               case when status <> 'RUNNING' then now() end
          from unnest(array['RUNNING', 'COMPLETED', 'FAILED']) status, unnest(array[89, 91]) days, unnest(array['gone', 'attached']) file
        returning tenant_id, file_id, created_by, message)
      insert into app.files (tenant_id, id, name, size, type, sha256, status, is_attached, created_by, stored_at)
      select tenant_id, file_id, 'a.csv', 1, 'text/csv', 'h', 'STORED', true, created_by, now() from made where message like '%attached'`;
  }
  const forget = (limit: number): Promise<number> =>
    asTenant(bare.databases.worker, { tenantId }, "write", (tx) => pastExports.deleteSome(tx, limit, tenantId));
  const left = async (tenant: string): Promise<string[]> =>
    (await bare.owner<{ message: string }[]>`select message from app.exports where tenant_id = ${tenant} order by 1`).map(
      ({ message }) => message,
    );
  const before = await left(other.tenantId);
  expect(before).toHaveLength(12);
  expect([await forget(1), await forget(9), await forget(9)]).toEqual([1, 1, 0]);
  expect(await left(tenantId)).toEqual(before.filter((message) => !["COMPLETED 91 gone", "FAILED 91 gone"].includes(message)));
  expect(await left(other.tenantId)).toEqual(before);
});
