import { BadUserInput, Conflict, Forbidden } from "@weft/shared/errors";
import { decodeIdOrNull } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { assertMayBindToVendor } from "../rights/rights.service.js";
import { vendorProblems } from "./creation/make-user.js";
import { isLinkedToProvider } from "./user.store.js";
import type { UserRow } from "./user.store.js";
import type { UpdateUserInput } from "./user.type.js";

type Kind = Pick<UserRow, "type" | "vendorId">;

/**
 * Returns the kind of user, and the vendor, to which an input changes a user. Null if it changes neither.
 * @throws BadUserInput, Forbidden, Conflict
 */
export async function kindChangeOf(tx: Tx, viewer: Viewer, before: UserRow, input: UpdateUserInput): Promise<Kind | null> {
  const type = input.type ?? before.type;
  const given = decodeIdOrNull("vendor", input.vendorId ?? null, "input.vendorId");
  const vendorId = given ?? (type === before.type ? before.vendorId : null);
  if (type === before.type && vendorId === before.vendorId) return null;
  if (before.type === "SERVICE")
    throw new BadUserInput([
      { path: "input.type", message: "A service account stays one. Create another user for a person, with createUser or inviteUser." },
    ]);
  const problems = vendorProblems(type, vendorId);
  if (problems.length > 0) throw new BadUserInput(problems);
  if (before.id === viewer.userId) throw new Forbidden("You cannot change your own type or vendor. Ask another administrator.");
  if (viewer.vendorId !== null) throw new Forbidden("Users of a vendor cannot change types and vendors of users.");
  if (type === "VENDOR") {
    assertMayBindToVendor(viewer);
    if (before.isBreakGlass)
      throw new Conflict("The user can log in without single sign-on, which is for employees only. End that with setBreakGlass first.");
    if (before.externalId !== null || (await isLinkedToProvider(tx, before.id)))
      throw new Conflict(
        "An identity provider of your organization manages this user, so they stay an employee. Deactivate the user, and invite them as a user of the vendor.",
      );
  }
  return { type, vendorId };
}
