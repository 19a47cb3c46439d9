import { triggers as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { countReplays, selectReplays, type TriggerReplayRow } from "./trigger-replay.store.js";
import { toTriggerReplay, type TriggerReplay } from "./trigger-replay.type.js";

const { triggerReplays } = tables;

/** Returns a page of a trigger's replays, newest first. */
export function listReplays(ctx: Context, triggerId: string, args: ConnectionArgs): Promise<Page<TriggerReplay>> {
  return keysetPage<TriggerReplayRow, TriggerReplay>(ctx, {
    args,
    list: `trigger.replays ${triggerId}`,
    orderBy: { name: "CREATED_AT", column: triggerReplays.createdAt, valueOf: (row) => row.createdAt, direction: "DESC" },
    id: { column: triggerReplays.id, valueOf: (row) => row.id },
    fetch: (slice) =>
      nestedRows(ctx, {
        name: "triggerReplays",
        args,
        parentId: triggerId,
        slice,
        select: selectReplays,
        parentOf: (row) => row.triggerId,
      }),
    count: () => ctx.read((tx) => countReplays(tx, triggerId)),
    toNode: toTriggerReplay,
  });
}
