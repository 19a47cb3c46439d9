import { BadUserInput, decodeId, denialsOf, Forbidden, NotFound, reachesAll, scopesOf } from "@weft/shared";
import type { ConfigurationLevel, Context, Viewer } from "@weft/shared";
import { loadTeam } from "../teams/team.loader.js";
import type { Place } from "./configuration.store.js";

type ConfigurationPermission = "configuration.read" | "configuration.update";

/** Whether the permission reaches the tenant's own configuration. */
export const reachesTenant = (viewer: Viewer, permission: ConfigurationPermission): boolean =>
  scopesOf(viewer, permission).includes("TENANT");

/** Whether it reaches that of a team: every one in scope TENANT, one's own in scope TEAM; a denial in scope TEAM takes one's own away. */
export function reachesTeam(viewer: Viewer, permission: ConfigurationPermission, teamId: string): boolean {
  const isMember = viewer.teamIds.includes(teamId);
  if (isMember && denialsOf(viewer, permission).includes("TEAM")) return false;
  const held = scopesOf(viewer, permission);
  return held.includes("TENANT") || (isMember && held.includes("TEAM"));
}

/**
 * The place in the viewer's tenant that level and team name: a team without a level means TEAM, nothing means TENANT.
 * @param at where the arguments stand: "" or "input."
 * @throws NotFound (the team), Forbidden (the tenant's own), BadUserInput
 */
export async function ownPlace(
  ctx: Context,
  permission: ConfigurationPermission,
  { level, teamId }: { level?: ConfigurationLevel | null | undefined; teamId?: string | null | undefined },
  at = "",
): Promise<Place> {
  const { viewer } = ctx;
  const wanted = level ?? (typeof teamId === "string" ? "TEAM" : "TENANT");
  if (wanted === "TEAM") {
    if (typeof teamId !== "string") throw new BadUserInput([{ path: `${at}teamId`, message: "The level TEAM needs a team." }]);
    const subject = decodeId("team", teamId, `${at}teamId`);
    if (!reachesTeam(viewer, permission, subject) || !(await loadTeam(ctx, subject))) throw new NotFound("Team", teamId);
    return { level: wanted, subject };
  }
  if (typeof teamId === "string") throw new BadUserInput([{ path: `${at}teamId`, message: `The level ${wanted} has no team.` }]);
  if (!reachesTenant(viewer, permission)) throw new Forbidden(`You do not hold the permission ${permission} in scope TENANT.`);
  return { level: wanted, subject: viewer.tenantId };
}

/** What names a place to read from. */
export interface PlaceArgs {
  readonly level?: ConfigurationLevel | null | undefined;
  readonly teamId?: string | null | undefined;
  readonly plan?: string | null | undefined;
}

/**
 * The place that a query names: of one's own tenant, or, for the platform's operators, of the platform or a plan.
 * @throws NotFound (team), Forbidden, BadUserInput
 */
export async function readablePlace(ctx: Context, { level, teamId, plan }: PlaceArgs): Promise<Place> {
  const { viewer } = ctx;
  const wanted = level ?? (isGiven(plan) ? "PLAN" : null);
  if (isGiven(plan) && wanted !== "PLAN") throw new BadUserInput([{ path: "plan", message: `The level ${wanted} has no plan.` }]);
  if (wanted !== "PLATFORM" && wanted !== "PLAN") return ownPlace(ctx, "configuration.read", { level: wanted, teamId });
  if (isGiven(teamId)) throw new BadUserInput([{ path: "teamId", message: `The level ${wanted} has no team.` }]);
  if (!reachesAll(viewer, "platform.read")) throw new Forbidden("You do not hold the permission platform.read in scope TENANT.");
  if (wanted === "PLATFORM") return { level: wanted, subject: "" };
  if (!isGiven(plan)) throw new BadUserInput([{ path: "plan", message: "The level PLAN needs a plan." }]);
  return { level: wanted, subject: plan };
}

const isGiven = (value: string | null | undefined): value is string => value !== null && value !== undefined;
