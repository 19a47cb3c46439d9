import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { membersOfRole, membersOfTeam, staffWhoReadRequest } from "@weft/platform/directory";
import type { WriteMeta } from "@weft/platform/events";
import { addWatchers } from "./watcher.store.js";

interface Submitted {
  readonly id: string;
  readonly watcherRoleKeys: readonly string[];
  readonly watcherTeamIds: readonly string[];
  readonly watcherUserIds: readonly string[];
}

/**
 * Adds the watchers that the type of a request names, if they can see the request. Users who have stopped watching it are not added again. No statement
 * runs if the type names nobody.
 */
export async function watchByType(tx: Tx, meta: WriteMeta, request: Submitted): Promise<void> {
  const members = [...(await membersOfRole(tx, request.watcherRoleKeys)), ...(await membersOfTeam(tx, request.watcherTeamIds))];
  const readers = await staffWhoReadRequest(tx, [...new Set([...members, ...request.watcherUserIds])], request.id);
  if (readers.length === 0) return;
  const watcherIds = await addWatchers(tx, request.id, readers, meta.actorId);
  if (watcherIds.length === 0) return;
  await writeAudit(tx, meta, [
    { action: "request.watch", entityType: "request", entityId: request.id, before: null, after: { watcherIds } },
  ]);
}
