import { postgres } from "@weft/pg-driver";
import { type ApiSystem, startDistributed, startInOneProcess } from "./harness/systems/api-system.js";
import { closedLoop, type LoopResult } from "./harness/load/closed-loop.js";
import { anEngineTenant, fireInTransaction } from "./harness/tenants/engine-tenant.js";
import { pgbench, pgbenchVersion } from "./harness/load/pgbench.js";
import { serverSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { untilDrained } from "./harness/load/drain.js";
import { startSite } from "./harness/systems/services.js";
import { transitionScript } from "./harness/load/transition-script.js";

const connections = 10;
const anchor = "pgbench, separate statements";
const userCounts = [10, 100] as const;
const named = (mode: string, inFlight: number): string => `${mode}, ${inFlight} in flight`;
const whole = "one process";
const apart = "distributed";

/**
 * P2: the same transition as in P1 through the whole API, over HTTP with ten sessions. Includes the gateway, the rules, the subgraph, the engine, and
 * the worker that numbers the events, notifies users, and seals the audit entries; a turn ends when it has caught up. Measured both in one process and in the distributed mode. Compares
 * transitions per second of processor time of all processes and the database with pgbench and its database.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const version = await pgbenchVersion();
  const site = await startSite();
  // A server of its own: Weft's worker would number the events that pgbench writes, at the expense of whoever is measured.
  const anchorSite = await startSite();
  const owner = postgres(anchorSite.database.ownerUrl, { max: 1, onnotice: () => {} });
  const forMs = quick ? 2_000 : 6_000;
  const systems = new Map<string, ApiSystem>();
  try {
    const oneProcess = await startInOneProcess(site);
    systems.set(whole, oneProcess);
    systems.set(apart, await startDistributed());
    const engine = await anEngineTenant(anchorSite.services.databases.app, quick ? 500 : 2_000);
    await fireInTransaction(anchorSite.services.databases.app, engine, engine.instanceIds[0] ?? "");
    const script = await transitionScript(owner, { from: engine, to: engine, clients: connections });
    // The system in one process starts at 1 because of the first answer that it waited for.
    const transitions = new Map([...systems].map(([mode]) => [mode, mode === whole ? 1 : 0]));
    const through = (mode: string, system: ApiSystem, inFlight: number): Contestant => ({
      name: named(mode, inFlight),
      run: async () => {
        await untilDrained(system.owner);
        await tidy(system.owner);
        const before = await system.spentSeconds();
        const mine = Math.floor(system.ids.length / inFlight);
        const result = await closedLoop(inFlight, forMs, (worker, turn) =>
          system.fire(worker, system.ids[worker + inFlight * (turn % mine)] ?? ""),
        );
        transitions.set(mode, (transitions.get(mode) ?? 0) + result.done);
        await untilDrained(system.owner);
        return figuresOf(result, (await system.spentSeconds()) - before);
      },
    });
    const contestants: Contestant[] = [
      {
        name: anchor,
        run: async () => {
          await tidy(owner);
          const before = await serverSeconds(owner);
          const result = await pgbench(anchorSite.database.appUrl, script, { clients: connections, forMs });
          return figuresOf(result, (await serverSeconds(owner)) - before + result.processorSeconds);
        },
      },
      ...[...systems].flatMap(([mode, system]) => userCounts.map((inFlight) => through(mode, system, inFlight))),
    ];
    for (const [mode, system] of systems) await through(mode, system, 100).run();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    for (const [mode, system] of systems) await assertTransitions(system, transitions.get(mode) ?? 0);
    const figures = ["transitions per processor second", "transitions/s", "p50 ms", "p99 ms"];
    return {
      title: "P2  a transition through the whole API",
      head: ["", ...figures, "against pgbench"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratioOf(rounds, "transitions per processor second", name, anchor),
      ]),
      ratio: {
        what: "transitions per processor second, the whole API in one process with 100 in flight / pgbench",
        value: ratioOf(rounds, "transitions per processor second", named(whole, 100), anchor),
        goal: `≥ 0.5; distributed ${ratioOf(rounds, "transitions per processor second", named(apart, 100), anchor).toFixed(2)}, goal ≥ 0.35`,
      },
      notes: [
        `${version}; processor time of every process that takes part but the one that sends the requests: pgbench and PostgreSQL; Weft (its worker too), in the distributed mode all its processes and Redis, and PostgreSQL. Includes the worker's work after the last answer, until every event is handled and every audit entry sealed. Every database is vacuumed and analyzed before each turn.`,
        `Correct: ${[...transitions.values()].join(" and ")} accepted transitions, as many as the instances' versions say. Of a tenant at most 16 operations are in flight in a gateway (its default); the others wait there.`,
      ],
      rounds,
    };
  } finally {
    for (const system of systems.values()) await system.stop();
    await owner.end();
    await Promise.all([site.remove(), anchorSite.remove()]);
  }
}

async function assertTransitions({ owner }: ApiSystem, accepted: number): Promise<void> {
  const [found] = await owner<
    { transitions: number }[]
  >`select sum(version - 1)::int as transitions from workflows.instances where definition_key = 'api-pendulum'`;
  if (found?.transitions !== accepted)
    throw new Error(`${accepted} transitions were accepted, and the instances have ${found?.transitions}.`);
}

const figuresOf = ({ done, perSecond, p50Ms, p99Ms }: LoopResult, seconds: number) => ({
  "transitions per processor second": done / seconds,
  "transitions/s": perSecond,
  "p50 ms": p50Ms,
  "p99 ms": p99Ms,
});

async function tidy(owner: postgres.Sql): Promise<void> {
  await owner`vacuum analyze`;
  await owner`checkpoint`;
}
