import { BadUserInput } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { type LockedProject, lockProject } from "./project.store.js";

/**
 * Locks a project that an input references.
 * @throws BadUserInput at `path` if it does not exist, or the permission does not reach it
 */
export async function lockProjectOfInput(
  tx: Tx,
  viewer: Viewer,
  { id, path, permission = "project.update" }: { readonly id: string; readonly path: string; readonly permission?: Permission },
): Promise<LockedProject> {
  const project = await lockProject(tx, viewer, id, permission);
  if (project !== null) return project;
  throw new BadUserInput([{ path, message: `No project with the ID ${encodeId("project", id)} exists.` }]);
}
