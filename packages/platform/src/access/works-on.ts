import { type AccessColumns, inScope, nothing, withinScopes } from "../rights/visible.js";
import type { SQL } from "drizzle-orm";
import type { Permission, Viewer } from "@weft/shared/viewer";

/**
 * Returns the condition that the viewer works on an object: a user of the organization whose scopes of the permission reach it other than by owning it.
 * Such users read and write internal comments. Requesters reach their requests only by the scope OWN. Use it in addition to the visibility predicate.
 */
export function worksOn(viewer: Viewer, permission: Permission, columns: AccessColumns): SQL {
  if (viewer.vendorId !== null) return nothing;
  return withinScopes(viewer, permission, (scope) => (scope === "OWN" ? undefined : inScope(scope, viewer, columns)));
}
