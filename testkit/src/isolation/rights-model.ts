// The reference model of "no privilege escalation": the maximum rights that a user, and anyone acting for that user, can gain from the rights that
// the user held at the start. It does not depend on how the product decides.

/** Rights of a user according to the database. */
export interface Held {
  readonly userId: string;
  readonly isActive: boolean;
  /** `permission SCOPE` of all roles and their ancestors, and of the user. */
  readonly granted: readonly string[];
  readonly denied: readonly string[];
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  readonly buildings: readonly string[];
}

const scopes = ["OWN", "ASSIGNED", "TEAM", "BUILDING", "TENANT"] as const;

/** Returns `permission SCOPE` for everything that is effective. TENANT includes the other scopes; denials are removed. */
export function reached({ granted, denied }: Pick<Held, "granted" | "denied">): Set<string> {
  const wide = new Set(
    granted.flatMap((grant) => (grant.endsWith(" TENANT") ? scopes.map((scope) => grant.replace("TENANT", scope)) : [grant])),
  );
  for (const denial of denied) {
    wide.delete(denial);
    if (denial.endsWith(" TENANT")) for (const scope of scopes) wide.delete(denial.replace("TENANT", scope));
    // A part is missing, so TENANT is not fully effective.
    else wide.delete(denial.replace(/ \w+$/, " TENANT"));
  }
  return wide;
}

/** Returns the rights that a user can pass on: the effective ones, except permissions that are partly denied to the user. */
function handedOn(held: Held): Set<string> {
  const deniedPermissions = new Set(held.denied.map((denial) => denial.split(" ")[0]));
  return new Set([...reached(held)].filter((each) => !deniedPermissions.has(each.split(" ")[0])));
}

const isThroughBuildings = (each: string): boolean => each.endsWith(" BUILDING");
const isThroughTeams = (each: string): boolean => each.endsWith(" TEAM") || each.endsWith(" ASSIGNED");

export interface Limits {
  readonly actor: Held;
  /** Rights of all users at the start, by user. */
  readonly start: ReadonlyMap<string, Held>;
}

/**
 * Describes the rights that a user holds beyond the maximum. The maximum is: for the actor, the rights at the start; for users created by the actor
 * or by the actor's users, the rights that the actor can pass on; for all other users, their rights at the start plus the rights that the actor can
 * pass on.
 */
export function excess(now: Held, { actor, start }: Limits): string[] {
  const before = start.get(now.userId);
  const isMade = before === undefined;
  const most = isMade ? handedOn(actor) : new Set([...reached(before), ...(now.userId === actor.userId ? [] : handedOn(actor))]);
  const namesAny = handedOn(actor).has("role.update TENANT");
  const known = new Set([...actor.roles, ...(before?.roles ?? [])]);
  // Joining a team shows more to users with team-based access, unless they can or could have seen everything anyway.
  const seesMoreBy = (isThrough: (each: string) => boolean): boolean =>
    now.granted.some((each) => {
      const everything = each.replace(/ \w+$/, " TENANT");
      return isThrough(each) && !now.denied.includes(each) && !now.granted.includes(everything) && !most.has(everything);
    });
  const seesByTeam = seesMoreBy(isThroughTeams);
  // The same holds for buildings.
  const seesByBuilding = seesMoreBy(isThroughBuildings);
  const isDeniedByBuilding = now.denied.some(
    (denial) => isThroughBuildings(denial) && now.granted.length > 0 && !handedOn(actor).has(denial.replace(/ \w+$/, " TENANT")),
  );
  const isOwn = isMade || now.userId === actor.userId;
  // A user who is denied a team's objects would regain them by leaving the team.
  const isDeniedByTeam = now.denied.some((denial) => isThroughTeams(denial) && now.granted.length > 0 && !handedOn(actor).has(denial));
  return [
    ...(isDeniedByTeam
      ? (before?.teams ?? []).filter((team) => !now.teams.includes(team)).map((team) => `no longer the team ${team}`)
      : []),
    ...(isDeniedByBuilding
      ? (before?.buildings ?? []).filter((id) => !now.buildings.includes(id)).map((id) => `no longer the building ${id}`)
      : []),
    ...[...reached(now)].filter((each) => !most.has(each)),
    ...(isOwn && !namesAny ? now.roles.filter((role) => !known.has(role)).map((role) => `the role ${role}`) : []),
    ...(isOwn && seesByTeam ? now.teams.filter((team) => !actor.teams.includes(team)).map((team) => `the team ${team}`) : []),
    ...(isOwn && seesByBuilding ? now.buildings.filter((id) => !actor.buildings.includes(id)).map((id) => `the building ${id}`) : []),
  ];
}
