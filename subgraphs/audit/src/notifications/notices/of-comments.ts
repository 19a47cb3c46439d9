import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { isUuid } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { usersOfVendor, usersWhoCanSee, watchersOf, workText } from "@weft/platform/directory";
import { findInvolved, type Involved } from "../instance-owner.store.js";
import type { Notice } from "./notice.js";
import { workByRecipients } from "./work-by-recipients.js";

type Commented = EventPayload<"request.commented">;

/**
 * Notifies the mentioned users of a comment on a request, and of a new comment also the users who follow the request. The text of the comment is only in the comment
 * itself, which is read under the rights of that moment. Substitutes are not notified: they see the request where they work.
 */
export async function noticesOfComment(tx: Tx, event: EventEnvelope): Promise<Notice[]> {
  const { audience, mentionedIds, requestCommentId } = event.payload as Commented;
  const instanceId = event.related["instance"];
  if (!isUuid(instanceId)) return [];
  const involved = await findInvolved(tx, instanceId);
  const mentioned = mentionedIds.filter((id) => id !== event.actorId);
  const followers =
    event.type === "request.commented" && involved !== null ? await followersOf(tx, event.subjectId, involved, audience) : [];
  const others = followers.filter((id) => id !== event.actorId && !mentioned.includes(id));
  const known = await usersWhoCanSee(tx, [...new Set([...mentioned, ...others])], instanceId);
  if (known.length === 0) return [];
  const what = audience === "INTERNAL" ? "internal comment" : "comment";
  const about = { subject: { type: "requestComment", id: requestCommentId }, params: { audience } };
  const split = await workByRecipients(tx, { related: { request: event.subjectId }, instanceId }, known);
  return split.flatMap(({ work, userIds: recipientIds }) => {
    const on = work === null ? "a request" : workText(work);
    const notices = [
      {
        ...about,
        kind: "REQUEST_MENTION" as const,
        title: `You were mentioned in ${audience === "INTERNAL" ? "an" : "a"} ${what} on ${on}`,
        userIds: mentioned,
      },
      { ...about, kind: "REQUEST_COMMENT" as const, title: `New ${what} on ${on}`, userIds: others },
    ];
    return notices.flatMap((notice) => {
      const userIds = recipientIds.filter((id) => notice.userIds.includes(id));
      return userIds.length > 0 ? [{ ...notice, userIds }] : [];
    });
  });
}

/** Of an internal comment, only the assignee and the watchers who work on the request are notified. */
async function followersOf(
  tx: Tx,
  requestId: string,
  { ownerId, assigneeUserId, assigneeVendorId }: Involved,
  audience: Commented["audience"],
): Promise<string[]> {
  const followers = [...(assigneeUserId === null ? [] : [assigneeUserId]), ...(await watchersOf(tx, requestId, audience))];
  if (audience === "INTERNAL") return followers;
  const ofVendor = assigneeVendorId === null ? [] : await usersOfVendor(tx, [assigneeVendorId]);
  return [...(ownerId === null ? [] : [ownerId]), ...followers, ...ofVendor];
}
