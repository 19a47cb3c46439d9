import { BadUserInput, type Problem } from "@weft/shared/errors";
import { decodeIdOrNull } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertRolesFit } from "../../rights/fitting-roles.js";
import {
  assertMayBindToVendor,
  assertMayFillTeams,
  assertMayGiveRoles,
  assertCurrentRights,
  lockRights,
} from "../../rights/rights.service.js";
import { findRoleIds, rolePathIn } from "../../roles/named-roles.service.js";
import { findTeamIdsOfInput, keepTeamsOfInput } from "../../teams/team.service.js";
import { writeNewUser } from "./new-user.js";
import type { NewUser } from "./new-user.js";
import { emailProblems, nameProblems, usernameOf, usernameProblems } from "../user-problems.js";
import type { UserRow } from "../user.store.js";

/** A user to create, as specified by the inputs of `createUser` and `inviteUser`. */
export interface UserToMake {
  readonly email: string;
  readonly username?: string | null;
  readonly name: string;
  readonly type: UserRow["type"];
  readonly vendorId?: string | null;
}

/** Roles and teams by ID or key. */
export interface Belongings {
  readonly roleIds?: string[] | null;
  readonly roleKeys?: string[] | null;
  readonly teamIds?: string[] | null;
  readonly teamKeys?: string[] | null;
}

type ReadUser = Omit<NewUser, "id" | "passwordHash" | "isPasswordTemporary" | "roleIds" | "teamIds">;

/**
 * Returns the user of an input in stored form, and all problems of the input.
 * @throws BadUserInput for an invalid ID
 */
export function readUserToMake(input: UserToMake): { user: ReadUser; problems: Problem[] } {
  const email = input.email.normalize("NFKC").trim();
  const username = (input.username ?? usernameOf(email)).normalize("NFKC").trim();
  const name = input.name.trim();
  const vendorId = decodeIdOrNull("vendor", input.vendorId ?? null, "input.vendorId");
  return {
    // Other types are reported as problems.
    user: { email, username, name, type: input.type as NewUser["type"], vendorId },
    problems: [...emailProblems(email), ...usernameProblems(username), ...nameProblems(name), ...vendorProblems(input.type, vendorId)],
  };
}

/**
 * Returns the distinct roles of an input, for a user of a type.
 * @throws BadUserInput with the path of every role that is unknown, or for users of another type
 */
async function findFittingRoleIds(tx: Tx, type: UserRow["type"], belongings: Belongings): Promise<string[]> {
  const roleIds = await findRoleIds(tx, belongings);
  await assertRolesFit(tx, { type, roleIds, pathOf: rolePathIn(belongings) });
  return roleIds;
}

/** Returns the roles and teams that are unknown, or not for users of the type, as problems, to be reported with the other problems. */
export async function belongingProblems(tx: Tx, type: UserRow["type"], belongings: Belongings): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const find of [() => findFittingRoleIds(tx, type, belongings), () => findTeamIdsOfInput(tx, belongings)]) {
    try {
      await find();
    } catch (error) {
      if (!(error instanceof BadUserInput)) throw error;
      problems.push(...error.problems);
    }
  }
  return problems;
}

/**
 * Inserts a user created by the viewer, with roles and teams that the viewer can assign.
 * @throws BadUserInput, Forbidden, LimitExceeded
 */
export async function makeUser(
  ctx: Context,
  tx: Tx,
  user: ReadUser & Pick<NewUser, "id" | "passwordHash" | "isPasswordTemporary">,
  belongings: Belongings,
): Promise<UserRow> {
  // Meanwhile no role can get parents that are not for users of the type.
  if ((belongings.roleIds ?? belongings.roleKeys ?? []).length > 0) await lockRights(tx, ctx.viewer.tenantId);
  await assertCurrentRights(tx, ctx.viewer);
  const roleIds = await findFittingRoleIds(tx, user.type, belongings);
  const teamIds = await keepTeamsOfInput(tx, belongings);
  await assertMayGiveRoles(tx, ctx.viewer, roleIds);
  assertMayFillTeams(ctx.viewer, teamIds);
  if (user.vendorId !== null) assertMayBindToVendor(ctx.viewer);
  return writeNewUser(tx, ctx.meta, { ...user, roleIds, teamIds });
}

/** Returns whether a kind of user and a vendor do not belong together, as problems. */
export function vendorProblems(type: string, vendorId: string | null): Problem[] {
  if (type === "OPERATOR") return [{ path: "input.type", message: "Platform operators are created by actAsTenant." }];
  if (type === "SERVICE")
    return [{ path: "input.type", message: "Service accounts have no password. Create them with createServiceAccount." }];
  const path = "input.vendorId";
  if (type === "VENDOR" && !vendorId) return [{ path, message: "Users of the kind VENDOR need a vendor." }];
  return type !== "VENDOR" && vendorId ? [{ path, message: "Only users of the kind VENDOR can have a vendor." }] : [];
}
