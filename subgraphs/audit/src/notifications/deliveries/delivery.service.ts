import { Conflict, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { makeMessage } from "./bundle.store.js";
import { type DeliveryRow, findDelivery, lockDelivery, lockMessage } from "./delivery.store.js";
import { readyAgain } from "./message.store.js";
import { deleteSuppressions, findAddressee } from "./send.store.js";

/** Statuses of deliveries that can be sent again. */
export const resendable: ReadonlySet<string> = new Set(["FAILED", "UNKNOWN", "SUPPRESSED", "BOUNCED"]);

/**
 * Sends the message of a delivery again: all notifications of it that were not sent. The recipient, their address and what they can see are checked again.
 * @throws NotFound, Conflict for a delivery that was sent, waits or was cancelled
 */
export async function resendDelivery(ctx: Context, input: IdInput): Promise<DeliveryRow> {
  const id = decodeId("notificationDelivery", input.id, "input.id");
  const after = await ctx.inTenant(async (tx) => {
    const found = await findDelivery(tx, id);
    if (found === null) throw new NotFound("NotificationDelivery", input.id);
    // The whole message first, in the order in which other processes lock it.
    if (found.messageId !== null) await lockMessage(tx, found.messageId);
    const before = (await lockDelivery(tx, id)) ?? found;
    if (!resendable.has(before.status))
      throw new Conflict(
        `The delivery is ${before.status}. Only deliveries that are FAILED, UNKNOWN, SUPPRESSED or BOUNCED can be resent.`,
      );
    if (before.messageId === null) await makeMessage(tx, [id]);
    else await readyAgain(tx, before.messageId);
    const resent = (await findDelivery(tx, id)) ?? before;
    const { userId, teamId } = resent;
    const receiver = {
      related: { ...(userId !== null && { user: userId }), ...(teamId !== null && { team: teamId }) },
      payload: { ...(userId !== null && { userId }), ...(teamId !== null && { teamId }) },
    };
    await appendEvents(tx, ctx.meta, [{ type: "notificationDelivery.resent", subjectId: id, subjectVersion: 1, ...receiver }]);
    await writeAudit(tx, ctx.meta, [
      {
        action: "notificationDelivery.resend",
        entityType: "notificationDelivery",
        entityId: id,
        before: imageOf(before),
        after: imageOf(resent),
      },
    ]);
    return resent;
  });
  wakeMailSender(ctx.services);
  return after;
}

/** What a delivery says, and what a server has answered, is no part of the audit log, which is never erased. */
const imageOf = ({ title: _title, body: _body, lastError: _lastError, ...row }: DeliveryRow) => row;

/** Allows emails to the addresses of a user again that a mail server has refused. Returns their number. Repeating it changes nothing. */
export async function liftSuppression(ctx: Context, input: IdInput): Promise<number> {
  const userId = decodeId("user", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    if ((await findAddressee(tx, userId)) === null) throw new NotFound("User", input.id);
    const count = await deleteSuppressions(tx, userId);
    if (count === 0) return 0;
    await appendEvents(tx, ctx.meta, [
      { type: "notification.suppression_lifted", subjectId: userId, subjectVersion: 1, payload: { userId } },
    ]);
    await writeAudit(tx, ctx.meta, [
      {
        action: "user.liftMailSuppression",
        entityType: "user",
        entityId: userId,
        before: { isMailSuppressed: true },
        after: { isMailSuppressed: false },
      },
    ]);
    return count;
  });
}
