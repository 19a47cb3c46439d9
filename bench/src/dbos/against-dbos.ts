import { DBOS } from "@dbos-inc/dbos-sdk";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { databaseUrl } from "@weft/testkit/postgres/database-urls";
import { postgres } from "@weft/pg-driver";
import { closedLoop } from "../harness/load/closed-loop.js";
import { spentSeconds } from "../harness/processor-time.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "../harness/rounds.js";
import { settingsNote } from "../harness/systems/database.js";

const connections = 10;
const clients = 50;

/** Something durable that Weft does in as many steps as a workflow of DBOS has. */
export interface Durable {
  readonly title: string;
  /** Goal for the ratio. Absent: eight times as many a second as DBOS. */
  readonly goal?: string;
  /** What is counted, in the plural: `runs`. */
  readonly noun: string;
  /** Names of the steps of DBOS's workflow. */
  readonly steps: readonly string[];
  /** Does it once, from the start to the commit of its end. */
  readonly once: () => Promise<void>;
  /** Throws unless the tables contain this number of them, complete. */
  readonly assertComplete: (owner: postgres.Sql, count: number) => Promise<void>;
  /** Says what was verified. */
  readonly verified: (count: number) => string;
}

/**
 * Compares Weft with a workflow of DBOS Transact, with 50 in flight and one after the other. The steps of the workflow do nothing. Both are durable after
 * each step, on one PostgreSQL server, from this process.
 */
export async function againstDbos(ownerUrl: string, durable: Durable, { quick, only = "" }: BenchOptions): Promise<Report> {
  await ensureDatabase(ownerUrl, "weft_dbos");
  const dbosUrl = databaseUrl(ownerUrl, "weft_dbos");
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
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
      for (const name of durable.steps) sum = await DBOS.runStep(() => Promise.resolve(sum + 1), { name });
      return sum;
    },
    { name: "flow" },
  );
  await DBOS.launch();
  const counts = { Weft: 0, DBOS: 0 };
  const once = {
    Weft: durable.once,
    DBOS: async (n: number) => {
      if ((await flow(n)) !== n + durable.steps.length) throw new Error("The workflow's result is wrong.");
    },
  };
  const perSecondName = `${durable.noun}/s`;
  const contestant = (name: string, who: "Weft" | "DBOS", inFlight: number): Contestant => ({
    name,
    run: async () => {
      await tidy(owner, dbosOwner);
      // New statistics discard the plans of all connections.
      const warming = await closedLoop(connections, 500, (_worker, turn) => once[who](turn));
      counts[who] += warming.done;
      const before = await spentSeconds(owner);
      const { done, perSecond, p50Ms, p99Ms } = await closedLoop(inFlight, quick ? 2_000 : 6_000, (_worker, turn) => once[who](turn));
      counts[who] += done;
      const spent = (await spentSeconds(owner)) - before;
      return { [perSecondName]: perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms, "per processor second": done / spent };
    },
  });
  const nameOf = (who: "Weft" | "DBOS", inFlight: number): string =>
    inFlight === 1 ? `${who}, one after the other` : `${who}, ${inFlight} in flight`;
  const pairs = [clients, 1].map((inFlight) => ({ dbos: nameOf("DBOS", inFlight), weft: nameOf("Weft", inFlight), inFlight }));
  const all = pairs.flatMap(({ dbos, weft, inFlight }) => [
    { anchor: dbos, contestant: contestant(dbos, "DBOS", inFlight) },
    { anchor: dbos, contestant: contestant(weft, "Weft", inFlight) },
  ]);
  const taking = all.filter(({ contestant: { name } }) => name.includes(only));
  try {
    const rounds = await alternate(
      taking.map((one) => one.contestant),
      quick ? 3 : 5,
    );
    await durable.assertComplete(owner, counts.Weft);
    await assertDbosComplete(dbosOwner, counts.DBOS, durable.steps.length);
    const figures = [perSecondName, "p50 ms", "p99 ms", "per processor second"];
    const ratio = (figure: string, name: string, anchor: string): number =>
      only === "" ? ratioOf(rounds, figure, name, anchor) : Number.NaN;
    return {
      title: durable.title,
      head: ["", ...figures, "against DBOS", "by processor time", "time against DBOS"],
      rows: taking.map(({ anchor, contestant: { name } }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratio(perSecondName, name, anchor),
        ratio("per processor second", name, anchor),
        ratio("p50 ms", name, anchor),
      ]),
      ratio: {
        what: `${durable.noun} a second, Weft / DBOS, ${clients} in flight`,
        value: ratio(perSecondName, nameOf("Weft", clients), nameOf("DBOS", clients)),
        goal: durable.goal ?? "≥ 8",
      },
      notes: [
        `@dbos-inc/dbos-sdk 5.3.0, ${connections} connections, no tracing; ${settingsNote}; both in one process, client and server on the same machine.`,
        `Correct: ${durable.verified(counts.Weft)}; ${counts.DBOS} workflows succeeded with ${durable.steps.length} outputs each.`,
      ],
      rounds,
    };
  } finally {
    await DBOS.shutdown();
    await Promise.all([owner.end(), dbosOwner.end()]);
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

async function assertDbosComplete(dbosOwner: postgres.Sql, count: number, steps: number): Promise<void> {
  const [dbos] = await dbosOwner`select (select count(*)::int from dbos.workflow_status where status = 'SUCCESS') as succeeded,
    (select count(*)::int from dbos.operation_outputs) as outputs`;
  if (dbos?.["succeeded"] !== count || dbos["outputs"] !== count * steps)
    throw new Error(`${count} workflows were through, and DBOS has ${JSON.stringify(dbos)}.`);
}
