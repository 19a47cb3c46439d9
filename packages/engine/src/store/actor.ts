/** Who acts, for the store: the core's actor together with the viewer whose scopes limit what the read may find. */
import { denialsOf, hasPermission, isPermission, reachesAll } from "@weft/shared";
import type { Viewer, WriteMeta } from "@weft/shared";
import type { Actor } from "../core/actor.js";

/** `viewer` decides which instances are visible; the rest is what the core's rules look at. */
export type ViewerActor = Actor & { readonly viewer: Viewer };

/** The viewer as the core sees him. */
export function actorOf(viewer: Viewer): ViewerActor {
  return {
    id: viewer.userId,
    roles: viewer.roles,
    // A definition asks for the whole of a permission: of one that is denied in part it could not tell which part the instance is in.
    permissions: Object.keys(viewer.permissions).filter(
      (name) => isPermission(name) && hasPermission(viewer, name) && denialsOf(viewer, name).length === 0,
    ),
    principals: { userIds: [viewer.userId], teamIds: viewer.teamIds, vendorId: viewer.vendorId },
    managesTasks: reachesAll(viewer, "task.assign"),
    viewer,
  };
}

/** The actor of a write whose caller has checked the rights itself (assign, change data, cancel): known by id alone. */
export function actorOfMeta(meta: WriteMeta): Actor {
  return {
    id: meta.actorId,
    roles: [],
    permissions: [],
    principals: { userIds: [meta.actorId], teamIds: [], vendorId: null },
    ...(meta.onBehalfOf && { onBehalfOf: meta.onBehalfOf }),
  };
}
