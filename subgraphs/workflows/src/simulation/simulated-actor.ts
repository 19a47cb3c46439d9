import { createHash } from "node:crypto";
import type { Actor, ViewerActor } from "@weft/engine";
import type { SimulatedActorInput } from "./simulation.type.js";

/** Returns an ID that no user has, a different one for each name. */
function somebody(name: string | null | undefined): string {
  const digits = name ? createHash("sha256").update(name).digest("hex").slice(0, 12) : "000000000000";
  return `00000000-0000-7000-8000-${digits}`;
}

/** Returns the simulated user, or the viewer if none was passed. */
export function simulatedActor(viewer: ViewerActor, as: SimulatedActorInput | null | undefined): Actor {
  if (!as) return viewer;
  const id = as.isOwner ? viewer.id : somebody(as.name);
  const permissions = as.permissions ?? [];
  const managesTasks = permissions.includes("task.assign");
  return { id, roles: as.roles ?? [], permissions, principals: { userIds: [id], teamIds: [], vendorId: null }, managesTasks };
}
