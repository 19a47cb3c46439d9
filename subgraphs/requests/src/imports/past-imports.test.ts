import { asTenant } from "@weft/platform/db";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pastImports } from "./past-imports.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("deletes imports and their problems 90 days after they ended, and never those in progress", async () => {
  const [{ tenantId }, other] = [await bare.tenant(), await bare.tenant()];
  for (const tenant of [tenantId, other.tenantId]) {
    const userId = await bare.user(tenant);
    await bare.owner`with made as (
        insert into app.imports (tenant_id, id, list, on_existing, file_id, created_by, session_id, status, message, updated_at, due_at, finished_at)
        select ${tenant}::uuid, gen_random_uuid(), 'ASSETS', 'SKIP', gen_random_uuid(), ${userId}::uuid, gen_random_uuid(), status, status || days,
               now() - make_interval(days => days), case when status = 'RUNNING' then now() end, case when status = 'COMPLETED' then now() end
          from unnest(array['READY', 'RUNNING', 'COMPLETED']) status, unnest(array[89, 91, 92]) days
        returning tenant_id, id, created_by)
      insert into app.import_problems (tenant_id, id, import_id, line, message, created_by)
      select tenant_id, gen_random_uuid(), id, line, 'P', created_by from made, generate_series(2, 4) line`;
  }
  const forget = (limit: number): Promise<number> =>
    asTenant(bare.databases.worker, { tenantId }, "write", (tx) => pastImports.deleteSome(tx, limit, tenantId));
  const left = async (tenant: string): Promise<string[]> =>
    (
      await bare.owner<{ line: string }[]>`
        select concat_ws(' ', i.message, count(p.id)) as line from app.imports i left join app.import_problems p on p.import_id = i.id
         where i.tenant_id = ${tenant} group by i.message order by 1`
    ).map(({ line }) => line);
  const before = await left(other.tenantId);
  expect(before).toHaveLength(9);
  // Four old imports with three problems each.
  expect([await forget(5), await forget(5), await forget(5), await forget(5)]).toEqual([5, 5, 5, 1]);
  expect(await left(tenantId)).toEqual(["COMPLETED89 3", "READY89 3", "RUNNING89 3", "RUNNING91 3", "RUNNING92 3"]);
  expect(await left(other.tenantId)).toEqual(before);
});
