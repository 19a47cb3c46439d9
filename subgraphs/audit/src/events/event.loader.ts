import type { Context } from "@weft/api/context";
import type DataLoader from "dataloader";
import { findEvents } from "./event.store.js";
import { type Event, toEvent } from "./event.type.js";

/** Loads events that readers of the log see, by UUID. */
export const eventLoader = (ctx: Context): DataLoader<string, Event | null> =>
  ctx.loader<string, Event>("event", async (tx, ids) => {
    const rows = await findEvents(tx, ids);
    return new Map(rows.map((row) => [row.id, toEvent(row)]));
  });
