import type { Context } from "@weft/api/context";
import type DataLoader from "dataloader";
import { findTeamDestinations } from "./destination.store.js";
import { type TeamNotificationDestination, toTeamDestination } from "./team-destination.type.js";

/** Loads chats of teams that were not removed, by UUID. */
export const teamDestinationLoader = (ctx: Context): DataLoader<string, TeamNotificationDestination | null> =>
  ctx.loader<string, TeamNotificationDestination>("teamNotificationDestination", async (tx, ids) => {
    const rows = await findTeamDestinations(tx, ids);
    return new Map(rows.flatMap((row) => (row.status === "REMOVED" ? [] : [[row.id, toTeamDestination(row)]])));
  });
