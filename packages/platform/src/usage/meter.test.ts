import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCleaner } from "../cleaning/cleaner.js";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { LimitExceeded } from "@weft/shared/errors";
import type { WriteMeta } from "../events/write-meta.js";
import { meterUsage } from "./meter.js";
import type { MeteredLimit } from "./meter.js";
import { pastWindows } from "./past-windows.js";
import { findUsage } from "./usage.js";

let bare: BareDatabase;
/** One connection per concurrent user. */
let many: postgres.Sql;
beforeAll(async () => {
  bare = await openBareDatabase();
  many = postgres(bare.database.appUrl, { max: 50 });
});
afterAll(async () => {
  await many.end();
  await bare.close();
});

type Limits = Partial<Record<MeteredLimit, number | null>>;

async function aTenant(limits: Limits): Promise<WriteMeta> {
  const meta = await bare.tenant();
  await agree(meta, limits);
  return meta;
}

/** Adds a contract whose limits override those of the plan. */
async function agree({ tenantId, actorId }: WriteMeta, limits: Limits): Promise<void> {
  await bare.owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    select ${tenantId}, 'CONTRACT', ${tenantId}, count(*) + 1, ${bare.owner.json({ limits })}, ${actorId}, 'm'
      from app.configurations where tenant_id = ${tenantId}`;
}

const write = <T>(meta: WriteMeta, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", fn);

const take = (meta: WriteMeta, limit: MeteredLimit, amount = 1): Promise<void> =>
  write(meta, (tx) => meterUsage(tx, meta, [{ limit, amount }]));

async function usageOf(meta: WriteMeta, limit: MeteredLimit) {
  const usage = await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "read", findUsage);
  return usage.find((each) => each.limit === limit);
}

async function announced({ tenantId }: WriteMeta): Promise<unknown[]> {
  const rows = await bare.owner<{ payload: unknown }[]>`select l.payload from events.log l join events.outbox o on o.event_id = l.id
    where l.tenant_id = ${tenantId} and l.type = 'usage.threshold_reached' order by o.seq`;
  return rows.map(({ payload }) => payload);
}

/** Meters concurrently, each in its own transaction and connection. `keep` decides which ones commit. Returns how many were allowed. */
async function rush({ tenantId, actorId }: WriteMeta, limit: MeteredLimit, people: number, keep = (_n: number) => true): Promise<number> {
  const undo = new Error("undo");
  const context = many.json({ actorId, requestId: "rush" });
  const outcomes = await Promise.all(
    Array.from({ length: people }, (_, n) =>
      many
        .begin(async (tx) => {
          await tx.unsafe(`set local app.tenant_id = '${tenantId}'`);
          await tx`select app.meter(${limit}, 1, ${context})`;
          // Keeps the transaction open briefly, so that the transactions overlap.
          await tx`select pg_sleep(random() * 0.005)`;
          if (!keep(n)) throw undo;
          return "taken";
        })
        .catch((error: unknown) => {
          if (error === undo) return "undone";
          if ((error as { code?: string }).code === "WF010") return "refused";
          throw error;
        }),
    ),
  );
  return outcomes.filter((outcome) => outcome === "taken").length;
}

describe("fifty concurrent callers", () => {
  test.each([
    ["within one slot's share", 3],
    ["around the number of slots", 17],
    ["almost all", 49],
  ])("stop exactly at the limit: %s", async (_name, allowed) => {
    const acme = await aTenant({ users: allowed });
    expect(await rush(acme, "users", 50)).toBe(allowed);
    expect(await usageOf(acme, "users")).toEqual({ limit: "users", used: allowed, allowed, windowEndsAt: null });
    expect(await announced(acme)).toHaveLength(1);
  });

  test("leave nothing behind if half of them roll back, and others take what they held", async () => {
    const acme = await aTenant({ definitions: 30 });
    expect(await rush(acme, "definitions", 50, (n) => n % 2 === 0)).toBe(25);
    expect(await usageOf(acme, "definitions")).toMatchObject({ used: 25 });
    expect(await rush(acme, "definitions", 50)).toBe(5);
    expect(await usageOf(acme, "definitions")).toMatchObject({ used: 30 });
  });

  test("end where they started if they take and release in turns, and never exceed the limit", async () => {
    const acme = await aTenant({ runningInstances: 20 });
    expect(await rush(acme, "runningInstances", 50)).toBe(20);
    for (let turn = 0; turn < 3; turn++) {
      await Promise.all(Array.from({ length: 7 }, () => take(acme, "runningInstances", -1)));
      expect(await rush(acme, "runningInstances", 50)).toBe(7);
    }
    expect(await usageOf(acme, "runningInstances")).toMatchObject({ used: 20, allowed: 20 });
  });

  test("of one tenant do not affect another tenant, and one limit does not affect another", async () => {
    const [acme, globex] = [await aTenant({ users: 1, definitions: 5 }), await aTenant({ users: 2 })];
    expect(await Promise.all([rush(acme, "users", 10), rush(globex, "users", 10), rush(acme, "definitions", 10)])).toEqual([1, 2, 5]);
  });
});

describe("a limit", () => {
  test("that is reached is reported with the used and the allowed amount", async () => {
    const acme = await aTenant({ users: 4 });
    await take(acme, "users", 3);
    const refusal = await take(acme, "users", 2).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LimitExceeded);
    expect((refusal as LimitExceeded).extensions).toEqual({ code: "LIMIT_EXCEEDED", limit: "users", used: 3, allowed: 4 });
    await take(acme, "users");
  });

  test("takes effect as soon as it changes: lower, higher, none, and again", async () => {
    const acme = await aTenant({ users: 40 });
    expect(await rush(acme, "users", 25)).toBe(25);
    await agree(acme, { users: 10 });
    await expect(take(acme, "users")).rejects.toThrow("The limit users is reached: 25 of 10 used.");
    await agree(acme, { users: 27 });
    expect(await rush(acme, "users", 10)).toBe(2);
    await agree(acme, { users: null });
    expect(await rush(acme, "users", 50)).toBe(50);
    expect(await usageOf(acme, "users")).toMatchObject({ used: 77, allowed: null });
    // The capacity left under the limit of 40 is no longer available.
    await agree(acme, { users: 40 });
    expect(await rush(acme, "users", 50)).toBe(0);
    await take(acme, "users", -38);
    expect(await rush(acme, "users", 50)).toBe(1);
  });

  test("is never allocated beyond its value, whatever was taken and released before", async () => {
    const acme = await aTenant({ users: 100 });
    const [shares] = await bare.owner<
      { spare: number }[]
    >`select coalesce(sum(spare), 0)::int as spare from app.usage where tenant_id = ${acme.tenantId}`;
    expect(shares?.spare).toBe(0);
    for (const amount of [10, -3, 60, -1, 20, -70, 30, 53]) {
      await take(acme, "users", amount);
      const [row] = await bare.owner<
        { used: number; spare: number }[]
      >`select sum(used)::int as used, sum(spare)::int as spare from app.usage
        where tenant_id = ${acme.tenantId}`;
      expect((row?.used ?? 0) + (row?.spare ?? 0)).toBeLessThanOrEqual(100);
    }
    expect(await usageOf(acme, "users")).toMatchObject({ used: 99 });
  });

  test("that the configuration does not know is an error, not an unlimited value", async () => {
    const acme = await aTenant({});
    await expect(rush(acme, "userz" as MeteredLimit, 1)).rejects.toMatchObject({ code: "WF003" });
  });
});

describe("the event at 80 %", () => {
  test("is written once, by the user who reaches the threshold, and again only after usage has dropped", async () => {
    const acme = await aTenant({ users: 10 });
    await take(acme, "users", 7);
    expect(await announced(acme)).toEqual([]);
    await take(acme, "users");
    await take(acme, "users", 2);
    const event = { limit: "users", used: 8, allowed: 10, windowEndsAt: null };
    expect(await announced(acme)).toEqual([event]);
    await take(acme, "users", -6);
    await take(acme, "users", 3);
    expect(await announced(acme)).toHaveLength(1);
    await take(acme, "users");
    expect(await announced(acme)).toEqual([event, event]);
  });

  test("is not written for a refused call or without a limit", async () => {
    const acme = await aTenant({ users: 10, definitions: null });
    await expect(take(acme, "users", 11)).rejects.toThrow(LimitExceeded);
    await take(acme, "definitions", 1_000);
    expect(await announced(acme)).toEqual([]);
  });
});

describe("a window", () => {
  test("is the hour or the month of the database, and a new one starts at zero", async () => {
    const acme = await aTenant({ executionsPerHour: 2, executionsPerMonth: 3 });
    await take(acme, "executionsPerHour", 2);
    await take(acme, "executionsPerMonth", 3);
    await expect(take(acme, "executionsPerHour")).rejects.toThrow("executionsPerHour is reached: 2 of 2");
    const [ends] = await bare.owner<{ hour: string; month: string }[]>`select
      to_char(date_trunc('hour', now(), 'UTC') + interval '1 hour', 'YYYY-MM-DD"T"HH24:MI') as hour,
      to_char((date_trunc('month', now() at time zone 'UTC') + interval '1 month'), 'YYYY-MM-DD"T"HH24:MI') as month`;
    expect((await usageOf(acme, "executionsPerHour"))?.windowEndsAt?.slice(0, 16)).toBe(ends?.hour);
    expect((await usageOf(acme, "executionsPerMonth"))?.windowEndsAt?.slice(0, 16)).toBe(ends?.month);
    await bare.owner`update app.usage set window_start = window_start - interval '1 hour' where tenant_id = ${acme.tenantId} and metric = 'executionsPerHour'`;
    await take(acme, "executionsPerHour", 2);
    expect(await usageOf(acme, "executionsPerHour")).toMatchObject({ used: 2 });
  });

  test("is deleted long after it has ended; current ones and permanent counts stay", async () => {
    const acme = await aTenant({});
    for (const limit of ["users", "executionsPerHour"] as const) await take(acme, limit);
    await bare.owner`insert into app.usage (tenant_id, metric, window_start, slot, used)
      select ${acme.tenantId}, 'executionsPerHour', now() - make_interval(days => 41, hours => h), 0, 1 from generate_series(1, 30) h`;
    const cleaner = startCleaner({
      databases: bare.databases,
      log: { info: () => undefined, error: () => undefined },
      chores: [pastWindows],
      firstAfterMs: 0,
    });
    const windows = async () =>
      (await bare.owner`select distinct metric, window_start from app.usage where tenant_id = ${acme.tenantId}`).length;
    await until(async () => (await windows()) === 2, { what: "old windows are gone" });
    await cleaner.stop();
  });
});
