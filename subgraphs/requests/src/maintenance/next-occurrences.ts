import { readNow } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { isoOf, nextOccurrences } from "@weft/api/timing";
import { findDecided, type OccurrenceRow } from "./occurrence.store.js";
import type { PlannedMaintenance } from "./occurrence.type.js";
import type { PlanRow } from "./plan.store.js";
import { calendarOf } from "./planned.js";

const MAX_NEXT = 100;

/** Returns the next planned times of a plan, with what users have decided about them. One statement for all plans of the response. */
export async function nextOccurrencesOf(ctx: Context, row: PlanRow, first: number | null | undefined): Promise<PlannedMaintenance[]> {
  const count = first ?? 10;
  if (count < 1 || count > MAX_NEXT)
    throw new BadUserInput([{ path: "first", message: `Between 1 and ${MAX_NEXT} times can be computed, not ${count}.` }]);
  const plan = calendarOf(row);
  if (plan === null || row.status !== "ACTIVE") return [];
  const decided = await ctx
    .loader<string, OccurrenceRow[]>("decidedOccurrences", async (tx, ids) =>
      Map.groupBy(await findDecided(tx, ids), ({ planId }) => planId),
    )
    .load(row.id);
  const byTime = new Map((decided ?? []).map((occurrence) => [Date.parse(occurrence.plannedAt), occurrence]));
  const now = Date.parse(await ctx.read(readNow));
  // One that was shifted can be planned in the past.
  const from = row.nextPlannedAt === null ? now : Math.min(now, Date.parse(row.nextPlannedAt) - 1);
  // A page of plans computes thousands of times, and must not keep others waiting.
  const planned = await ctx.computing.run(() => nextOccurrences(plan, from, count));
  return planned.map(({ plannedAt }) => {
    const known = byTime.get(plannedAt);
    const isSkipped = known?.status === "SKIPPED";
    return { plannedAt: isoOf(plannedAt), startsAt: isSkipped ? isoOf(plannedAt) : (known?.startsAt ?? isoOf(plannedAt)), isSkipped };
  });
}
