import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { staffWhoReadRequest } from "@weft/platform/directory";
import type { Context } from "@weft/api/context";
import { addWatchers, findWatchers } from "./watcher.store.js";

/**
 * Adds the watchers of a request, and its owner, to those of another one, if they can see it. Users who have stopped watching it are not added again.
 * Users of a vendor are not added. Returns the users who were added.
 */
export async function copyWatchers(
  tx: Tx,
  ctx: Context,
  from: { readonly id: string; readonly ownerId: string },
  into: { readonly id: string; readonly ownerId: string },
): Promise<string[]> {
  const interested = new Set([from.ownerId, ...(await findWatchers(tx, [from.id])).map(({ userId }) => userId)]);
  // Owners are told anyway.
  interested.delete(into.ownerId);
  const readers = await staffWhoReadRequest(tx, [...interested], into.id);
  if (readers.length === 0) return [];
  const watcherIds = await addWatchers(tx, into.id, readers, ctx.meta.actorId);
  if (watcherIds.length > 0)
    await writeAudit(tx, ctx.meta, [
      { action: "request.watch", entityType: "request", entityId: into.id, before: null, after: { watcherIds } },
    ]);
  return watcherIds;
}
