import { identity } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { keysetPage, type Page } from "@weft/api/pages";
import { and } from "drizzle-orm";
import { TeamFilter, TeamOrder } from "./team.filter.js";
import type { TeamsArgs } from "./team.input.js";
import { countTeams, selectTeamsSlice, visibleTeams } from "./team.store.js";
import type { TeamRow } from "./team.store.js";
import { toTeam } from "./team.type.js";
import type { Team } from "./team.type.js";

/**
 * Returns a page of the teams that the viewer can see.
 * @throws BadUserInput for an invalid filter, size or cursor
 */
export function listTeams(ctx: Context, args: TeamsArgs): Promise<Page<Team>> {
  const where = and(visibleTeams(ctx.viewer), TeamFilter.toSql(args.filter, "filter", ctx.viewer));
  return keysetPage(ctx, {
    args,
    list: "teams",
    orderBy: TeamOrder.resolve(args.orderBy, ["KEY", "ASC"]),
    id: { column: identity.teams.id, valueOf: (row: TeamRow) => row.id },
    fetch: (slice) => ctx.read((tx) => selectTeamsSlice(tx, and(where, slice.where), slice)),
    count: () => ctx.read((tx) => countTeams(tx, where)),
    toNode: toTeam,
  });
}
