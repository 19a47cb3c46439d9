import { DBOS } from "@dbos-inc/dbos-sdk";
import { CallBatches } from "@weft/engine";
import { newId, openDatabases } from "@weft/shared";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { databaseUrl } from "@weft/testkit/postgres/database-urls";
import postgres from "postgres";
import { closedLoop } from "./harness/load/closed-loop.js";
import { settingsNote, startBenchDatabase } from "./harness/systems/database.js";
import { anEngineTenant, submitAndWait, pendulumData } from "./harness/tenants/engine-tenant.js";
import { spentSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";

const connections = 10;
const clients = 50;
const dbosClients = `DBOS, ${clients} in flight`;
const weftClients = `Weft, ${clients} in flight`;
const dbosAlone = "DBOS, one after the other";
const weftAlone = "Weft, one after the other";

/** From start to end: five transitions, the last one into a final state. */
const transitions = ["swing", "swing", "swing", "swing", "stop"] as const;

/**
 * Compares a start and five transitions (each with guards, version check, history, event, outbox, audit entry and place in the sealer's queue) with a
 * workflow of DBOS Transact with five steps that do nothing. Both are durable after each step, on one PostgreSQL server, from this process.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const database = await startBenchDatabase();
  await ensureDatabase(database.ownerUrl, "weft_dbos");
  const dbosUrl = databaseUrl(database.ownerUrl, "weft_dbos");
  // In a pool of fourteen, one tenant gets ten connections.
  const databases = await openDatabases({ ...database, pools: { app: 14, worker: 5, auth: 1, health: 1 } });
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const dbosOwner = postgres(dbosUrl, { max: 1, onnotice: () => {} });
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: dbosUrl,
    systemDatabasePoolSize: connections,
    logLevel: "error",
    tracingEnabled: false,
  });
  const flow = DBOS.registerWorkflow(
    async (n: number) => {
      let sum = n;
      for (const name of transitions) sum = await DBOS.runStep(() => Promise.resolve(sum + 1), { name });
      return sum;
    },
    { name: "flow" },
  );
  await DBOS.launch();
  try {
    const weft = await anEngineTenant(databases.app, 1);
    const batches = new CallBatches(databases.app);
    const counts = { weft: 0, dbos: 0 };
    const through = {
      weft: async () => {
        const id = newId();
        const starting = { id, definitionKey: "pendulum", data: pendulumData, ownerId: weft.viewer.userId, actor: weft.actor };
        await submitAndWait(databases.app, batches, weft, { starting });
        for (const transition of transitions)
          await submitAndWait(databases.app, batches, weft, { firing: { id, transition, actor: weft.actor } });
      },
      dbos: async (n: number) => {
        if ((await flow(n)) !== n + transitions.length) throw new Error("The workflow's result is wrong.");
      },
    };
    const contestant = (name: string, who: "weft" | "dbos", inFlight: number): Contestant => ({
      name,
      run: async () => {
        await tidy(owner, dbosOwner);
        const before = await spentSeconds(owner);
        const { done, perSecond, p50Ms, p99Ms } = await closedLoop(inFlight, quick ? 2_000 : 6_000, (_worker, turn) => through[who](turn));
        counts[who] += done;
        const spent = (await spentSeconds(owner)) - before;
        return { "flows/s": perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms, "per processor second": done / spent };
      },
    });
    const contestants = [
      contestant(dbosClients, "dbos", clients),
      contestant(weftClients, "weft", clients),
      contestant(dbosAlone, "dbos", 1),
      contestant(weftAlone, "weft", 1),
    ];
    const rounds = await alternate(contestants, quick ? 3 : 5);
    await assertComplete(owner, dbosOwner, counts);
    const figures = ["flows/s", "p50 ms", "p99 ms", "per processor second"];
    return {
      title: `Start and ${transitions.length} transitions, against a workflow of ${transitions.length} steps in DBOS Transact`,
      head: ["", ...figures, "against DBOS", "by processor time"],
      rows: contestants.map(({ name }) => {
        const anchor = name.endsWith("other") ? dbosAlone : dbosClients;
        return [
          name,
          ...figures.map((figure) => medianOf(rounds, name, figure)),
          ratioOf(rounds, "flows/s", name, anchor),
          ratioOf(rounds, "per processor second", name, anchor),
        ];
      }),
      ratio: {
        what: `flows a second, Weft / DBOS, ${clients} in flight`,
        value: ratioOf(rounds, "flows/s", weftClients, dbosClients),
        goal: "≥ 8",
      },
      notes: [
        `@dbos-inc/dbos-sdk 5.3.0, ${connections} connections, no tracing; ${settingsNote}; both in one process, client and server on the same machine.`,
        `Correct: ${counts.weft} instances completed in version ${transitions.length + 1} with as many rows of history, events and audit; ${counts.dbos} workflows succeeded with ${transitions.length} outputs each.`,
      ],
      rounds,
    };
  } finally {
    await DBOS.shutdown();
    await Promise.all([owner.end(), dbosOwner.end(), databases.close()]);
    await database.remove();
  }
}

/**
 * Creates the same conditions for every round of both: current statistics, and no pending checkpoint from the previous round. A production server has
 * statistics from autovacuum; this one is too young for autovacuum's first run after a minute.
 */
async function tidy(owner: postgres.Sql, dbosOwner: postgres.Sql): Promise<void> {
  await owner`vacuum analyze`;
  await dbosOwner`vacuum analyze`;
  await owner`checkpoint`;
}

async function assertComplete(owner: postgres.Sql, dbosOwner: postgres.Sql, counts: { weft: number; dbos: number }): Promise<void> {
  const [weft] = await owner`select
    (select count(*)::int from workflows.instances where status = 'COMPLETED' and version = ${transitions.length + 1}) as completed,
    (select count(*)::int from workflows.instances where version > 1) as begun,
    (select count(*)::int - 1 from workflows.history) as history, (select count(*)::int - 1 from events.log) as events,
    (select count(*)::int - 1 from events.outbox) as outbox, (select count(*)::int - 1 from audit.entries) as audit`;
  const rows = counts.weft * (transitions.length + 1);
  const isWhole = weft?.["completed"] === counts.weft && weft["begun"] === counts.weft;
  if (!isWhole || ["history", "events", "outbox", "audit"].some((table) => weft[table] !== rows))
    throw new Error(`${counts.weft} flows were through, and the tables have ${JSON.stringify(weft)}.`);
  const [dbos] = await dbosOwner`select (select count(*)::int from dbos.workflow_status where status = 'SUCCESS') as succeeded,
    (select count(*)::int from dbos.operation_outputs) as outputs`;
  if (dbos?.["succeeded"] !== counts.dbos || dbos["outputs"] !== counts.dbos * transitions.length)
    throw new Error(`${counts.dbos} workflows were through, and DBOS has ${JSON.stringify(dbos)}.`);
}
