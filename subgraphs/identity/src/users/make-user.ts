import { BadUserInput, decodeIdOrNull } from "@weft/shared";
import type { Context, Problem, Tx } from "@weft/shared";
import { assertMayBindToVendor, assertMayFillTeams, assertMayGiveRoles, assertRightsOfNow } from "../rights/rights.service.js";
import { findRoleIds } from "../roles/named-roles.service.js";
import { findTeamIdsOfInput, keepTeamsOfInput } from "../teams/team.service.js";
import { writeNewUser } from "./new-user.js";
import type { NewUser } from "./new-user.js";
import { emailProblems, nameProblems, usernameOf, usernameProblems } from "./user-problems.js";
import type { UserRow } from "./user.store.js";

/** Somebody whom the viewer makes: as the inputs of `createUser` and `inviteUser` say it. */
export interface UserToMake {
  readonly email: string;
  readonly username?: string | null;
  readonly name: string;
  readonly type: UserRow["type"];
  readonly vendorId?: string | null;
}

/** Roles and teams by ids and keys. */
export interface Belongings {
  readonly roleIds?: string[] | null;
  readonly roleKeys?: string[] | null;
  readonly teamIds?: string[] | null;
  readonly teamKeys?: string[] | null;
}

type ReadUser = Omit<NewUser, "id" | "passwordHash" | "roleIds" | "teamIds">;

/** The user that an input means, in the form in which it is kept, and all that is wrong with it. @throws BadUserInput for an id that is none */
export function readUserToMake(input: UserToMake): { user: ReadUser; problems: Problem[] } {
  const email = input.email.normalize("NFKC").trim();
  const username = (input.username ?? usernameOf(email)).normalize("NFKC").trim();
  const name = input.name.trim();
  const vendorId = decodeIdOrNull("vendor", input.vendorId ?? null, "input.vendorId");
  return {
    // What else it could be is among the problems.
    user: { email, username, name, type: input.type as NewUser["type"], vendorId },
    problems: [...emailProblems(email), ...usernameProblems(username), ...nameProblems(name), ...vendorProblems(input.type, vendorId)],
  };
}

/** The roles and teams among them that are unknown: to be told together with what else is wrong. */
export async function belongingProblems(tx: Tx, belongings: Belongings): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const find of [findRoleIds, findTeamIdsOfInput]) {
    try {
      await find(tx, belongings);
    } catch (error) {
      if (!(error instanceof BadUserInput)) throw error;
      problems.push(...error.problems);
    }
  }
  return problems;
}

/** Writes a user whom the viewer makes, with roles and teams that are his to give. @throws BadUserInput, Forbidden, LimitExceeded */
export async function makeUser(
  ctx: Context,
  tx: Tx,
  user: ReadUser & Pick<NewUser, "passwordHash">,
  belongings: Belongings,
): Promise<UserRow> {
  await assertRightsOfNow(tx, ctx.viewer);
  const roleIds = await findRoleIds(tx, belongings);
  const teamIds = await keepTeamsOfInput(tx, belongings);
  await assertMayGiveRoles(tx, ctx.viewer, roleIds);
  assertMayFillTeams(ctx.viewer, teamIds);
  if (user.vendorId !== null) assertMayBindToVendor(ctx.viewer);
  return writeNewUser(tx, ctx.meta, { ...user, roleIds, teamIds });
}

function vendorProblems(type: string, vendorId: string | null): Problem[] {
  if (type === "OPERATOR") return [{ path: "input.type", message: "Platform operators come with actAsTenant." }];
  const path = "input.vendorId";
  if (type === "VENDOR" && !vendorId) return [{ path, message: "A VENDOR user needs the vendor that it works for." }];
  return type !== "VENDOR" && vendorId ? [{ path, message: "Only a VENDOR user works for a vendor." }] : [];
}
