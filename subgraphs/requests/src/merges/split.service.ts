import { BadUserInput } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { type Numbering, numberingOf } from "@weft/api/numbers";
import { commentsOf, copyComments } from "../comments/copy-comments.service.js";
import { attachmentsOfRequest, copyAttachments } from "../files/copy-attachments.service.js";
import { linkPart } from "../links/merged-links.service.js";
import { createDraft } from "../requests/create-request.service.js";
import { getRequest, type RequestRow } from "../requests/request.service.js";
import { toRequest } from "../requests/request.type.js";
import { insertCopy } from "./copy.store.js";
import { assertWorkedOn } from "./merge.service.js";
import type { SplitRequestInput, SplitRequestPayload } from "./split.input.js";

/** Bounds the lists of an input. */
const maxChosen = 100;

/**
 * Creates a request from a part of another one. The new one has the same owner and place. It is a draft, like every new request, so that its fields can be
 * changed before its workflow acts on them. Copies keep their audience: the owner is the same, and a comment that only one vendor sees stays so.
 */
export async function splitRequest(ctx: Context, input: SplitRequestInput): Promise<SplitRequestPayload> {
  assertFew(input.commentIds, "input.commentIds", "comments");
  assertFew(input.attachmentIds, "input.attachmentIds", "attachments");
  // Before the transaction: a request that holds a connection must not ask for another one.
  const numbering = await numberingOf(ctx);
  return ctx.inTenant(async (tx) => {
    const from = await getRequest(tx, ctx, input.id, "request.triage");
    const { result } = await once(tx, ctx.meta, { mutation: "splitRequest", key: input.idempotencyKey, input }, async () => ({
      id: await split(tx, ctx, { from, input, numbering }),
    }));
    const newRequest = await getRequest(tx, ctx, encodeId("request", result["id"] ?? ""), "request.read");
    return { request: toRequest(await getRequest(tx, ctx, input.id, "request.read")), newRequest: toRequest(newRequest) };
  });
}

function assertFew(given: readonly string[] | null | undefined, path: string, what: string): void {
  if ((given?.length ?? 0) > maxChosen)
    throw new BadUserInput([{ path, message: `At most ${maxChosen} ${what} can be copied at once, not ${given?.length}.` }]);
}

interface Split {
  readonly from: RequestRow;
  readonly input: SplitRequestInput;
  readonly numbering: Numbering;
}

async function split(tx: Tx, ctx: Context, { from, input, numbering }: Split): Promise<string> {
  await assertWorkedOn(tx, ctx, from);
  const commentIds = await commentsOf(tx, ctx, from.id, input.commentIds ?? []);
  const attachmentIds = await attachmentsOfRequest(tx, ctx, from.id, input.attachmentIds ?? []);
  const { buildingId, assetId, spaceId, ownerId } = from;
  const newRequestId = await createDraft(tx, ctx, {
    typeKey: input.typeKey ?? from.typeKey,
    data: input.data ?? {},
    place: { buildingId, assetId, spaceId },
    numbering,
    ownerId,
    before: from,
  });
  await linkPart(tx, ctx, from, { kind: input.kind, newId: newRequestId });
  const content = { fromId: from.id, toId: newRequestId, keepsAudience: true };
  const comments = await copyComments(tx, { ...content, ids: commentIds });
  const attachments = await copyAttachments(tx, ctx, { ...content, ids: attachmentIds });
  const { actorId, onBehalfOf } = ctx.meta;
  await insertCopy(tx, { tenantId: from.tenantId, id: newId(), kind: "SPLIT", fromId: from.id, toId: newRequestId, actorId, onBehalfOf });
  await appendEvents(tx, ctx.meta, [
    {
      type: "request.split",
      subjectId: from.id,
      subjectVersion: from.instanceVersion,
      related: { instance: from.instanceId },
      payload: { newId: newRequestId, audience: "INTERNAL" },
    },
  ]);
  const after = { newId: newRequestId, comments, attachments };
  await writeAudit(tx, ctx.meta, [{ action: "request.split", entityType: "request", entityId: from.id, before: null, after }]);
  return newRequestId;
}
