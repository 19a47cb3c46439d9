import { BadUserInput, Conflict, Forbidden, NotFound } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { viewerOfUser } from "@weft/platform/rights";
import { CommentAudience } from "@weft/api/comment-audience";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { indexText } from "@weft/api/search";
import { attachToComment, detachFromComment } from "../files/comment-files.service.js";
import { isVisibleTo, isWorkedOnBy } from "../requests/request-reader.service.js";
import { findRequestWithId, getRequest, type RequestRow } from "../requests/request.service.js";
import { toRequest, type RequestPayload } from "../requests/request.type.js";
import type { CommentOnRequestPayload } from "./comment-payload.type.js";
import {
  type CommentRow,
  emptyCommentVersions,
  findComments,
  hasCommentOfEmail,
  insertComment,
  insertCommentVersion,
  lockEmail,
  markDeleted,
  updateComment,
} from "./comment.store.js";
import { type CommentOnRequestInput, type EditRequestCommentInput, toRequestComment, type RequestCommentPayload } from "./comment.type.js";

const bounds = { max: 10_000, hasLines: true } as const;

/** Bounds the statements of one call. */
const maxMentioned = 20;

/**
 * Adds a comment. Neither the request nor its workflow changes, so comments can be added in every state and never conflict. A public comment on a
 * request that is assigned to a vendor is visible to that vendor, but not to another one to which the request is assigned later.
 */
export async function commentOnRequest(ctx: Context, input: CommentOnRequestInput): Promise<CommentOnRequestPayload> {
  assertComment(input.text);
  const mentioned = await findMentioned(ctx, input.mentionedUserIds ?? []);
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, "request.comment");
    const { result } = await once(tx, ctx.meta, { mutation: "commentOnRequest", key: input.idempotencyKey, input }, async () => ({
      id: await add(tx, ctx, request, { audience: input.audience, text: input.text, mentioned, fileIds: input.fileIds ?? [] }),
    }));
    const comment = await getComment(tx, ctx.viewer, result["id"] ?? "");
    return { request: toRequest(await getRequest(tx, ctx, input.id, "request.read")), comment: toRequestComment(comment) };
  });
}

/** A comment that was written as a reply to an email. IDs are UUIDs. */
export interface EmailedComment {
  readonly requestId: string;
  readonly audience: CommentAudience;
  /** If it is public: the vendor that the request was assigned to when the email was sent to which this is a reply. */
  readonly vendorId: string | null;
  readonly text: string;
  /** SHA-256 of the email's ID. */
  readonly emailHash: string;
}

/**
 * Adds a comment as `commentOnRequest` does. An email becomes one comment: returns false if it has become one already.
 * @throws NotFound, BadUserInput, Forbidden, and Conflict if another vendor than the author knew of would read it
 */
export async function commentByEmail(ctx: Context, { requestId, audience, vendorId, text, emailHash }: EmailedComment): Promise<boolean> {
  assertComment(text);
  return ctx.inTenant(async (tx) => {
    await lockEmail(tx, emailHash);
    const request = await getRequest(tx, ctx, encodeId("request", requestId), "request.comment");
    if (await hasCommentOfEmail(tx, { requestId, authorId: ctx.meta.actorId, emailHash })) return false;
    // The comment belongs to the vendor of the same row, so an assignment at the same time does not show it to another one.
    if (audience === CommentAudience.PUBLIC && vendorId !== null && vendorId !== request.assigneeVendorId)
      throw new Conflict(
        "The assigned vendor has changed since this email was sent. Reply to a newer email, or comment in the application.",
      );
    await add(tx, ctx, request, { audience, text, mentioned: [], fileIds: [], emailHash });
    return true;
  });
}

/** Changes the text of the viewer's own comment, and keeps the earlier one. Of concurrent edits, one succeeds and the others fail with CONFLICT. */
export async function editRequestComment(ctx: Context, input: EditRequestCommentInput): Promise<RequestCommentPayload> {
  const id = decodeId("requestComment", input.id, "input.id");
  assertComment(input.text);
  const mentioned = input.mentionedUserIds ? await findMentioned(ctx, input.mentionedUserIds) : null;
  return ctx.inTenant(async (tx) => {
    const before = await getComment(tx, ctx.viewer, id);
    const request = await findRequestWithId(tx, ctx, before.requestId, "request.comment");
    if (request === null) throw new NotFound("RequestComment", input.id);
    if (before.authorId !== ctx.viewer.userId) throw new Forbidden("You can edit only your own comments.");
    assertVersion(before, input.expectedVersion);
    if (mentioned !== null) await assertReadable(tx, before, mentioned);
    const changes = { text: input.text, mentionedIds: mentioned === null ? before.mentionedIds : mentioned.map(idOf) };
    // First the guarded update: of concurrent edits, the others wait for its row and then find another version.
    if (!(await updateComment(tx, before, changes))) throw changedMeanwhile();
    await insertCommentVersion(tx, before);
    const after = await getComment(tx, ctx.viewer, id);
    await indexComment(tx, after);
    const added = after.mentionedIds.filter((userId) => !before.mentionedIds.includes(userId));
    await appendCommentEvent(tx, ctx, request, { type: "request.comment_edited", comment: after, mentionedIds: added });
    await writeAudit(tx, ctx.meta, [{ action: "request.editComment", entityType: "requestComment", entityId: id, before, after }]);
    return { comment: toRequestComment(after) };
  });
}

/**
 * Deletes a comment: its text, its earlier texts, its files, and the words by which it was found. The audit trail keeps that it was deleted, and by whom. Of
 * concurrent edits and deletions, one succeeds and the others fail with CONFLICT.
 */
export async function deleteRequestComment(ctx: Context, input: VersionedIdInput): Promise<RequestPayload> {
  const id = decodeId("requestComment", input.id, "input.id");
  const payload = await ctx.inTenant(async (tx) => {
    const before = await getComment(tx, ctx.viewer, id);
    const request = await findRequestWithId(tx, ctx, before.requestId, "request.comment");
    if (request === null) throw new NotFound("RequestComment", input.id);
    if (before.authorId !== ctx.viewer.userId && (await findRequestWithId(tx, ctx, before.requestId, "comment.delete")) === null)
      throw new Forbidden("You can delete only your own comments. Those of others require the permission comment.delete.");
    assertVersion(before, input.expectedVersion);
    if (!(await markDeleted(tx, before, ctx.meta.actorId))) throw changedMeanwhile();
    await emptyCommentVersions(tx, id);
    await detachFromComment(tx, ctx, id);
    await indexComment(tx, { ...before, text: "" });
    await appendCommentEvent(tx, ctx, request, { type: "request.comment_deleted", comment: before, mentionedIds: [] });
    await writeAudit(tx, ctx.meta, [
      { action: "request.deleteComment", entityType: "requestComment", entityId: id, before: withoutText(before), after: null },
    ]);
    return { request: toRequest(await getRequest(tx, ctx, encodeId("request", request.id), "request.read")) };
  });
  // A worker deletes the files.
  await wakeWorkers(ctx.services);
  return payload;
}

const withoutText = ({ text: _text, ...comment }: CommentRow): Omit<CommentRow, "text"> => comment;

type IndexedComment = Pick<CommentRow, "id" | "requestId" | "vendorId" | "text"> & { readonly audience: string };

/** Users who can read a comment find the request by its words. */
const indexComment = (tx: Tx, { id, requestId, audience, vendorId, text }: IndexedComment): Promise<void> =>
  indexText(tx, {
    objectType: "request",
    objectId: requestId,
    sourceId: id,
    audience: audience as CommentAudience,
    vendorId,
    text,
  });

type Wanted = Pick<CommentOnRequestInput, "audience" | "text"> & {
  readonly mentioned: readonly Mentioned[];
  readonly fileIds: readonly string[];
  readonly emailHash?: string;
};

async function add(tx: Tx, ctx: Context, request: RequestRow, { audience, text, mentioned, fileIds, emailHash }: Wanted): Promise<string> {
  if (audience === CommentAudience.INTERNAL && !(await isWorkedOnBy(tx, ctx.viewer, request.id))) {
    const message = "Only users of the organization who work on the request can write internal comments. Use the audience PUBLIC.";
    throw new BadUserInput([{ path: "input.audience", message }]);
  }
  const comment = {
    tenantId: request.tenantId,
    id: newId(),
    requestId: request.id,
    audience,
    vendorId: audience === CommentAudience.INTERNAL ? null : request.assigneeVendorId,
    authorId: ctx.meta.actorId,
    onBehalfOf: ctx.meta.onBehalfOf,
    text,
    mentionedIds: mentioned.map(idOf),
    ...(emailHash !== undefined && { emailHash }),
  };
  await assertReadable(tx, comment, mentioned);
  await insertComment(tx, comment);
  await attachToComment(tx, ctx, comment, fileIds);
  await indexComment(tx, comment);
  await appendCommentEvent(tx, ctx, request, { type: "request.commented", comment, mentionedIds: comment.mentionedIds });
  await writeAudit(tx, ctx.meta, [
    { action: "request.comment", entityType: "requestComment", entityId: comment.id, before: null, after: comment },
  ]);
  return comment.id;
}

interface CommentChange {
  readonly type: "request.commented" | "request.comment_edited" | "request.comment_deleted";
  readonly comment: Pick<CommentRow, "id" | "audience">;
  readonly mentionedIds: readonly string[];
}

async function appendCommentEvent(
  tx: Tx,
  ctx: Context,
  request: RequestRow,
  { type, comment, mentionedIds }: CommentChange,
): Promise<void> {
  await appendEvents(tx, ctx.meta, [
    {
      type,
      subjectId: request.id,
      subjectVersion: request.instanceVersion,
      related: { instance: request.instanceId, requestComment: comment.id },
      payload: { requestCommentId: comment.id, audience: comment.audience as CommentAudience, mentionedIds: [...mentionedIds] },
    },
  ]);
}

async function getComment(tx: Tx, viewer: Viewer, id: string): Promise<CommentRow> {
  const [row] = await findComments(tx, viewer, [id]);
  if (row === undefined) throw new NotFound("RequestComment", encodeId("requestComment", id));
  return row;
}

function assertComment(text: string): void {
  const problems = textProblems("input.text", text, bounds);
  if (problems.length > 0) throw new BadUserInput(problems);
}

function assertVersion({ version }: CommentRow, expected: number | null | undefined): void {
  if (expected !== null && expected !== undefined && expected !== version)
    throw new Conflict(`The comment has version ${version}, not ${expected}. Read it again.`, { currentVersion: version });
}

const changedMeanwhile = () => new Conflict("The comment was edited or deleted in the meantime. Read it again.");

/** A user to mention. The viewer is null if there is no such active user. */
interface Mentioned {
  readonly id: string;
  readonly path: string;
  readonly viewer: Viewer | null;
}

const idOf = ({ id }: Mentioned): string => id;

/** Reads the rights of the mentioned users. Before the write transaction, because it needs another connection. */
async function findMentioned(ctx: Context, userIds: readonly string[]): Promise<Mentioned[]> {
  if (userIds.length > maxMentioned) {
    const message = `A comment can mention at most ${maxMentioned} users, not ${userIds.length}.`;
    throw new BadUserInput([{ path: "input.mentionedUserIds", message }]);
  }
  const { tenantId, sessionId } = ctx.viewer;
  const paths = new Map(userIds.map((id, at) => [decodeId("user", id, `input.mentionedUserIds.${at}`), `input.mentionedUserIds.${at}`]));
  const found: Mentioned[] = [];
  for (const [id, path] of paths)
    found.push({ id, path, viewer: await viewerOfUser(ctx.services.databases.auth, { tenantId, userId: id, sessionId }) });
  return found;
}

/** One message for users who do not exist and those who cannot read the comment, so that IDs cannot be tried out. */
async function assertReadable(
  tx: Tx,
  comment: Pick<CommentRow, "requestId" | "audience" | "vendorId">,
  mentioned: readonly Mentioned[],
): Promise<void> {
  const problems = [];
  for (const { path, viewer } of mentioned) {
    if (viewer === null || !(await isReadableBy(tx, viewer, comment)))
      problems.push({ path, message: "There is no such user who can read the comment." });
  }
  if (problems.length > 0) throw new BadUserInput(problems);
}

async function isReadableBy(
  tx: Tx,
  viewer: Viewer,
  { requestId, audience, vendorId }: Pick<CommentRow, "requestId" | "audience" | "vendorId">,
): Promise<boolean> {
  if (viewer.vendorId !== null && vendorId !== null && vendorId !== viewer.vendorId) return false;
  if (audience === CommentAudience.INTERNAL && !(await isWorkedOnBy(tx, viewer, requestId))) return false;
  return isVisibleTo(tx, viewer, requestId);
}
