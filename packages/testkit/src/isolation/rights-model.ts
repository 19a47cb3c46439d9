// The reference model of "no way up": what somebody, and whoever acts for him, may reach at most, from what he held at the start. It knows nothing of
// how the product decides.

/** What the database says of a user. */
export interface Held {
  readonly userId: string;
  readonly isActive: boolean;
  /** `permission SCOPE` of all roles with those above them, and of himself. */
  readonly granted: readonly string[];
  readonly denied: readonly string[];
  readonly roles: readonly string[];
  readonly teams: readonly string[];
}

const scopes = ["OWN", "ASSIGNED", "TEAM", "TENANT"] as const;

/** `permission SCOPE` for everything that is reached: TENANT reaches what the others do; what is denied is taken away. */
export function reached({ granted, denied }: Pick<Held, "granted" | "denied">): Set<string> {
  const wide = new Set(
    granted.flatMap((grant) => (grant.endsWith(" TENANT") ? scopes.map((scope) => grant.replace("TENANT", scope)) : [grant])),
  );
  for (const denial of denied) {
    wide.delete(denial);
    if (denial.endsWith(" TENANT")) for (const scope of scopes) wide.delete(denial.replace("TENANT", scope));
    // Of everything something is missing.
    else wide.delete(denial.replace(/ \w+$/, " TENANT"));
  }
  return wide;
}

/** What somebody may hand on: what he reaches, but nothing of which a part is denied to himself. */
function handedOn(held: Held): Set<string> {
  const deniedPermissions = new Set(held.denied.map((denial) => denial.split(" ")[0]));
  return new Set([...reached(held)].filter((each) => !deniedPermissions.has(each.split(" ")[0])));
}

const isThroughTeams = (each: string): boolean => each.endsWith(" TEAM") || each.endsWith(" ASSIGNED");

export interface Limits {
  readonly actor: Held;
  /** Everybody's rights at the start, by user. */
  readonly start: ReadonlyMap<string, Held>;
}

/**
 * In words, what a user holds beyond what he may at most: the actor what he held at the start; whom he or his people made, what he can hand on; everybody
 * else what he held himself and that.
 */
export function excess(now: Held, { actor, start }: Limits): string[] {
  const before = start.get(now.userId);
  const isMade = before === undefined;
  const most = isMade ? handedOn(actor) : new Set([...reached(before), ...(now.userId === actor.userId ? [] : handedOn(actor))]);
  const namesAny = handedOn(actor).has("role.update TENANT");
  const known = new Set([...actor.roles, ...(before?.roles ?? [])]);
  // A team is a way to see more for whoever sees through teams what he does not see, or could not have seen, anyway.
  const seesByTeam = now.granted.some((each) => {
    const everything = each.replace(/ \w+$/, " TENANT");
    return isThroughTeams(each) && !now.denied.includes(each) && !now.granted.includes(everything) && !most.has(everything);
  });
  const isOwn = isMade || now.userId === actor.userId;
  // Who is denied what a team has gets it back by leaving the team.
  const isDeniedByTeam = now.denied.some((denial) => isThroughTeams(denial) && now.granted.length > 0 && !handedOn(actor).has(denial));
  return [
    ...(isDeniedByTeam
      ? (before?.teams ?? []).filter((team) => !now.teams.includes(team)).map((team) => `no longer the team ${team}`)
      : []),
    ...[...reached(now)].filter((each) => !most.has(each)),
    ...(isOwn && !namesAny ? now.roles.filter((role) => !known.has(role)).map((role) => `the role ${role}`) : []),
    ...(isOwn && seesByTeam ? now.teams.filter((team) => !actor.teams.includes(team)).map((team) => `the team ${team}`) : []),
  ];
}
