import { NotFound, RateLimited } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { sendSignal } from "@weft/api/live";
import { User } from "../references.js";
import { requestLoader } from "../requests/request.loader.js";
import type { AnnounceRequestActivityInput } from "./editor.input.js";
import { listEditors, recordActivity, recordStop } from "./editor.store.js";
import { AnnounceRequestActivityPayload, type RequestActivity, RequestEditor, RequestEditors } from "./editor.type.js";

/**
 * Shows others what the user is doing with a request, or that the user has stopped. It is no event, and it is not audited. A repetition extends it, and tells
 * nobody. Errors: NOT_FOUND, RATE_LIMITED.
 */
export async function announceActivity(ctx: Context, input: AnnounceRequestActivityInput): Promise<AnnounceRequestActivityPayload> {
  const { viewer } = ctx;
  const { activity = null, isInternal } = input;
  const id = decodeId("request", input.id, "input.id");
  const { isSeen, isChange, endsAt } = await ctx.inTenant(async (tx) =>
    activity === null
      ? { ...(await recordStop(tx, viewer, id)), endsAt: null }
      : recordActivity(tx, viewer, id, { activity, isInternal: isInternal ?? false }),
  );
  if (!isSeen) throw new NotFound("Request", input.id);
  if (activity !== null && endsAt === null) throw new RateLimited({ retryAfter: 5 }, "Your session is editing too many requests.");
  if (isChange) sendSignal(ctx.services, { tenantId: viewer.tenantId, type: "request.editors_changed", subjectId: id });
  return Object.assign(new AnnounceRequestActivityPayload(), { endsAt });
}

/** Returns who else is editing a request. @throws NotFound */
export async function readEditors(ctx: Context, id: string, cursor: string | null): Promise<RequestEditors> {
  const requestId = await assertSeen(ctx, id);
  const rows = await ctx.read((tx) => listEditors(tx, ctx.viewer, requestId));
  const editors = rows.map(({ userId, activity, beganAt }) =>
    Object.assign(new RequestEditor(), { user: User.of(userId), activity: activity as RequestActivity, since: beganAt }),
  );
  return Object.assign(new RequestEditors(), { cursor, editors });
}

/** Returns the UUID of a request. @throws NotFound if the viewer cannot see it */
export async function assertSeen(ctx: Context, id: string): Promise<string> {
  const requestId = decodeId("request", id, "id");
  if ((await requestLoader(ctx).load(requestId)) === null) throw new NotFound("Request", id);
  return requestId;
}
