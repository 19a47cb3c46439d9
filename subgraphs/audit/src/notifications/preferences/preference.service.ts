import { BadUserInput, quote, Unauthenticated } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf, notificationKinds } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { TokenInput } from "@weft/api/inputs";
import { findKindsOfMessage, readTenantTime } from "../deliveries/delivery.store.js";
import { ALL, channels, type NotificationConfig, preferenceOf, quietTimesOf } from "./effective.js";
import type { UnsubscribeFromNotificationsPayload } from "./preference.input.js";
import {
  findPreferences,
  findTimeZone,
  lockPreferences,
  type PreferenceChange,
  type PreferenceRow,
  writePreferences,
} from "./preference.store.js";
import type { NotificationKind } from "../notification.type.js";
import { NotificationPreferences, type NotificationPreferenceInput, type UpdateNotificationPreferencesInput } from "./preference.type.js";
import { unsubscribeTokens } from "./unsubscribe-tokens.js";

const MAX_CHANGES = 200;
const MAX_SNOOZE_MS = 366 * 86_400_000;
const timePattern = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

/** Returns what applies to the viewer. */
export async function readPreferences(ctx: Context): Promise<NotificationPreferences> {
  const config = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  return ctx.read((tx) => preferencesIn(tx, ctx.viewer.userId, config));
}

async function preferencesIn(tx: Tx, userId: string, config: NotificationConfig): Promise<NotificationPreferences> {
  const rows = await findPreferences(tx, userId);
  return Object.assign(new NotificationPreferences(), {
    preferences: notificationKinds.flatMap((kind) => channels.map((channel) => preferenceOf(rows, { kind, channel }, config))),
    ...quietTimesOf(rows),
    timeZone: (await findTimeZone(tx, userId)) ?? config.timeZone,
  });
}

/** Changes the preferences of the viewer. @throws BadUserInput for turning off what is mandatory, and for invalid times */
export async function updatePreferences(ctx: Context, input: UpdateNotificationPreferencesInput): Promise<NotificationPreferences> {
  const { tenantId, userId } = ctx.viewer;
  const config = await effectiveConfigOf(ctx.services, tenantId);
  return ctx.inTenant(async (tx) => {
    const changes = [...choicesOf(input.preferences ?? [], config), ...timesOf(input, Date.parse(await readTenantTime(tx)))];
    await change(tx, ctx.meta, { userId, changes, action: "user.updateNotificationPreferences" });
    return preferencesIn(tx, userId, config);
  });
}

async function change(
  tx: Tx,
  meta: WriteMeta,
  { userId, changes, action }: { readonly userId: string; readonly changes: readonly PreferenceChange[]; readonly action: string },
): Promise<void> {
  if (changes.length === 0) return;
  await lockPreferences(tx, userId);
  const before = imageOf(await findPreferences(tx, userId));
  await writePreferences(tx, { tenantId: meta.tenantId, userId }, changes);
  const after = imageOf(await findPreferences(tx, userId));
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await appendEvents(tx, meta, [{ type: "notification.preferences_changed", subjectId: userId, subjectVersion: 1, payload: { userId } }]);
  await writeAudit(tx, meta, [
    {
      action,
      entityType: "user",
      entityId: userId,
      before: { notificationPreferences: before },
      after: { notificationPreferences: after },
    },
  ]);
}

/** Returns the choices as an audit entry shows them, in a fixed order. */
const imageOf = (rows: readonly PreferenceRow[]) =>
  rows
    .map(({ kind, channel, isEnabled, digest, quietFrom, quietTo, snoozedUntil }) => ({
      kind,
      channel,
      isEnabled,
      digest,
      quietFrom,
      quietTo,
      snoozedUntil: snoozedUntil === null ? null : new Date(snoozedUntil).toISOString(),
    }))
    .toSorted((a, b) => (`${a.kind} ${a.channel}` < `${b.kind} ${b.channel}` ? -1 : 1));

function choicesOf(given: readonly NotificationPreferenceInput[], { notifications }: NotificationConfig): PreferenceChange[] {
  if (given.length > MAX_CHANGES)
    throw new BadUserInput([
      { path: "input.preferences", message: `There are ${given.length} choices. At most ${MAX_CHANGES} are allowed.` },
    ]);
  const seen = new Set<string>();
  return given.map(({ kind, channel, isEnabled, digest }, at) => {
    const path = `input.preferences.${at}`;
    const refuse = (field: string, message: string): never => {
      throw new BadUserInput([{ path: `${path}.${field}`, message }]);
    };
    const key = `${kind ?? ALL} ${channel}`;
    if (seen.has(key)) refuse("kind", "This kind and channel is already in the list.");
    seen.add(key);
    if (channel !== "EMAIL" && digest !== undefined && digest !== null) refuse("digest", "Only emails can be bundled.");
    if (kind && channel === "EMAIL" && isEnabled === false && notifications.mandatoryEmailKinds.includes(kind))
      refuse("isEnabled", `Your organization requires emails of the kind ${kind}.`);
    return {
      kind: kind ?? ALL,
      channel,
      ...(isEnabled !== undefined && { isEnabled }),
      ...(digest !== undefined && channel === "EMAIL" && { digest }),
    };
  });
}

function timesOf({ quietHours, snoozedUntil }: UpdateNotificationPreferencesInput, now: number): PreferenceChange[] {
  if (quietHours) {
    for (const [name, time] of Object.entries(quietHours))
      if (!timePattern.test(String(time)))
        throw new BadUserInput([
          { path: `input.quietHours.${name}`, message: `${quote(String(time))} is not a valid time. Use HH:MM, for example 22:00.` },
        ]);
    if (quietHours.from === quietHours.to)
      throw new BadUserInput([{ path: "input.quietHours.to", message: "Quiet hours must end at another time than they begin." }]);
  }
  if (snoozedUntil && Date.parse(snoozedUntil) > now + MAX_SNOOZE_MS)
    throw new BadUserInput([{ path: "input.snoozedUntil", message: "A snooze can last at most one year." }]);
  if (quietHours === undefined && snoozedUntil === undefined) return [];
  return [
    {
      kind: ALL,
      channel: ALL,
      ...(quietHours !== undefined && { quietFrom: quietHours?.from ?? null, quietTo: quietHours?.to ?? null }),
      ...(snoozedUntil !== undefined && { snoozedUntil }),
    },
  ];
}

/**
 * Turns off the kinds of an email that are not mandatory, for the recipient of the link. Repeating it changes nothing.
 * @throws Unauthenticated for every invalid link
 */
export async function unsubscribe(ctx: Context, { token }: TokenInput): Promise<UnsubscribeFromNotificationsPayload> {
  const { databases, keys, keyring } = ctx.services;
  const ref = unsubscribeTokens.read(keys.refresh, token);
  if (ref === null) throw linkRefused();
  const { tenantId } = ref;
  const { notifications } = await effectiveConfigOf(ctx.services, tenantId);
  return asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const found = await findKindsOfMessage(tx, ref.id);
    if (found === null) throw linkRefused();
    const { userId } = found;
    const kinds = found.kinds.filter((kind) => !notifications.mandatoryEmailKinds.includes(kind as NotificationKind)) as NotificationKind[];
    const { requestId, address } = ctx;
    const meta = { tenantId, actorId: userId, onBehalfOf: null, sessionId: null, requestId, address, traceId: null, keyring };
    const changes = kinds.map((kind) => ({ kind, channel: "EMAIL", isEnabled: false }));
    await change(tx, meta, { userId, changes, action: "user.unsubscribeFromNotifications" });
    return { kinds };
  });
}

const linkRefused = (): Unauthenticated => new Unauthenticated("This link is invalid or has expired. Log in to change your notifications.");
