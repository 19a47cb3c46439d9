import { type EffectiveConfig, effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { type Channel, preferenceOf, timetableOf } from "../preferences/effective.js";
import { findRecipients } from "../preferences/preference.store.js";
import type { NotificationKind } from "../notification.type.js";
import {
  dueDeliveryRows,
  findReceiverToNotify,
  findRecentMessages,
  lockDueDeliveries,
  makeMessage,
  postponeDeliveries,
} from "./bundle.store.js";
import { type DeliveryRow, endDeliveries, readTenantTime } from "./delivery.store.js";
import { dueTime, nextSlot } from "./due-time.js";

/** Notifications in one message. More become a second one. */
const LONGEST_MESSAGE = 100;

/** Nobody expects a delivery that was due longer ago. Those of a restored backup may have been sent already. */
const MAX_DELAY_MS = 86_400_000;

/** Reasons that a delivery shows. */
export const reasons = {
  inactive: "The user is not active.",
  noTeam: "The team was deleted.",
  hidden: "The user can no longer see what it is about.",
  deleted: "What it is about was deleted.",
  turnedOff: "The user has turned this kind off.",
  quiet: "Waits for the end of the quiet hours or of the snooze.",
  limitOfPerson: "Waits, because the user has got too many messages.",
  limitOfChat: "Waits, because the chat has got too many messages.",
  limitOfTenant: "The organization has sent too many messages within 24 hours.",
  old: "It was not sent within a day.",
} as const;

/**
 * Makes messages of due deliveries, as a source of due work, by the tenant's clock. All notifications that are due for a receiver at the same time become one
 * message. A message and the end of the waiting of its deliveries are one transaction, so each delivery is in at most one message.
 */
export function dueDeliveries({ databases, pubsub, log }: Pick<Services, "databases" | "pubsub" | "log">) {
  return {
    name: "notificationDeliveries",
    ...dueDeliveryRows,
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      const config = await effectiveConfigOf({ databases, pubsub, log }, tenantId);
      let done = 0;
      while (done < limit && !signal.aborted) {
        const bundled = await asTenant(databases.app, { tenantId }, "write", (tx) => bundleOne(tx, config));
        if (bundled === 0) break;
        done += bundled;
      }
      return done;
    },
  };
}

/** Handles the due deliveries of one receiver. Returns their number. */
async function bundleOne(tx: Tx, config: EffectiveConfig): Promise<number> {
  const receiver = await findReceiverToNotify(tx);
  if (receiver === null) return 0;
  const { userId } = receiver;
  const channel = receiver.channel as Channel;
  const due = await lockDueDeliveries(tx, receiver, LONGEST_MESSAGE);
  // Nobody's preferences and quiet hours apply to the chat of a team.
  const recipient = userId === null ? null : (await findRecipients(tx, [userId])).get(userId);
  if (recipient === undefined) {
    await endDeliveries(tx, idsOf(due), { status: "CANCELLED", reason: reasons.inactive });
    return due.length;
  }
  const now = Date.parse(await readTenantTime(tx));
  const isOld = ({ dueAt }: DeliveryRow): boolean => dueAt !== null && Date.parse(dueAt) < now - MAX_DELAY_MS;
  await endDeliveries(tx, idsOf(due.filter(isOld)), { status: "SUPPRESSED", reason: reasons.old });
  const timely = due.filter((one) => !isOld(one));
  const isWanted = ({ kind, isMandatory }: DeliveryRow): boolean => {
    if (recipient === null) return true;
    const { isEnabled, source } = preferenceOf(recipient.rows, { kind: kind as NotificationKind, channel }, config);
    // The organization's default does not apply to rules, which have channels of their own.
    return isMandatory || isEnabled || (kind === "RULE" && source === "ORGANIZATION");
  };
  const wanted = timely.filter(isWanted);
  const unwanted = timely.filter((one) => !isWanted(one));
  await endDeliveries(tx, idsOf(unwanted), { status: "CANCELLED", reason: reasons.turnedOff });
  const [first, ...others] = idsOf(wanted);
  if (first === undefined) return due.length;
  // The quiet hours or the snooze can have been set since the notification was queued.
  const awake = recipient === null ? now : dueTime(now, timetableOf(recipient, config, "NONE"));
  const { emailsPerUserAndHour: perHour, emailsPerDay, smsPerDay } = config.notifications;
  const perDay = channel === "SMS" ? smsPerDay : emailsPerDay;
  const recent = await findRecentMessages(tx, receiver);
  const slot = nextSlot(now, recent.ofPerson, { perHour });
  if (awake > now) await postpone(tx, wanted, awake, reasons.quiet);
  else if (recent.ofTenant >= perDay) await endDeliveries(tx, idsOf(wanted), { status: "SUPPRESSED", reason: reasons.limitOfTenant });
  else if (slot > now) await postpone(tx, wanted, slot, recipient === null ? reasons.limitOfChat : reasons.limitOfPerson);
  else await makeMessage(tx, [first, ...others]);
  return due.length;
}

const idsOf = (rows: readonly DeliveryRow[]): string[] => rows.map(({ id }) => id);

const postpone = (tx: Tx, rows: readonly DeliveryRow[], at: number, reason: string): Promise<void> =>
  postponeDeliveries(tx, idsOf(rows), { dueAt: new Date(at).toISOString(), reason });
