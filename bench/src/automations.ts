import { DBOS } from "@dbos-inc/dbos-sdk";
import { workflows } from "@weft/drizzle";
import { CallBatches } from "@weft/engine";
import { asTenant, newId, wakeRelay } from "@weft/shared";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { databaseUrl } from "@weft/testkit/postgres/database-urls";
import { defineStep, openProgramSandbox, startRunWorker } from "@weft/workflows";
import postgres from "postgres";
import { closedLoop } from "./harness/load/closed-loop.js";
import { spentSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { settingsNote } from "./harness/systems/database.js";
import { startSite } from "./harness/systems/services.js";
import { anEngineTenant, submitAndWait } from "./harness/tenants/engine-tenant.js";

const connections = 10;
const clients = 50;
const dbosClients = `DBOS, ${clients} in flight`;
const weftClients = `Weft, ${clients} in flight`;
const dbosAlone = "DBOS, one after the other";
const weftAlone = "Weft, one after the other";

/** Both steps go through a worker, with a lease and a recorded result, and do nothing. */
const document = {
  weft: 1,
  kind: "automation",
  key: "two-steps",
  name: "Two steps",
  steps: ["first", "second"].map((id) => ({ id, type: "http", with: { url: "https://example.test/" } })),
};

/**
 * P8: an automation of two steps, from its start to the commit of its end, against a workflow of two steps in DBOS Transact. Both are durable after each
 * step, on one PostgreSQL server, from this process. Steps do nothing, so only the durability is measured.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const { services, database } = site;
  await ensureDatabase(database.ownerUrl, "weft_dbos");
  const dbosUrl = databaseUrl(database.ownerUrl, "weft_dbos");
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
      for (const { id } of document.steps) sum = await DBOS.runStep(() => Promise.resolve(sum + 1), { name: id });
      return sum;
    },
    { name: "flow" },
  );
  await DBOS.launch();
  const { app } = services.databases;
  const ends = new Map<string, () => void>();
  const worker = await startRunWorker({
    ...services,
    programs: await openProgramSandbox(services),
    // In the place of the built-in type, so that only the engine is measured.
    hosted: {
      steps: [
        defineStep({
          name: "http",
          description: "",
          input: { properties: {} },
          perform: () => Promise.resolve({ kind: "succeeded", outputs: {} }),
        }),
      ],
    },
    onEnded: (ids) => {
      for (const id of ids) ends.get(id)?.();
    },
  });
  try {
    const tenant = await anEngineTenant(app, 1);
    const { tenantId, viewer, actor } = tenant;
    await asTenant(app, { tenantId }, "write", (tx) =>
      tx.insert(workflows.definitions).values({
        tenantId,
        id: newId(),
        key: document.key,
        number: 1,
        name: document.name,
        status: "PUBLISHED",
        environments: ["DEV", "STAGING", "PROD"],
        source: JSON.stringify(document),
        format: "JSON",
        document,
        createdBy: viewer.userId,
      }),
    );
    const batches = new CallBatches(app);
    const counts = { weft: 0, dbos: 0 };
    const through = {
      weft: async () => {
        const id = newId();
        const ended = new Promise<void>((resolve) => ends.set(id, resolve));
        await submitAndWait(app, batches, tenant, {
          starting: { id, definitionKey: document.key, data: {}, ownerId: viewer.userId, actor },
        });
        wakeRelay(services.pubsub, services.log);
        await ended;
        ends.delete(id);
      },
      dbos: async (n: number) => {
        if ((await flow(n)) !== n + document.steps.length) throw new Error("The workflow's result is wrong.");
      },
    };
    const contestant = (name: string, who: "weft" | "dbos", inFlight: number): Contestant => ({
      name,
      run: async () => {
        for (const sql of [owner, dbosOwner]) await sql`vacuum analyze`;
        await owner`checkpoint`;
        const before = await spentSeconds(owner);
        const { done, perSecond, p50Ms, p99Ms } = await closedLoop(inFlight, quick ? 2_000 : 6_000, (_worker, turn) => through[who](turn));
        counts[who] += done;
        const spent = (await spentSeconds(owner)) - before;
        return { "runs/s": perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms, "per processor second": done / spent };
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
    const figures = ["runs/s", "p50 ms", "p99 ms", "per processor second"];
    return {
      title: "P8  durable automation of two steps, against a workflow of two steps in DBOS Transact",
      head: ["", ...figures, "against DBOS", "by processor time", "time against DBOS"],
      rows: contestants.map(({ name }) => {
        const anchor = name.endsWith("other") ? dbosAlone : dbosClients;
        return [
          name,
          ...figures.map((figure) => medianOf(rounds, name, figure)),
          ratioOf(rounds, "runs/s", name, anchor),
          ratioOf(rounds, "per processor second", name, anchor),
          ratioOf(rounds, "p50 ms", name, anchor),
        ];
      }),
      ratio: {
        what: `runs a second, Weft / DBOS, ${clients} in flight`,
        value: ratioOf(rounds, "runs/s", weftClients, dbosClients),
        goal: "≥ 8",
      },
      notes: [
        `@dbos-inc/dbos-sdk 5.3.0, ${connections} connections, no tracing; ${settingsNote}; both in one process, client and server on the same machine.`,
        `Correct: ${counts.weft} automations succeeded with two steps each, ${counts.dbos} workflows with two outputs each.`,
      ],
      rounds,
    };
  } finally {
    await worker.stop();
    await DBOS.shutdown();
    await Promise.all([owner.end(), dbosOwner.end()]);
    await site.remove();
  }
}

async function assertComplete(owner: postgres.Sql, dbosOwner: postgres.Sql, counts: { weft: number; dbos: number }): Promise<void> {
  const [weft] = await owner`select
    (select count(*)::int from workflows.instances where definition_key = ${document.key} and state = 'succeeded') as instances,
    (select count(*)::int from workflows.runs where status = 'SUCCEEDED' and is_received) as runs,
    (select count(*)::int from workflows.run_steps where status = 'SUCCEEDED' and attempt = 1) as steps`;
  if (weft?.["instances"] !== counts.weft || weft["runs"] !== counts.weft || weft["steps"] !== counts.weft * document.steps.length)
    throw new Error(`${counts.weft} automations were through, and the tables have ${JSON.stringify(weft)}.`);
  const [dbos] = await dbosOwner`select (select count(*)::int from dbos.workflow_status where status = 'SUCCESS') as succeeded,
    (select count(*)::int from dbos.operation_outputs) as outputs`;
  if (dbos?.["succeeded"] !== counts.dbos || dbos["outputs"] !== counts.dbos * document.steps.length)
    throw new Error(`${counts.dbos} workflows were through, and DBOS has ${JSON.stringify(dbos)}.`);
}
