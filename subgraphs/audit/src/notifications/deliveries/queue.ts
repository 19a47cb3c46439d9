import { effectiveConfigOf, type Services, type Tx } from "@weft/shared";
import { type NotificationConfig, type Preference, preferenceOf, timetableOf } from "../preferences/effective.js";
import { findRecipients, type Recipient } from "../preferences/preference.store.js";
import type { NotificationKind } from "../notification.type.js";
import type { NoticeOfRule } from "../notices/notice.js";
import { insertDeliveries, type DeliveredNotice } from "./delivery.store.js";
import { dueTime } from "./due-time.js";

/** What the queue needs to know which notifications leave the app. */
export type DeliveryServices = Pick<Services, "databases" | "pubsub" | "log"> & {
  /** Whether this installation can send email. Otherwise nothing is queued. */
  readonly sendsMail: boolean;
};

/** The recipients of the notices of an event, and what applies to them. */
export interface Audience {
  readonly recipients: ReadonlyMap<string, Recipient>;
  readonly config: NotificationConfig;
  readonly sendsMail: boolean;
}

/** Reads the preferences of the users, with one statement. */
export async function audienceOf(
  tx: Tx,
  services: DeliveryServices,
  { tenantId, userIds }: { readonly tenantId: string; readonly userIds: readonly string[] },
): Promise<Audience> {
  const config = await effectiveConfigOf(services, tenantId);
  return { recipients: await findRecipients(tx, userIds), config, sendsMail: services.sendsMail };
}

/** Returns whether a user gets a kind in the app, or the notifications of a rule. */
export function isShown({ recipients, config }: Audience, userId: string, kind: NotificationKind, rule?: NoticeOfRule): boolean {
  const { isEnabled } = preferenceOf(recipients.get(userId)?.rows ?? [], { kind, channel: "IN_APP" }, config);
  return rule === undefined ? isEnabled : rule.channels.includes("IN_APP") && (rule.isMandatory || isEnabled);
}

/** Returns whether a user gets a kind by email, or the notifications of a rule. The channels of a rule take the place of the organization's default. */
export function isMailed({ isEnabled, source }: Preference, rule?: NoticeOfRule): boolean {
  if (rule === undefined) return isEnabled;
  return rule.channels.includes("EMAIL") && (rule.isMandatory || isEnabled || source === "ORGANIZATION");
}

/** Queues the emails of new notifications, in the transaction that created them. */
export async function queueDeliveries(
  tx: Tx,
  { recipients, config, sendsMail }: Audience,
  { rule, ...notice }: DeliveredNotice & { readonly kind: NotificationKind; readonly rule?: NoticeOfRule | undefined },
  inserted: readonly { readonly id: string; readonly userId: string }[],
): Promise<void> {
  if (!sendsMail) return;
  const occurredAt = Date.parse(notice.createdAt);
  const deliveries = inserted.flatMap(({ id, userId }) => {
    const recipient = recipients.get(userId);
    if (recipient === undefined) return [];
    const preference = preferenceOf(recipient.rows, { kind: notice.kind, channel: "EMAIL" }, config);
    if (!isMailed(preference, rule)) return [];
    const due = dueTime(occurredAt, timetableOf(recipient, config, preference.digest));
    return [{ notificationId: id, userId, dueAt: due === occurredAt ? notice.createdAt : new Date(due).toISOString() }];
  });
  await insertDeliveries(tx, { ...notice, isMandatory: rule?.isMandatory ?? false }, deliveries);
}
