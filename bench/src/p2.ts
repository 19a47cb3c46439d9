import { fireAlone } from "@weft/engine";
import postgres from "postgres";
import { type ApiSystem, startDistributed, startInOneProcess } from "./harness/api-system.js";
import { closedLoop, type LoopResult } from "./harness/closed-loop.js";
import { anEngineTenant } from "./harness/engine-tenant.js";
import { pgbench, pgbenchVersion } from "./harness/pgbench.js";
import { serverSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { startSite } from "./harness/services.js";
import { transitionScript } from "./harness/transition-script.js";

const connections = 10;
const anchor = "pgbench, separate statements";
const crowds = [10, 100] as const;
const named = (mode: string, inFlight: number): string => `${mode}, ${inFlight} in flight`;
const whole = "one process";
const apart = "distributed";

/**
 * P2: the same transition as P1's through the whole API, over HTTP and with a session each: gateway, rules, subgraph, engine, and the worker that numbers the
 * events and seals the audit beside them, all in one process and in the distributed mode. Per second of processor time of all processes and the database, against
 * pgbench and its database.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const version = await pgbenchVersion();
  const site = await startSite();
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const alone = postgres(site.database.appUrl, { max: 1, onnotice: () => {} });
  const forMs = quick ? 2_000 : 6_000;
  const systems = new Map<string, ApiSystem>();
  try {
    const oneProcess = await startInOneProcess(site);
    systems.set(whole, oneProcess);
    systems.set(apart, await startDistributed());
    const engine = await anEngineTenant(site.services.databases.app, quick ? 500 : 2_000);
    await fireAlone(alone, engine.meta, { id: engine.instanceIds[0] ?? "", transition: "swing", actor: engine.actor });
    const script = await transitionScript(owner, engine, engine);
    // The first answer of the one that was waited for.
    const moves = new Map([...systems].map(([mode]) => [mode, mode === whole ? 1 : 0]));
    const through = (mode: string, system: ApiSystem, inFlight: number): Contestant => ({
      name: named(mode, inFlight),
      run: async () => {
        await tidy(system.owner);
        const before = await system.spentSeconds();
        const mine = Math.floor(system.ids.length / inFlight);
        const result = await closedLoop(inFlight, forMs, (worker, turn) =>
          system.fire(worker, system.ids[worker + inFlight * (turn % mine)] ?? ""),
        );
        moves.set(mode, (moves.get(mode) ?? 0) + result.done);
        return figuresOf(result, (await system.spentSeconds()) - before);
      },
    });
    const contestants: Contestant[] = [
      {
        name: anchor,
        run: async () => {
          await tidy(owner);
          const before = await serverSeconds(owner);
          const result = await pgbench(site.database.appUrl, script, { clients: connections, forMs });
          return figuresOf(result, (await serverSeconds(owner)) - before + result.processorSeconds);
        },
      },
      ...[...systems].flatMap(([mode, system]) => crowds.map((inFlight) => through(mode, system, inFlight))),
    ];
    for (const [mode, system] of systems) await through(mode, system, 100).run();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    for (const [mode, system] of systems) await assertMoves(system, moves.get(mode) ?? 0);
    const figures = ["moves per processor second", "moves/s", "p50 ms", "p99 ms"];
    return {
      title: "P2  a transition through the whole API",
      head: ["", ...figures, "against pgbench"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratioOf(rounds, "moves per processor second", name, anchor),
      ]),
      ratio: {
        what: "moves per processor second, the whole API in one process with 100 in flight / pgbench",
        value: ratioOf(rounds, "moves per processor second", named(whole, 100), anchor),
        goal: `≥ 0.5; distributed ${ratioOf(rounds, "moves per processor second", named(apart, 100), anchor).toFixed(2)}, goal ≥ 0.35`,
      },
      notes: [
        `${version}; processor time of every process that takes part but the one that sends the requests: pgbench and PostgreSQL; Weft (its worker too), in the distributed mode all its processes and Redis, and PostgreSQL.`,
        `Correct: ${[...moves.values()].join(" and ")} accepted moves, as many as the instances' versions say. Of a tenant at most 16 operations are in flight in a gateway (its default); the others wait there.`,
      ],
      rounds,
    };
  } finally {
    for (const system of systems.values()) await system.stop();
    await Promise.all([owner.end(), alone.end()]);
    await site.remove();
  }
}

async function assertMoves({ owner }: ApiSystem, accepted: number): Promise<void> {
  const [found] = await owner<
    { moves: number }[]
  >`select sum(version - 1)::int as moves from workflows.instances where definition_key = 'api-pendulum'`;
  if (found?.moves !== accepted) throw new Error(`${accepted} moves were accepted, and the instances have ${found?.moves}.`);
}

const figuresOf = ({ done, perSecond, p50Ms, p99Ms }: LoopResult, seconds: number) => ({
  "moves per processor second": done / seconds,
  "moves/s": perSecond,
  "p50 ms": p50Ms,
  "p99 ms": p99Ms,
});

async function tidy(owner: postgres.Sql): Promise<void> {
  await owner`vacuum analyze workflows.instances`;
  await owner`checkpoint`;
}
