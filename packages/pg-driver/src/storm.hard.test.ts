import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { startOwnPostgres, type OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postgres, type Sql } from "./index.js";

// F4, F5 and F6 with the driver itself. In such a storm, the published driver had 63 commits, 60 hanging transactions and 5 crashes.

const stormMs = 20_000;
const tenants = Array.from({ length: 20 }, () => randomUUID());
let server: OwnPostgres;

beforeAll(async () => {
  server = await startOwnPostgres();
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`
    create table notes (tenant uuid not null, batch uuid not null, part int not null, primary key (tenant, batch, part));
    alter table notes enable row level security;
    alter table notes force row level security;
    create policy own on notes using (tenant = nullif(current_setting('storm.tenant', true), '')::uuid);
    create role storm login password 'storm';
    grant select, insert on notes to storm;
  `);
  await sql.end();
});

afterAll(() => server.remove());

interface Tally {
  readonly acknowledged: { tenant: string; batch: string }[];
  readonly foreign: string[];
  failed: number;
  inFlight: number;
  lastCommitAt: number;
}

test(
  "with twenty tenants, killed backends, restarts, and a crash, nothing leaks, hangs, is lost, or is partially written",
  { timeout: stormMs + 60_000 },
  async () => {
    const url = new URL(server.url);
    url.username = url.password = "storm";
    const sql = postgres(url.href, { max: 10, backoff: () => 0.05 + Math.random() * 0.2, connect_timeout: 5, onnotice: () => {} });
    const tally: Tally = { acknowledged: [], foreign: [], failed: 0, inFlight: 0, lastCommitAt: 0 };
    const ending = new AbortController();

    const workers = tenants.map((tenant) => work(sql, tenant, tally, ending.signal));
    const killer = killBackends(ending.signal);
    await delay(stormMs / 4);
    await expectRecovery(tally, () => server.restart());
    await delay(stormMs / 4);
    await expectRecovery(tally, () => server.crash());
    await delay(stormMs / 4);
    await expectRecovery(tally, () => server.restart());
    await delay(stormMs / 4);
    ending.abort();
    await killer;
    await until(() => tally.inFlight === 0, { what: "no transaction hangs", deadlineMs: 10_000 });
    await Promise.all(workers);
    await sql.end({ timeout: 5 });

    console.log(`storm: ${tally.acknowledged.length} commits, ${tally.failed} failed transactions`);
    expect(tally.foreign).toEqual([]);
    expect(tally.acknowledged.length).toBeGreaterThan(500);
    expect(tally.failed).toBeGreaterThan(0);
    await expectWholeBatches(tally);
  },
);

/** Runs transactions of one tenant in sequence. Each writes two rows and records every row of another tenant that it sees. */
async function work(sql: Sql, tenant: string, tally: Tally, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const batch = randomUUID();
    tally.inFlight++;
    try {
      await sql.begin(async (tx) => {
        await tx`select set_config('storm.tenant', ${tenant}, true)`;
        for (const part of [1, 2]) {
          await tx`insert into notes values (${tenant}, ${batch}, ${part})`;
          const seen = await tx<{ tenant: string }[]>`select distinct tenant from notes limit 100`;
          tally.foreign.push(...seen.map((row) => row.tenant).filter((other) => other !== tenant));
          // Leaves time for a kill in between.
          await delay(Math.random() * 10);
        }
      });
      tally.acknowledged.push({ tenant, batch });
      tally.lastCommitAt = performance.now();
    } catch {
      tally.failed++;
      await delay(20);
    } finally {
      tally.inFlight--;
    }
  }
}

/** Terminates two backends inside a transaction every 150 ms, as an administrator or a failing machine would. */
async function killBackends(signal: AbortSignal): Promise<void> {
  const admin = postgres(server.url, { max: 1, backoff: () => 0.1, connect_timeout: 2, onnotice: () => {} });
  while (!signal.aborted) {
    await delay(150);
    await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where usename = 'storm' and state like 'idle in transaction%' order by random() limit 2`.catch(() => {
      // The server itself is down.
    });
  }
  await admin.end({ timeout: 2 });
}

/** Expects commits again within five seconds of the server's return. */
async function expectRecovery(tally: Tally, trouble: () => Promise<void>): Promise<void> {
  await trouble();
  const backAt = performance.now();
  await until(() => tally.lastCommitAt > backAt, { what: "a transaction commits again", deadlineMs: 5000 });
}

async function expectWholeBatches(tally: Tally): Promise<void> {
  const sql = postgres(server.url, { max: 1 });
  const rows = await sql<
    { tenant: string; batch: string; parts: number }[]
  >`select tenant, batch, count(*)::int as parts from notes group by 1, 2`;
  await sql.end();
  expect(rows.filter((row) => row.parts !== 2)).toEqual([]);
  const stored = new Set(rows.map((row) => `${row.tenant} ${row.batch}`));
  expect(tally.acknowledged.filter(({ tenant, batch }) => !stored.has(`${tenant} ${batch}`))).toEqual([]);
}
