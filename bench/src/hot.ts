import { openDatabases } from "@weft/platform/db";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { closedLoop } from "./harness/load/closed-loop.js";
import { settingsNote, startBenchDatabase } from "./harness/systems/database.js";
import { anEngineTenant, fireInTransaction } from "./harness/tenants/engine-tenant.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";

const connections = 10;
const withIndex = "with instances_by_state";
const withoutIndex = "without";

/**
 * Supplements P1: measures what the index on the state costs a transition. Every transition changes the state, so with the index no update of an
 * instance can be heap-only (HOT), and each update writes to all indexes of the table.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const database = await startBenchDatabase();
  const databases = await openDatabases({ ...database, pools: { app: connections, worker: 5, auth: 1, health: 1 } });
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const instances = quick ? 500 : 2_000;
    const tenant = await anEngineTenant(databases.app, instances);
    const [index] = await owner<
      { definition: string }[]
    >`select indexdef as definition from pg_indexes where schemaname = 'workflows' and indexname = 'instances_by_state'`;
    if (index === undefined) throw new Error("There is no index instances_by_state any more: this bench has done its work.");
    const mine = Math.floor(instances / connections);
    let transitions = 0;
    const contestant = (name: string, prepare: string): Contestant => ({
      name,
      run: async () => {
        await owner.unsafe(prepare);
        // Equally full in both cases, except for the index: dead rows of the other's round must not make room for this one.
        await owner.unsafe("vacuum full analyze workflows.instances");
        await owner`checkpoint`;
        const before = await updates(owner);
        const { done, perSecond, p50Ms, p99Ms } = await closedLoop(connections, quick ? 2_000 : 6_000, async (worker, turn) => {
          const id = tenant.instanceIds[worker + connections * (turn % mine)] ?? "";
          await fireInTransaction(databases.app, tenant, id);
        });
        transitions += done;
        // A backend reports its counts some time after its last transaction.
        const after = await until(
          async () => {
            const now = await updates(owner);
            return now.all - before.all >= done && now;
          },
          { what: `${done} updates are counted`, deadlineMs: 30_000 },
        );
        const share = (after.hot - before.hot) / (after.all - before.all);
        return { "commits/s": perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms, "HOT share": share };
      },
    });
    const contestants = [
      contestant(withIndex, index.definition.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS")),
      contestant(withoutIndex, "drop index if exists workflows.instances_by_state"),
    ];
    const rounds = await alternate(contestants, quick ? 3 : 7);
    const [sum] = await owner<{ transitions: number }[]>`select sum(version - 1)::int as transitions from workflows.instances`;
    if (sum?.transitions !== transitions)
      throw new Error(`${transitions} transitions were accepted, and the instances have ${sum?.transitions}.`);
    const figures = ["commits/s", "p50 ms", "p99 ms", "HOT share"];
    return {
      title: `The index on an instance's state, and heap-only updates: fireInstance in a transaction, ${connections} connections`,
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOf(rounds, name, figure))]),
      ratio: {
        what: "commits with the index / without",
        value: ratioOf(rounds, "commits/s", withIndex, withoutIndex),
        goal: "none: a question answered",
      },
      notes: [`${settingsNote}; ${instances} instances, fillfactor 80.`, `Correct: ${transitions} accepted transitions, as many versions.`],
      rounds,
    };
  } finally {
    await Promise.all([owner.end(), databases.close()]);
    await database.remove();
  }
}

async function updates(owner: postgres.Sql): Promise<{ all: number; hot: number }> {
  const [row] = await owner<{ all: number; hot: number }[]>`
    select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where schemaname = 'workflows' and relname = 'instances'`;
  return row ?? { all: 0, hot: 0 };
}
