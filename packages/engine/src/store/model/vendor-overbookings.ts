import { vendors as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, isNotNull, or } from "drizzle-orm";
import type { TaskDays } from "../planning/task-days.js";
import { dateOf, exceededDays } from "./vendor-days.js";
import { readVendorDays, type VendorWorkOptions } from "./vendor-load.js";

const { availability } = tables;

/** A day, or a week from Monday on, on which a vendor has more assignments than its limit allows. */
export type VendorOverbooking = {
  readonly vendorId: string;
  readonly per: "DAY" | "WEEK";
  /** The day, or the Monday, as YYYY-MM-DD. */
  readonly startsOn: string;
  readonly assignments: number;
  readonly limit: number;
};

export type OverbookingOptions = VendorWorkOptions & {
  /** Planned days that replace the stored ones. Those of tasks that are not an open task of a vendor have no effect. */
  readonly planned: TaskDays;
};

/**
 * Returns the days and weeks from the present ones on for which vendors have more assignments than their limits `perDay` and `perWeek` allow. An assignment is
 * refused beyond a limit, but plans move, and limits change.
 */
export async function readOverbookings(
  tx: Tx,
  vendorIds: readonly string[],
  { planned, ...options }: OverbookingOptions,
): Promise<VendorOverbooking[]> {
  const query = tx
    .select()
    .from(availability)
    .where(and(among(availability.vendorId, vendorIds), or(isNotNull(availability.perDay), isNotNull(availability.perWeek))));
  const limits = new Map((await named("findDayLimits", query)).map((row) => [row.vendorId, row]));
  if (limits.size === 0) return [];
  const { work, days } = await readVendorDays(tx, [...limits.keys()], options);
  const all = new Map([...days, ...planned]);
  return work.flatMap((one) => {
    const own = limits.get(one.vendorId);
    const exceeded = own === undefined ? [] : exceededDays(own, one, all);
    return exceeded.map(({ per, day, assignments, limit }) => ({
      vendorId: one.vendorId,
      per,
      startsOn: dateOf(day),
      assignments,
      limit,
    }));
  });
}
