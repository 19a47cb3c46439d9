/** Who acts, for the store: the core's actor together with the viewer, whose scopes limit what can be read. */
import { denialsOf, hasPermission, isPermission, reachesAll, type Viewer } from "@weft/shared/viewer";
import type { WriteMeta } from "@weft/platform/events";
import type { Actor } from "../../core/model/actor.js";

/** `viewer` decides which instances are visible; the rules of the core use the rest. */
export type ViewerActor = Actor & { readonly viewer: Viewer };

const actors = new WeakMap<Viewer, ViewerActor>();

/** Returns the viewer as an actor of the core. Viewers are immutable, and the operations of a session share one for a while, so it is made once. */
export function actorOf(viewer: Viewer): ViewerActor {
  let actor = actors.get(viewer);
  if (!actor) actors.set(viewer, (actor = toActor(viewer)));
  return actor;
}

function toActor(viewer: Viewer): ViewerActor {
  return {
    id: viewer.userId,
    roles: viewer.roles,
    // A definition requires a permission without restrictions: for a partly denied one, it could not determine whether the instance is in the denied
    // part.
    permissions: Object.keys(viewer.permissions).filter(
      (name) => isPermission(name) && hasPermission(viewer, name) && denialsOf(viewer, name).length === 0,
    ),
    principals: { userIds: [viewer.userId], teamIds: viewer.teamIds, vendorId: viewer.vendorId },
    managesTasks: reachesAll(viewer, "task.assign"),
    viewer,
  };
}

/** The actor of a write whose caller has checked the permissions itself (assign, change data, cancel): known only by ID. */
export function actorOfMeta(meta: WriteMeta): Actor {
  return {
    id: meta.actorId,
    roles: [],
    permissions: [],
    principals: { userIds: [meta.actorId], teamIds: [], vendorId: null },
    ...(meta.onBehalfOf && { onBehalfOf: meta.onBehalfOf }),
  };
}
