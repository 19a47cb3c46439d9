import { BadUserInput, Forbidden, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { denialsOf, reachesAll, scopesOf, type Viewer } from "@weft/shared/viewer";
import type { ConfigurationLevel } from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import { loadTeam } from "../teams/team.loader.js";
import type { Place } from "./configuration.store.js";

type ConfigurationPermission = "configuration.read" | "configuration.update";

/** Returns whether the permission applies to the tenant's own configuration. */
export const reachesTenant = (viewer: Viewer, permission: ConfigurationPermission): boolean =>
  scopesOf(viewer, permission).includes("TENANT");

/**
 * Returns whether the permission applies to the configuration of a team: any team in scope TENANT, the viewer's own teams in scope TEAM. A denial in
 * scope TEAM excludes the viewer's own teams.
 */
export function reachesTeam(viewer: Viewer, permission: ConfigurationPermission, teamId: string): boolean {
  const isMember = viewer.teamIds.includes(teamId);
  if (isMember && denialsOf(viewer, permission).includes("TEAM")) return false;
  const held = scopesOf(viewer, permission);
  return held.includes("TENANT") || (isMember && held.includes("TEAM"));
}

/**
 * Returns the place in the viewer's tenant given by level and team: a team without a level means TEAM, neither means TENANT.
 * @param at prefix of the argument paths: "" or "input."
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
    if (typeof teamId !== "string") throw new BadUserInput([{ path: `${at}teamId`, message: "The level TEAM requires a team." }]);
    const subject = decodeId("team", teamId, `${at}teamId`);
    if (!reachesTeam(viewer, permission, subject) || !(await loadTeam(ctx, subject))) throw new NotFound("Team", teamId);
    return { level: wanted, subject };
  }
  if (typeof teamId === "string") throw new BadUserInput([{ path: `${at}teamId`, message: `The level ${wanted} does not take a team.` }]);
  if (!reachesTenant(viewer, permission)) throw new Forbidden(`You do not have the permission ${permission} in scope TENANT.`);
  return { level: wanted, subject: viewer.tenantId };
}

/** Arguments that identify a place to read from. */
export interface PlaceArgs {
  readonly level?: ConfigurationLevel | null | undefined;
  readonly teamId?: string | null | undefined;
  readonly plan?: string | null | undefined;
}

/**
 * Returns the place that a query refers to: in the viewer's tenant or, for platform operators, the platform or a plan.
 * @throws NotFound (team), Forbidden, BadUserInput
 */
export async function readablePlace(ctx: Context, { level, teamId, plan }: PlaceArgs): Promise<Place> {
  const { viewer } = ctx;
  const wanted = level ?? (isGiven(plan) ? "PLAN" : null);
  if (isGiven(plan) && wanted !== "PLAN") throw new BadUserInput([{ path: "plan", message: `The level ${wanted} does not take a plan.` }]);
  if (wanted !== "PLATFORM" && wanted !== "PLAN") return ownPlace(ctx, "configuration.read", { level: wanted, teamId });
  if (isGiven(teamId)) throw new BadUserInput([{ path: "teamId", message: `The level ${wanted} does not take a team.` }]);
  if (!reachesAll(viewer, "platform.read")) throw new Forbidden("You do not have the permission platform.read in scope TENANT.");
  if (wanted === "PLATFORM") return { level: wanted, subject: "" };
  if (!isGiven(plan)) throw new BadUserInput([{ path: "plan", message: "The level PLAN requires a plan." }]);
  return { level: wanted, subject: plan };
}

const isGiven = (value: string | null | undefined): value is string => value !== null && value !== undefined;
