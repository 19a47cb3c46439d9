import type { postgres } from "@weft/pg-driver";
import { closedLoop } from "../harness/load/closed-loop.js";
import { untilDrained } from "../harness/load/drain.js";
import type { Report } from "../harness/report.js";
import { alternate, medianOf, ratioOf, show, type Contestant } from "../harness/rounds.js";
import { startInOneProcess } from "../harness/systems/api-system.js";
import { startSite } from "../harness/systems/services.js";

const inFlight = 10;
const withIt = "transitions with the consumer";
const withoutIt = "transitions without the consumer";

/**
 * Compares transitions through the whole API while the statistics are kept up to date with the same transitions while they are not. Without: the
 * consumer's cursor is moved behind all events, so that it finds none. A round ends when the worker has handled everything.
 */
export async function measureConsumer(quick: boolean): Promise<Pick<Report, "notes" | "rounds">> {
  const site = await startSite();
  const system = await startInOneProcess(site).catch(async (error: unknown) => {
    await site.remove();
    throw error;
  });
  const { owner, ids } = system;
  const mine = Math.floor(ids.length / inFlight);
  const contestant = (name: string, place: () => Promise<void>): Contestant => ({
    name,
    run: async () => {
      await untilDrained(owner);
      await place();
      const before = await system.spentSeconds();
      const cellsBefore = await countedTransitions(owner);
      const began = performance.now();
      const { done } = await closedLoop(inFlight, quick ? 2_000 : 6_000, (worker, turn) =>
        system.fire(worker, ids[worker + inFlight * (turn % mine)] ?? ""),
      );
      await untilDrained(owner);
      const seconds = (performance.now() - began) / 1_000;
      const counted = (await countedTransitions(owner)) - cellsBefore;
      if (counted > 0 !== (name === withIt)) throw new Error(`${name}: ${counted} of ${done} transitions were counted.`);
      return { "per second": done / seconds, "per processor second": done / ((await system.spentSeconds()) - before) };
    },
  });
  try {
    const contestants = [
      contestant(withIt, async () => {
        await owner`update events.consumer_cursors c set position = h.position from events.position_heads h
          where c.consumer = 'statistics' and h.tenant_id = c.tenant_id`;
      }),
      contestant(withoutIt, async () => {
        await owner`update events.consumer_cursors set position = 1000000000000 where consumer = 'statistics'`;
      }),
    ];
    for (const { run } of contestants) await run();
    const rounds = await alternate(contestants, quick ? 2 : 5);
    const ratio = (figure: string): string => show(ratioOf(rounds, figure, withIt, withoutIt));
    return {
      rounds,
      notes: [
        `The consumer: transitions per second with it / without it ${ratio("per second")}, per second of processor time of Weft and the database ${ratio("per processor second")} (goal ≥ 0.9). ${show(medianOf(rounds, withIt, "per second"))} and ${show(medianOf(rounds, withoutIt, "per second"))} a second, ${inFlight} in flight, until the worker had handled everything.`,
      ],
    };
  } finally {
    await system.stop();
    await site.remove();
  }
}

/** Returns the number of counted transitions. */
async function countedTransitions(owner: postgres.Sql): Promise<number> {
  const [row] = await owner<{ count: number }[]>`select coalesce(sum(e.value::bigint), 0)::float8 as count
    from workflows.statistics s, jsonb_each_text(s.counts) e where s.span = 86400 and s.state <> ''`;
  return row?.count ?? 0;
}
