import type { EventEnvelope } from "@weft/shared/event-catalog";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { viewersOfUsers } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { type NotificationConfig, type Preference, preferenceOf, timetableOf } from "../preferences/effective.js";
import { findRecipients, type Recipient } from "../preferences/preference.store.js";
import type { NotificationKind } from "../notification.type.js";
import type { NoticeOfRule } from "../notices/notice.js";
import { demandOf, whoCanKnow } from "../rules/visibility.js";
import { insertDeliveries, type DeliveredNotice } from "./delivery.store.js";
import { dueTime } from "./due-time.js";

/** What the queue needs to know which notifications leave the app. */
export type DeliveryServices = Pick<Services, "databases" | "pubsub" | "log"> & {
  /** Whether this installation can send email. Otherwise nothing is queued. */
  readonly sendsMail: boolean;
  /** Whether it can send text messages. */
  readonly sendsTexts?: boolean;
};

/** The recipients of the notices of an event, and what applies to them. */
export interface Audience {
  readonly recipients: ReadonlyMap<string, Recipient>;
  readonly config: NotificationConfig;
  readonly sendsMail: boolean;
  readonly sendsTexts: boolean;
}

/** Reads the preferences of the users, with one statement. */
export async function audienceOf(
  tx: Tx,
  services: DeliveryServices,
  { tenantId, userIds }: { readonly tenantId: string; readonly userIds: readonly string[] },
): Promise<Audience> {
  const config = await effectiveConfigOf(services, tenantId);
  return { recipients: await findRecipients(tx, userIds), config, sendsMail: services.sendsMail, sendsTexts: services.sendsTexts ?? false };
}

/** Returns whether a user gets a kind in the app, or the notifications of a rule. */
export function isShown({ recipients, config }: Audience, userId: string, kind: NotificationKind, rule?: NoticeOfRule): boolean {
  const { isEnabled } = preferenceOf(recipients.get(userId)?.rows ?? [], { kind, channel: "IN_APP" }, config);
  return rule === undefined ? isEnabled : rule.channels.includes("IN_APP") && (rule.isMandatory || isEnabled);
}

/** Returns whether a kind, or the notifications of a rule, are sent in a channel. The channels of a rule take the place of the organization's default. */
export function isSent({ channel, isEnabled, source }: Preference, rule?: NoticeOfRule): boolean {
  if (rule === undefined) return isEnabled;
  return rule.channels.includes(channel) && (rule.isMandatory || isEnabled || source === "ORGANIZATION");
}

/** Queues what leaves the app of new notifications, in the transaction that created them: an email, and a message to each destination. */
export async function queueDeliveries(
  tx: Tx,
  { recipients, config, ...sends }: Audience,
  { event, services, rule, ...notice }: QueuedNotice,
  inserted: readonly { readonly id: string; readonly userId: string }[],
): Promise<void> {
  const occurredAt = Date.parse(notice.createdAt);
  const deliveries = inserted.flatMap(({ id, userId }) => {
    const recipient = recipients.get(userId);
    if (recipient === undefined) return [];
    return receiversOf(recipient, sends).flatMap(({ channel, destinationId }) => {
      const preference = preferenceOf(recipient.rows, { kind: notice.kind, channel }, config);
      if (!isSent(preference, rule)) return [];
      const due = dueTime(occurredAt, timetableOf(recipient, config, preference.digest));
      const dueAt = due === occurredAt ? notice.createdAt : new Date(due).toISOString();
      return [{ notificationId: id, userId, channel, destinationId, dueAt }];
    });
  });
  if (deliveries.length === 0) return;
  const knowing = await knowingAmong(tx, services, { event, rule }, [...new Set(deliveries.map(({ userId }) => userId))]);
  const required = { ...notice, isMandatory: rule?.isMandatory ?? false, requiredAccess: demandOf(event) };
  await insertDeliveries(
    tx,
    required,
    deliveries.map((one) => ({ ...one, isChecked: knowing.has(one.userId) })),
  );
}

/** Returns where the notifications of a person can be sent outside the app. */
const receiversOf = ({ destinations }: Recipient, { sendsMail, sendsTexts }: Pick<Audience, "sendsMail" | "sendsTexts">) => [
  ...(sendsMail ? [{ channel: "EMAIL" as const, destinationId: null }] : []),
  ...destinations.filter(({ channel }) => sendsTexts || channel !== "SMS").map(({ id, channel }) => ({ channel, destinationId: id })),
];

/** What is the same for all deliveries of a notice. */
interface QueuedNotice extends Omit<DeliveredNotice, "isMandatory" | "requiredAccess"> {
  readonly event: EventEnvelope;
  readonly services: DeliveryServices;
  readonly kind: NotificationKind;
  readonly rule?: NoticeOfRule | undefined;
}

/**
 * Returns those of the users who can read what the event is about now, and must still be able to do so when it is sent. Definitions can notify users who cannot
 * read the workflow: these are told all the same.
 */
async function knowingAmong(
  tx: Tx,
  { databases }: DeliveryServices,
  { event, rule }: Pick<QueuedNotice, "event" | "rule">,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  // Rules notify only users who can read it.
  if (rule !== undefined) return new Set(userIds);
  const viewers = await viewersOfUsers(databases.auth, { tenantId: event.tenantId, userIds, sessionId: event.id });
  return whoCanKnow(tx, event, [...viewers.values()]);
}
