import { createHash } from "node:crypto";
import type { CatalogPermission, Viewer } from "@weft/shared/viewer";
import { isDecidedForTenant } from "@weft/api/rules";

/**
 * The permissions that decide the answer to an operation. If each of them is decided for the whole tenant, the answer does not depend on the user.
 * Undefined if it always does, because a field is not declared with `@ViewerIndependent`.
 */
export type SharingPermissions = readonly CatalogPermission[] | undefined;

/**
 * Returns a key that is equal for viewers who get the same answer to an operation. It contains all rights, so a viewer whose rights have changed has
 * a different one. By default, only the sessions of one user share answers. Different users of a tenant share them if the permissions are decided for
 * the whole tenant, and they have equal roles, permissions and denials. Their teams are then irrelevant. Users of vendors and operators never share
 * with other users: row-level security restricts vendor users by object, and operators act in sessions of their own.
 */
export function audienceOf(viewer: Viewer, sharing: SharingPermissions): string {
  const { tenantId, userType, userId, vendorId, operatorId, sessionId } = viewer;
  const isShared =
    sharing !== undefined &&
    vendorId === null &&
    operatorId === null &&
    userType !== "VENDOR" &&
    sharing.every((permission) => isDecidedForTenant(viewer, permission));
  const { roles, permissions, denials } = viewer;
  const rights = [tenantId, userType, roles.toSorted(byText), ordered(permissions), ordered(denials)];
  const identity = isShared
    ? []
    : [
        userId,
        vendorId,
        viewer.teamIds.toSorted(byText),
        viewer.ledTeamIds.toSorted(byText),
        viewer.rightsVersion,
        // Several operators can act as the same user.
        operatorId === null ? null : [operatorId, sessionId],
      ];
  return createHash("sha256")
    .update(JSON.stringify([rights, identity]))
    .digest("base64");
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const ordered = (scopes: Viewer["permissions"]): unknown =>
  Object.entries(scopes)
    .map(([permission, held]) => [permission, (held ?? []).toSorted(byText)] as const)
    .sort(([a], [b]) => byText(a, b));
