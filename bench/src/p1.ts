import { CallBatches } from "@weft/engine";
import { openDatabases } from "@weft/platform/db";
import { postgres } from "@weft/pg-driver";
import { closedLoop, type LoopResult } from "./harness/load/closed-loop.js";
import { settingsNote, startBenchDatabase } from "./harness/systems/database.js";
import { anEngineTenant, type EngineTenant, fireInTransaction, submitAndWait } from "./harness/tenants/engine-tenant.js";
import { pgbench, pgbenchVersion } from "./harness/load/pgbench.js";
import { serverSeconds, spentSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { transitionFunctionScript, transitionScript } from "./harness/load/transition-script.js";

const connections = 10;
const figures = ["commits/s", "p50 ms", "p99 ms", "per processor second"] as const;

const manyClients = 100;
const anchor = "pgbench, separate statements";
const anchorOfMany = `pgbench, separate statements, ${manyClients} clients`;
const oneCall = "pgbench, one function call";
const oneCallOfMany = `pgbench, one function call, ${manyClients} clients`;
const inTransaction = "Weft, fireInstance in a transaction";
const batched = "Weft, batches, 10 in flight";
const batchedClients = "Weft, batches, 100 in flight";

/**
 * P1: compares the commit of a transition at the engine's store (read, guards, version check; instance, history, event, outbox, audit entry, place in
 * the sealer's queue) with pgbench writing the same rows as separate prepared statements in a transaction, and as one call of a function. Weft commits
 * in batches, as for the API, and in a transaction, as consumers and actions do. pgbench has as many clients as Weft has connections, and once as many
 * as Weft has calls in flight. All run as weft_app under RLS.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const version = await pgbenchVersion();
  const database = await startBenchDatabase();
  const databases = await openDatabases({ ...database, pools: { app: connections, worker: 5, auth: 1, health: 1 } });
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const forMs = quick ? 2_000 : 6_000;
  try {
    const instances = quick ? 500 : 2_000;
    const tenants = { weft: await anEngineTenant(databases.app, instances), pgbench: await anEngineTenant(databases.app, instances) };
    const { weft } = tenants;
    const batches = new CallBatches(databases.app);
    const together = (id: string): Promise<void> =>
      submitAndWait(databases.app, batches, weft, { firing: { id, transition: "swing", actor: weft.actor } });
    const transitions = new Map([weft, tenants.pgbench].map(({ tenantId }) => [tenantId, 0]));
    const count = ({ tenantId }: EngineTenant, { done, perSecond, p50Ms, p99Ms }: LoopResult, spent: number) => {
      transitions.set(tenantId, (transitions.get(tenantId) ?? 0) + done);
      return { "commits/s": perSecond, "p50 ms": p50Ms, "p99 ms": p99Ms, "per processor second": done / spent };
    };
    // A transition of one instance provides the values that the script writes.
    await together(weft.instanceIds[0] ?? "");
    transitions.set(weft.tenantId, 1);
    const between = { from: weft, to: tenants.pgbench };
    const contestant = (name: string, inFlight: number, fire: (id: string) => Promise<void>): Contestant => ({
      name,
      run: async () => {
        await tidy(owner);
        const before = await spentSeconds(owner);
        const result = await closedLoop(inFlight, forMs, (worker, turn) => fire(ownInstance(weft, inFlight, worker, turn)));
        return count(weft, result, (await spentSeconds(owner)) - before);
      },
    });
    const anchorWith = async (name: string, script: typeof transitionScript, clients: number): Promise<Contestant> => {
      const transaction = await script(owner, { ...between, clients });
      return {
        name,
        run: async () => {
          await tidy(owner);
          const before = await serverSeconds(owner);
          const result = await pgbench(database.appUrl, transaction, { clients, forMs });
          return count(tenants.pgbench, result, (await serverSeconds(owner)) - before + result.processorSeconds);
        },
      };
    };
    const contestants: Contestant[] = [
      await anchorWith(anchor, transitionScript, connections),
      await anchorWith(anchorOfMany, transitionScript, manyClients),
      await anchorWith(oneCall, transitionFunctionScript, connections),
      await anchorWith(oneCallOfMany, transitionFunctionScript, manyClients),
      contestant(inTransaction, connections, (id) => fireInTransaction(databases.app, weft, id)),
      contestant(batched, connections, together),
      contestant(batchedClients, 100, together),
    ];
    const rounds = await alternate(contestants, quick ? 3 : 5);
    await assertComplete(owner, transitions);
    const againstMany = (figure: string, to: string): string => ratioOf(rounds, figure, batchedClients, to).toFixed(2);
    return {
      title: `P1  transition commit at the engine's store, ${connections} connections, RLS on`,
      head: ["", ...figures, "against pgbench", "by processor time"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratioOf(rounds, "commits/s", name, anchor),
        ratioOf(rounds, "per processor second", name, anchor),
      ]),
      ratio: {
        what: "commits, 100 in flight in batches / pgbench",
        value: ratioOf(rounds, "commits/s", batchedClients, anchor),
        goal: "≥ 3.0 with 100 in flight, ≥ 1.0 with 10",
      },
      notes: [
        `${version}; ${settingsNote}; ${instances} instances each, client and server on the same machine.`,
        `With 100 in flight in batches / pgbench with ${manyClients} clients: ${againstMany("commits/s", anchorOfMany)} by the clock, ${againstMany("per processor second", anchorOfMany)} by processor time; / one function call with ${manyClients} clients: ${againstMany("commits/s", oneCallOfMany)} and ${againstMany("per processor second", oneCallOfMany)}.`,
        `Correct: ${[...transitions.values()].reduce((sum, each) => sum + each)} accepted transitions, each with its version, history row, event, outbox row, audit entry and place in the sealer's queue.`,
      ],
      rounds,
    };
  } finally {
    await Promise.all([owner.end(), databases.close()]);
    await database.remove();
  }
}

/** No two workers ever get the same instance, because conflicts are not part of this bench. */
function ownInstance({ instanceIds }: EngineTenant, workers: number, worker: number, turn: number): string {
  const mine = Math.floor(instanceIds.length / workers);
  return instanceIds[worker + workers * (turn % mine)] ?? "";
}

/** Creates the same conditions for every round: no dead rows and no pending checkpoint from the previous round. */
async function tidy(owner: postgres.Sql): Promise<void> {
  await owner`vacuum analyze workflows.instances`;
  await owner`checkpoint`;
}

/** Checks that every accepted transition was stored in all its rows, and nothing else. */
async function assertComplete(owner: postgres.Sql, transitions: ReadonlyMap<string, number>): Promise<void> {
  for (const [tenantId, accepted] of transitions) {
    const [found] = await owner<
      {
        wrong: number;
        transitions: string;
        history: string;
        events: string;
        outbox: string;
        audit: string;
        unsealed: string;
        instances: string;
      }[]
    >`
      select (select count(*)::int from workflows.instances i join workflows.history h on h.tenant_id = i.tenant_id and h.instance_id = i.id and h.version = i.version
               where i.tenant_id = ${tenantId} and h.to_state <> i.state) as wrong,
             (select sum(version - 1) from workflows.instances where tenant_id = ${tenantId}) as transitions,
             (select count(*) from workflows.instances where tenant_id = ${tenantId}) as instances,
             (select count(*) from workflows.history where tenant_id = ${tenantId}) as history,
             (select count(*) from events.log where tenant_id = ${tenantId}) as events,
             (select count(*) from events.outbox where tenant_id = ${tenantId}) as outbox,
             (select count(*) from audit.entries where tenant_id = ${tenantId}) as audit,
             (select count(*) from audit.unsealed where tenant_id = ${tenantId}) as unsealed`;
    const rows = accepted + Number(found?.instances);
    const complete =
      found && [found.history, found.events, found.outbox, found.audit, found.unsealed].every((each) => Number(each) === rows);
    if (!complete || found.wrong !== 0 || Number(found.transitions) !== accepted)
      throw new Error(`${accepted} transitions of ${tenantId} were accepted, and the tables have ${JSON.stringify(found)}.`);
  }
}
