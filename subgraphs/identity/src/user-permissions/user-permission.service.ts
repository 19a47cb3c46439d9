import { BadUserInput, Forbidden, type Problem } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { announceRevocations } from "../revocations.js";
import { grantsOfInput } from "../rights/grant-input.js";
import { isSameGrant, without } from "../rights/grant.js";
import type { Grant, Override } from "../rights/grant.js";
import { assertAdministratorLeft, assertMayGrant, findOverridesOfUsers } from "../rights/rights.service.js";
import { assertPermissionsExist } from "../roles/custom-permissions/custom-permission.service.js";
import { openUser, updateUserRow } from "../users/user.service.js";
import type { UserRow } from "../users/user-list.service.js";
import type { SetUserPermissionsInput } from "./user-permission.input.js";
import { deleteOverrides, insertOverrides } from "./user-permission.store.js";

const maxReasonLength = 500;

/** Maximum number of grants and denials. Nobody needs one for every permission and scope. */
const maxOverrides = 200;

/**
 * Replaces a user's grants and denials in addition to their roles. Entries that remain keep their reason. Users cannot change their own: they already
 * have what they could grant, and could not lift a denial again.
 * @throws NotFound, BadUserInput, Forbidden (grants and lifted denials of permissions that the viewer does not hold; a user with more rights),
 * Conflict (version, or the last administrator)
 */
export async function setUserPermissions(ctx: Context, input: SetUserPermissionsInput): Promise<UserRow> {
  const id = decodeId("user", input.userId, "input.userId");
  const { grants, denials, reason } = checked(input);
  const { viewer } = ctx;
  if (id === viewer.userId) throw new Forbidden("You cannot change your own grants and denials. Ask another administrator.");
  const { tenantId } = viewer;
  const { user, isChanged } = await ctx.inTenant(async (tx) => {
    const { before } = await openUser(ctx, tx, id, input);
    if (viewer.vendorId !== null) throw new Forbidden("Users of a vendor cannot change permissions of others.");
    await assertPermissionsExist(tx, [...grants, ...denials], "input");
    const present = (await findOverridesOfUsers(tx, [id])).get(id) ?? [];
    const granted = present.filter(({ effect }) => effect === "GRANT");
    const denied = present.filter(({ effect }) => effect === "DENY");
    const [addedGrants, addedDenials] = [without(grants, granted), without(denials, denied)];
    const [removedGrants, liftedDenials] = [without(granted, grants), without(denied, denials)];
    if ([addedGrants, addedDenials, removedGrants, liftedDenials].every(({ length }) => length === 0))
      return { user: before, isChanged: false };
    assertMayGrant(viewer, addedGrants);
    // Lifting a denial is equivalent to granting what it denied.
    assertMayGrant(viewer, liftedDenials);
    await deleteOverrides(tx, { tenantId, userId: id, overrides: [...removedGrants, ...liftedDenials] });
    const row = (effect: Override["effect"]) => (grant: Grant) => ({
      tenantId,
      userId: id,
      ...grant,
      effect,
      reason,
      createdBy: viewer.userId,
    });
    await insertOverrides(tx, [...addedGrants.map(row("GRANT")), ...addedDenials.map(row("DENY"))]);
    if (removedGrants.length + addedDenials.length > 0) await assertAdministratorLeft(tx);
    const after = await updateUserRow(tx, { id, changes: {}, raisesRights: true });
    await writeAudit(tx, ctx.meta, [
      {
        action: "user.setPermissions",
        entityType: "user",
        entityId: id,
        // Without the reasons, which are personal and are stored with the grants and denials.
        before: { ...before, grants: granted.map(toGrant), denials: denied.map(toGrant) },
        after: { ...after, grants: grants.map(toGrant), denials: denials.map(toGrant) },
      },
    ]);
    const about = { subjectId: id, subjectVersion: after.version };
    await appendEvents(tx, ctx.meta, [
      { type: "user.updated", ...about, payload: { changed: ["rights"] } },
      { type: "rights.changed", ...about, payload: { userId: id } },
    ]);
    return { user: after, isChanged: true };
  });
  if (isChanged) await announceRevocations(ctx.services, [{ tenantId, userId: id }]);
  return user;
}

const toGrant = ({ permission, scope }: Grant): Grant => ({ permission, scope });

function checked(input: SetUserPermissionsInput): { grants: Grant[]; denials: Grant[]; reason: string } {
  const granting = grantsOfInput(input.grants, "input.grants");
  const denying = grantsOfInput(input.denials, "input.denials");
  const reason = input.reason.trim();
  const problems: Problem[] = [
    ...granting.problems,
    ...denying.problems,
    ...input.denials.flatMap((denial, i) =>
      granting.grants.some((grant) => isSameGrant(grant, denial as Grant))
        ? [{ path: `input.denials.${i}`, message: `${denial.permission} in scope ${denial.scope} is both granted and denied.` }]
        : [],
    ),
    ...(reason === "" ? [{ path: "input.reason", message: "A reason is required." }] : []),
    ...(reason.length > maxReasonLength
      ? [{ path: "input.reason", message: `The reason is longer than ${maxReasonLength} characters.` }]
      : []),
    ...(input.grants.length + input.denials.length > maxOverrides
      ? [{ path: "input", message: `A user can have at most ${maxOverrides} individual grants and denials. Create a role instead.` }]
      : []),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return { grants: granting.grants, denials: denying.grants, reason };
}
