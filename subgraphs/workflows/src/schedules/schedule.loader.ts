import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { selectSchedules } from "./schedule.store.js";
import { toSchedule, type Schedule } from "./schedule.type.js";

/** Loads schedules by UUID for users who can see all of them. Null for other users. */
export async function loadSchedule(ctx: Context, id: string): Promise<Schedule | null> {
  if (!reachesAll(ctx.viewer, "schedule.read")) return null;
  return ctx
    .loader<string, Schedule>(
      "schedule",
      async (tx, ids) => new Map((await selectSchedules(tx, ids)).map((row) => [row.id, toSchedule(row)])),
    )
    .load(id);
}
