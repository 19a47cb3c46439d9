import { randomInt } from "node:crypto";
import { decodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { randomSource } from "@weft/testkit/random-source";
import { foldedWorkDays } from "@weft/vendors";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const query = `query ($vendorId: ID!, $filter: VendorPerformanceFilter) { vendorPerformance(vendorId: $vendorId, filter: $filter) {
  figures { name value count total } } }`;
const rows = 100_000;
const quarterMs = 900_000;

let kit: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  kit = await startTestWeft({ alone: "It measures statements over many rows." });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await kit.stop();
});

interface Row {
  assigned_at: Date;
  responded_at: Date | null;
  ended_at: Date | null;
  outcome: string;
  reopened: number;
  is_sla_met: boolean | null;
  stars: number | null;
  rated_at: Date | null;
  is_deleted: boolean;
}

/** Writes work of a year at one vendor, without its requests. */
async function writeWork(tenantId: string, vendorId: string, count = rows): Promise<Row[]> {
  await owner.unsafe("alter table vendors.work drop constraint if exists work_request_fkey");
  await owner`select set_config('app.tenant_id', ${tenantId}, false)`;
  await owner`insert into vendors.work (tenant_id, id, vendor_id, request_id, instance_id, version, outcome, assigned_at, responded_at, ended_at, reopened, is_sla_met, stars, rated_at)
    select ${tenantId}::uuid, app.uuid_v7(), ${vendorId}::uuid, gen_random_uuid(), gen_random_uuid(), 2, case when n % 5 = 0 then 'OPEN' when n % 7 = 0 then 'ENDED' else 'COMPLETED' end,
           a, case when n % 3 > 0 then a + n % 50 * interval '7 minutes' end, case when n % 5 > 0 then a + n % 90 * interval '1 hour' end, (n % 11 = 0)::integer,
           case when n % 4 > 0 then n % 13 > 0 end, case when n % 5 > 0 and n % 7 > 0 and n % 6 = 0 then 1 + n % 5 end,
           case when n % 5 > 0 and n % 7 > 0 and n % 6 = 0 then a + interval '100 hours' end
      from (select n, timestamptz '2025-01-01 00:00:00Z' + n * interval '315 seconds' as a from generate_series(1, ${count}) n) g`;
  await owner.unsafe("vacuum analyze vendors.work, vendors.work_days");
  return owner<Row[]>`select * from vendors.work where tenant_id = ${tenantId}`;
}

type Figure = { readonly name: string; readonly value: number | null; readonly count: number };
type Answer = { vendorPerformance: { figures: Figure[] } };

/** The figures of a period by their definitions, from all rows. */
function recount(all: readonly Row[], { from, to }: { readonly from: string; readonly to: string }): Figure[] {
  const isIn = (time: Date | null): boolean => time !== null && time >= new Date(from) && time < new Date(to);
  const seconds = (since: Date, until: Date | null): number => ((until ?? since).getTime() - since.getTime()) / 1_000;
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const counted = all.filter((row) => !row.is_deleted);
  const assigned = counted.filter((row) => isIn(row.assigned_at));
  const responded = assigned.filter((row) => row.responded_at !== null);
  const completed = counted.filter((row) => row.outcome === "COMPLETED" && isIn(row.ended_at));
  const measured = completed.filter((row) => row.is_sla_met !== null);
  const rated = counted.filter((row) => isIn(row.rated_at));
  const reopened = completed.filter((row) => row.reopened > 0).length;
  const met = measured.filter((row) => row.is_sla_met).length;
  return [
    { name: "ASSIGNED", value: assigned.length, count: assigned.length },
    { name: "RESPONSE_TIME", value: mean(responded.map((row) => seconds(row.assigned_at, row.responded_at))), count: responded.length },
    { name: "COMPLETED", value: completed.length, count: completed.length },
    { name: "COMPLETION_TIME", value: mean(completed.map((row) => seconds(row.assigned_at, row.ended_at))), count: completed.length },
    { name: "FIRST_TIME_FIX", value: share(completed.length - reopened, completed.length), count: completed.length - reopened },
    { name: "REOPENED", value: share(reopened, completed.length), count: reopened },
    { name: "SLA_COMPLIANCE", value: share(met, measured.length), count: met },
    { name: "RATING", value: mean(rated.map(({ stars }) => stars ?? 0)), count: rated.length },
  ];
}

function expectSame(figures: readonly Figure[], expected: readonly Figure[]): void {
  expect(figures.map(({ name, count }) => ({ name, count }))).toEqual(expected.map(({ name, count }) => ({ name, count })));
  for (const [n, { name, value }] of expected.entries())
    if (value === null) expect(figures[n]?.value, name).toBeNull();
    else expect(figures[n]?.value, name).toBeCloseTo(value, 6);
}

test("figures over 100,000 requests equal a recount of all rows, and take a fraction of a second", { timeout: 240_000 }, async () => {
  const tenant = await kit.tenant();
  const { id: vendorId } = await tenant.vendor();
  const all = await writeWork(tenant.id, decodeId("vendor", vendorId));
  expect(all).toHaveLength(rows);
  const period = { from: "2025-01-10T00:00:00Z", to: "2025-12-20T00:00:00Z" };
  let [figures, fastestMs] = [[] as Figure[], Number.POSITIVE_INFINITY];
  for (let n = 0; n < 8; n += 1) {
    const startedAt = performance.now();
    ({ figures } = (await tenant.admin.run<Answer>(query, { vendorId, filter: period })).vendorPerformance);
    fastestMs = Math.min(fastestMs, performance.now() - startedAt);
  }
  expectSame(figures, recount(all, period));
  expect(fastestMs, `fastest of 8: ${fastestMs} ms`).toBeLessThan(100);
});

const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));

test(
  `figures of odd periods equal a recount, whatever changed, and whenever days were folded (seed ${seed})`,
  { timeout: 240_000 },
  async () => {
    const random = randomSource(seed);
    const tenant = await kit.tenant();
    const { id: vendorId } = await tenant.vendor();
    await writeWork(tenant.id, decodeId("vendor", vendorId), 3_000);
    const { worker } = kit.weft.services.databases;
    const fold = () => asTenant(worker, { tenantId: tenant.id }, "write", (tx) => foldedWorkDays.deleteSome(tx, 50, tenant.id));
    const changes = [
      "is_deleted = not is_deleted",
      "reopened = 1 - reopened",
      "is_sla_met = case when is_sla_met then null else true end",
      "responded_at = case when responded_at is null then assigned_at + interval '1 minute 1 millisecond' end",
      "outcome = 'ENDED', ended_at = assigned_at + interval '3 days'",
      "outcome = 'COMPLETED', ended_at = assigned_at + interval '90 minutes'",
      "outcome = 'OPEN', ended_at = null",
      "stars = 3, rated_at = assigned_at + interval '5 days'",
    ];
    for (let round = 0; round < 40; round += 1) {
      const change = owner.unsafe(
        `update vendors.work set ${random.pick(changes)} where tenant_id = $1 and version = 2 and hashtext(id::text) % 7 = $2`,
        [tenant.id, random.below(7)],
      );
      await Promise.all([change, ...(round % 3 === 0 ? [fold(), fold()] : [])]);
      if (round % 4 > 0) continue;
      const all = await owner<Row[]>`select * from vendors.work where tenant_id = ${tenant.id}`;
      // Periods begin and end at quarters of an hour.
      const start = Date.parse("2025-01-01T00:00:00Z") + random.below(12 * 96) * quarterMs;
      const period = { from: new Date(start).toISOString(), to: new Date(start + (1 + random.below(5 * 96)) * quarterMs).toISOString() };
      const { figures } = (await tenant.admin.run<Answer>(query, { vendorId, filter: period })).vendorPerformance;
      expectSame(figures, recount(all, period));
    }
    while ((await fold()) >= 50);
    const [days] = await owner<{ rows: number; days: number }[]>`
    select count(*)::integer as rows, count(distinct day)::integer as days from vendors.work_days where tenant_id = ${tenant.id}`;
    expect(days?.rows).toBe(days?.days);
  },
);
