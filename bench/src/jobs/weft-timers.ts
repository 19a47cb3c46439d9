import type { Services } from "@weft/platform/services";
import { until } from "@weft/testkit/until";
import { dueSources, startDueWork } from "@weft/workflows";
import type { postgres } from "@weft/pg-driver";
import { spentSeconds } from "../harness/processor-time.js";
import type { Contestant } from "../harness/rounds.js";
import { aTimedTenant, makeDue, timesOf } from "../harness/tenants/timed-tenant.js";

/** Due work of Weft: armed timers that become due, each of which fires a transition with its history, event and audit entry. */
export async function timersContestant(
  name: string,
  services: Services,
  owner: postgres.Sql,
  { timers, settle }: { readonly timers: number; readonly settle: () => Promise<void> },
): Promise<Contestant> {
  const tenantId = await aTimedTenant(owner, timers * 5);
  const { databases, pubsub, log } = services;
  return {
    name,
    run: async () => {
      await settle();
      const before = await spentSeconds(owner);
      const work = await startDueWork({ sources: dueSources(services), databases, pubsub, log });
      const round = await makeDue(owner, tenantId, { count: timers, inMs: 0 });
      try {
        await until(async () => (await timesOf(owner, round)).length === timers, {
          what: "every timer has fired",
          deadlineMs: 120_000,
          everyMs: 100,
        });
      } finally {
        await work.stop();
      }
      const spent = (await spentSeconds(owner)) - before;
      const times = await timesOf(owner, round);
      return { "handled/s": (timers / (times.at(-1) ?? Number.NaN)) * 1_000, "handled per processor second": timers / spent };
    },
  };
}
