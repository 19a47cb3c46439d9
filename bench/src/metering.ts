import { startInstance } from "@weft/engine";
import { asTenant, openDatabases } from "@weft/platform/db";
import { postgres } from "@weft/pg-driver";
import { closedLoop } from "./harness/load/closed-loop.js";
import { settingsNote, startBenchDatabase } from "./harness/systems/database.js";
import { anEngineTenant, pendulumData } from "./harness/tenants/engine-tenant.js";
import { spentSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";

const connections = 10;
/** One tenant gets three quarters of a pool. */
const poolSize = 14;
const unmetered = "not counted";
const unlimited = "counted, no limit";
const limited = "counted, far from the limits";
const oneRow = "counted in one row per limit";

/** engine.apply as it was before there was anything to count. */
const applyWithoutMeter = `create or replace function engine.apply(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
begin
  return engine.write_outcome(context, outcome);
end $$`;

/** The obvious implementation: it is also exact, but every start of a tenant waits for the previous one. */
const meterInOneRow = `create or replace function app.meter(metric text, amount bigint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  allowed bigint := app.limit_of(metric);
  total bigint;
begin
  insert into app.usage as u (tenant_id, metric, window_start, slot, used) values (app.tenant(), metric, app.usage_window(metric), 0, amount)
    on conflict on constraint usage_pkey do update set used = u.used + excluded.used returning u.used into total;
  if total > allowed then
    raise exception 'The limit % of % is reached', metric, allowed using errcode = 'WF010';
  end if;
end $$;
create or replace function app.meter_start(is_running boolean, context jsonb) returns void language plpgsql as $$
begin
  perform app.meter('runningInstances', 1, context), app.meter('executionsPerHour', 1, context), app.meter('executionsPerMonth', 1, context);
end $$`;

/**
 * Measures what counting costs a start: `startInstance` in a transaction of weft_app, for one tenant, with and without the counters of running
 * instances and of executions per hour and month.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const database = await startBenchDatabase();
  const databases = await openDatabases({ ...database, pools: { app: poolSize, worker: 5, auth: 1, health: 1 } });
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const { tenantId, viewer, meta, actor } = await anEngineTenant(databases.app, 10);
    const originals = await owner<{ definition: string }[]>`select pg_get_functiondef(p.oid) as definition from pg_proc p
      where p.oid in ('engine.apply(jsonb, jsonb)'::regprocedure, 'app.meter(text, bigint, jsonb)'::regprocedure, 'app.meter_start(boolean, jsonb)'::regprocedure)`;
    // Opens all connections before the first round.
    await Promise.all(
      Array.from({ length: connections }, () => asTenant(databases.app, viewer, "read", (tx) => tx.execute("select pg_sleep(0.2)"))),
    );
    let contracts = 0;
    let starts = 10;
    const contestant = (name: string, replaced: string | null, limit: number | null): Contestant => ({
      name,
      run: async () => {
        for (const { definition } of originals) await owner.unsafe(definition);
        if (replaced !== null) await owner.unsafe(replaced);
        const limits = { runningInstances: limit, executionsPerHour: limit, executionsPerMonth: limit };
        await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
          values (${tenantId}, 'CONTRACT', ${tenantId}, ${++contracts}, ${owner.json({ limits })}, ${tenantId}, 'Bench.')`;
        await owner`vacuum analyze app.usage`;
        await owner`checkpoint`;
        const before = await spentSeconds(owner);
        const { done, perSecond, p50Ms, p99Ms } = await closedLoop(connections, quick ? 2_000 : 6_000, async () => {
          await asTenant(databases.app, viewer, "write", (tx) =>
            startInstance(tx, meta, { definitionKey: "pendulum", data: pendulumData, ownerId: viewer.userId, actor }),
          );
        });
        const spent = (await spentSeconds(owner)) - before;
        starts += done;
        await assertCounted(owner, starts, name === unmetered);
        return { "starts per processor second": done / spent, "starts/s": perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms };
      },
    });
    const contestants = [
      contestant(unmetered, applyWithoutMeter, null),
      contestant(unlimited, null, null),
      contestant(limited, null, 1_000_000_000),
      contestant(oneRow, meterInOneRow, 1_000_000_000),
    ];
    const rounds = await alternate(contestants, quick ? 3 : 7);
    const figures = ["starts per processor second", "starts/s", "p50 ms", "p99 ms"];
    return {
      title: `What counting costs a start of an instance: one tenant, ${connections} connections`,
      head: ["", ...figures, "against not counted, by processor time", "by the clock"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratioOf(rounds, "starts per processor second", name, unmetered),
        ratioOf(rounds, "starts/s", name, unmetered),
      ]),
      ratio: {
        what: "starts per processor second, far from the limits / not counted",
        value: ratioOf(rounds, "starts per processor second", limited, unmetered),
        goal: "≥ 0.9",
      },
      notes: [
        `${settingsNote}; client and server on the same machine.`,
        `Correct: ${starts} starts, as many instances; after each turn that counts, as many as the counters say.`,
      ],
      rounds,
    };
  } finally {
    await Promise.all([owner.end(), databases.close()]);
    await database.remove();
  }
}

/** Checks that every start was stored and counted. `recount` adds starts that an uncounted round left out, so that the next round can be checked. */
async function assertCounted(owner: postgres.Sql, starts: number, recount: boolean): Promise<void> {
  if (recount) {
    await owner.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', tenant_id::text, true) from identity.tenants`;
      await tx`select app.recount_usage()`;
    });
  }
  const [found] = await owner<{ instances: number; running: number; month: number }[]>`select
    (select count(*)::int from workflows.instances) as instances,
    (select sum(used)::int from app.usage where metric = 'runningInstances') as running,
    (select sum(used)::int from app.usage where metric = 'executionsPerMonth') as month`;
  if (found?.instances !== starts || found.running !== starts || found.month !== starts)
    throw new Error(`${starts} instances were started, and the tables have ${JSON.stringify(found)}.`);
}
