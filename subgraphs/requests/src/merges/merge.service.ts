import { cancelInstance } from "@weft/engine";
import { BadUserInput, Forbidden, TransitionRejected } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { copyComments } from "../comments/copy-comments.service.js";
import { copyAttachments } from "../files/copy-attachments.service.js";
import { linkDuplicate, moveLinks } from "../links/merged-links.service.js";
import { isWorkedOnBy } from "../requests/request-reader.service.js";
import { findRequestWithId, getRequest, type RequestRow } from "../requests/request.service.js";
import { toRequest } from "../requests/request.type.js";
import { copyWatchers } from "../watchers/copy-watchers.service.js";
import { insertCopy } from "./copy.store.js";
import type { MergeRequestsInput, MergeRequestsPayload } from "./merge.input.js";

/** The comment on the end of a merged request. It does not name the other request, because its reader might not see it. */
const COMMENT = "Merged into another request.";

/**
 * Merges a request into another one. The merged request keeps its comments, files, and history; the other one receives copies, so that neither loses
 * anything. Copies of public comments and shared files stay so only if both requests have the same owner and the same vendor. Otherwise, they are
 * internal: nobody learns of another requester's request. Internal comments are read by the users who work on the request that has them, and so by those
 * who work on the other one afterwards.
 */
export async function mergeRequests(ctx: Context, input: MergeRequestsInput): Promise<MergeRequestsPayload> {
  return ctx.inTenant(async (tx) => {
    const from = await getRequest(tx, ctx, input.id, "request.triage");
    const into = await findRequestWithId(tx, ctx, decodeId("request", input.intoId, "input.intoId"), "request.triage");
    if (into === null)
      throw new BadUserInput([{ path: "input.intoId", message: "There is no such request into which you can merge another one." }]);
    await once(tx, ctx.meta, { mutation: "mergeRequests", key: input.idempotencyKey, input }, async () => {
      await merge(tx, ctx, { from, into, expectedVersion: input.expectedVersion });
      return { id: into.id };
    });
    const [request, other] = [await getRequest(tx, ctx, input.id, "request.read"), await getRequest(tx, ctx, input.intoId, "request.read")];
    return { request: toRequest(request), into: toRequest(other) };
  });
}

interface Merge {
  readonly from: RequestRow;
  readonly into: RequestRow;
  readonly expectedVersion: number | null | undefined;
}

async function merge(tx: Tx, ctx: Context, { from, into, expectedVersion }: Merge): Promise<void> {
  if (from.id === into.id) throw new BadUserInput([{ path: "input.intoId", message: "A request cannot be merged into itself." }]);
  await assertWorkedOn(tx, ctx, from, into);
  for (const { number, closedAt } of [into, from]) {
    if (closedAt === null) continue;
    const message = `The request ${number} has ended. Only open requests can be merged. Reopen it first, if its workflow allows it.`;
    throw new TransitionRejected([{ code: "state", message }]);
  }
  await linkDuplicate(tx, ctx, from, into);
  await cancelInstance(tx, ctx.meta, { id: from.instanceId, comment: COMMENT, expectedVersion });
  await moveLinks(tx, ctx, from, into);
  const content = { fromId: from.id, toId: into.id, ids: null, keepsAudience: isForSameUsers(from, into) };
  const comments = await copyComments(tx, content);
  const attachments = await copyAttachments(tx, ctx, content);
  const watcherIds = await copyWatchers(tx, ctx, from, into);
  const { actorId, onBehalfOf } = ctx.meta;
  await insertCopy(tx, { tenantId: from.tenantId, id: newId(), kind: "MERGE", fromId: from.id, toId: into.id, actorId, onBehalfOf });
  await appendEvents(tx, ctx.meta, [
    {
      type: "request.merged",
      subjectId: into.id,
      subjectVersion: into.instanceVersion,
      related: { instance: into.instanceId },
      payload: { fromId: from.id, audience: "INTERNAL" },
    },
  ]);
  const after = { fromId: from.id, comments, attachments, watcherIds };
  await writeAudit(tx, ctx.meta, [{ action: "request.merge", entityType: "request", entityId: into.id, before: null, after }]);
}

/**
 * Internal comments are copied, too, so that only users who read those of both requests can merge or split them.
 * @throws Forbidden
 */
export async function assertWorkedOn(tx: Tx, ctx: Context, ...requests: readonly RequestRow[]): Promise<void> {
  for (const { id, number } of requests)
    if (!(await isWorkedOnBy(tx, ctx.viewer, id)))
      throw new Forbidden(`You do not work on the request ${number} (${encodeId("request", id)}). Ask somebody who does.`);
}

const isForSameUsers = (from: RequestRow, into: RequestRow): boolean =>
  from.ownerId === into.ownerId && from.assigneeVendorId === into.assigneeVendorId;
