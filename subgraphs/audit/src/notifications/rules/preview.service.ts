import { NotFound } from "@weft/shared/errors";
import { type EventEnvelope, isTriggering } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { findEvent } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { isSent, isShown } from "../deliveries/queue.js";
import { channels, preferenceOf } from "../preferences/effective.js";
import { findRecipients } from "../preferences/preference.store.js";
import { toTeamDestination } from "../destinations/team-destination.type.js";
import { applyRule, MAX_RECIPIENTS, whyNot } from "./apply.js";
import type { NotificationRulePreview, NotificationRulePreviewRecipient } from "./preview.type.js";
import type { RuleRow } from "./rule.store.js";
import { newTerms, readTerms } from "./terms.js";
import type { NotificationRuleDraftInput } from "./rule.type.js";

const nothing = { title: null, body: null, recipients: [], excluded: [], teamDestinations: [], recipientCount: 0, isCut: false };

/** Returns what a draft would do with an event. Writes and sends nothing. @throws NotFound (the event), BadUserInput (the draft) */
export async function previewNotificationRule(
  ctx: Context,
  input: NotificationRuleDraftInput,
  id: string,
): Promise<NotificationRulePreview> {
  const eventId = decodeId("event", id, "eventId");
  const config = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  return ctx.read(async (tx) => {
    const terms = await readTerms(tx, newTerms, input);
    const event = await getEvent(tx, eventId);
    const rule: RuleRow = {
      ...terms,
      tenantId: ctx.viewer.tenantId,
      id: newId(),
      ownerId: ctx.viewer.userId,
      version: 1,
      afterPosition: 0,
      lastCutAt: null,
      lastCutCount: null,
      createdAt: "",
      updatedAt: "",
    };
    const reasons = whyNot(rule, event);
    if (reasons.length > 0) return { ...nothing, isMatch: false, reasons };
    const { notice, body, chats, excluded, count } = await applyRule(tx, ctx.services.databases, { rule, event });
    const audience = { recipients: await findRecipients(tx, notice.userIds), config, sendsMail: true, sendsTexts: true };
    const recipients = notice.userIds.map((userUuid): NotificationRulePreviewRecipient => {
      const known = audience.recipients.get(userUuid);
      const isInApp = isShown(audience, userUuid, "RULE", notice.rule);
      const reached = channels.filter((channel) => {
        if (channel === "IN_APP") return isInApp;
        if (known === undefined || (channel !== "EMAIL" && !known.destinations.some((one) => one.channel === channel))) return false;
        return isSent(preferenceOf(known.rows, { kind: "RULE", channel }, config), notice.rule);
      });
      return { userUuid, channels: reached };
    });
    return {
      isMatch: true,
      reasons: [],
      title: notice.title,
      body: body === "" ? null : body,
      recipients,
      excluded: excluded.map((userUuid) => ({ userUuid, reason: "The user is not active, or cannot see what the event is about." })),
      teamDestinations: chats.map(toTeamDestination),
      recipientCount: count,
      isCut: count > MAX_RECIPIENTS,
    };
  });
}

async function getEvent(tx: Tx, id: string): Promise<EventEnvelope> {
  const event = await findEvent(tx, id);
  // Internal events are shown to nobody.
  if (!event || !isTriggering(event.type)) throw new NotFound("Event", encodeId("event", id));
  return event;
}
