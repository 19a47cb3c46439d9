import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { selectTriggers } from "./trigger.store.js";
import { toTrigger, type Trigger } from "./trigger.type.js";

/** Loads triggers by UUID for users who can see all of them. Null for other users. */
export async function loadTrigger(ctx: Context, id: string): Promise<Trigger | null> {
  if (!reachesAll(ctx.viewer, "trigger.read")) return null;
  return ctx
    .loader<string, Trigger>("trigger", async (tx, ids) => new Map((await selectTriggers(tx, ids)).map((row) => [row.id, toTrigger(row)])))
    .load(id);
}
