import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { workAtRandom } from "@weft/testkit/sla/random-work";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifySlaClocks } from "./verify-sla-clocks.js";

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

test("a clock, an entry and a calendar that were changed, and an entry that is missing, are found", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  await workAtRandom(weft, tenant, { seed: 11, steps: 5 });
  const found = async (): Promise<string[]> => (await verifySlaClocks(weft.weft.services, tenant.id)).differences.map(({ what }) => what);
  expect(await found()).toEqual([]);
  const [clock] = await owner<{ id: string }[]>`
    update workflows.sla_clocks set due_at = due_at + interval '1 second' where (tenant_id, id) = (
      select tenant_id, id from workflows.sla_clocks where tenant_id = ${tenant.id} and due_at is not null order by id limit 1) returning id`;
  expect(await found()).toEqual(["dueAt"]);
  await owner`update workflows.sla_intervals set consumed_seconds = 60 where clock_id = ${clock?.id ?? null} and position = 1`;
  expect(await found()).toEqual(["dueAt", "entry 1: consumedSeconds"]);
  await owner`delete from workflows.sla_intervals where clock_id = ${clock?.id ?? null}`;
  expect(new Set(await found())).toContain("entry 1: phase");
  await owner`update workflows.sla_calendars set calendar = jsonb_set(calendar, '{timeZone}', '"Asia/Tokyo"') where tenant_id = ${tenant.id} and calendar is not null`;
  expect(await found()).toContain("calendar");
});
