import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { decodeIdOrNull } from "@weft/shared/ids";
import { hasPermission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { isVisibleTo } from "../requests/request-reader.service.js";
import { getRequest } from "../requests/request.service.js";
import { type Request, toRequest } from "../requests/request.type.js";
import type { WatchRequestInput } from "./watcher.input.js";
import { startWatching, stopWatching } from "./watcher.store.js";

/** Adds a watcher. Repeating the call changes nothing. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (a user who cannot see the request). */
export async function watchRequest(ctx: Context, input: WatchRequestInput): Promise<Request> {
  const { userId, permission } = watcherOf(ctx, input);
  const { tenantId, sessionId } = ctx.viewer;
  // Before the transaction, because it needs another connection.
  const watcher =
    userId === ctx.viewer.userId ? ctx.viewer : await viewerOfUser(ctx.services.databases.auth, { tenantId, userId, sessionId });
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, permission);
    if (watcher === null || !(await isVisibleTo(tx, watcher, request.id)))
      throw new BadUserInput([{ path: "input.userId", message: "There is no such user who can see the request." }]);
    const row = { tenantId, requestId: request.id, userId };
    if (await startWatching(tx, row, ctx.meta.actorId))
      await writeAudit(tx, ctx.meta, [
        { action: "request.watch", entityType: "request", entityId: request.id, before: null, after: { watcherId: userId } },
      ]);
    return toRequest(await getRequest(tx, ctx, input.id, "request.read"));
  });
}

/** Removes a watcher. Users who do not watch the request can repeat the call. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (another user does not watch it). */
export async function unwatchRequest(ctx: Context, input: WatchRequestInput): Promise<Request> {
  const { userId, permission } = watcherOf(ctx, input);
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, permission);
    if (await stopWatching(tx, { tenantId: request.tenantId, requestId: request.id, userId }))
      await writeAudit(tx, ctx.meta, [
        { action: "request.unwatch", entityType: "request", entityId: request.id, before: { watcherId: userId }, after: null },
      ]);
    else if (userId !== ctx.viewer.userId)
      throw new BadUserInput([{ path: "input.userId", message: "There is no such user who watches the request." }]);
    return toRequest(await getRequest(tx, ctx, input.id, "request.read"));
  });
}

/** Everyone can watch what they see. Adding or removing others is part of triage. */
function watcherOf(ctx: Context, input: WatchRequestInput) {
  const userId = decodeIdOrNull("user", input.userId, "input.userId") ?? ctx.viewer.userId;
  if (userId === ctx.viewer.userId) return { userId, permission: "request.read" } as const;
  if (ctx.viewer.vendorId !== null || !hasPermission(ctx.viewer, "request.triage"))
    throw new Forbidden("You can add and remove only yourself. Other watchers require the permission request.triage.");
  return { userId, permission: "request.triage" } as const;
}
