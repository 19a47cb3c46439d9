/** What applies to a person: their own choice, or that of the organization. Pure. */
import type { EffectiveConfig, NotificationKindName } from "@weft/platform/configuration";
import type { Digest, QuietHours, Timetable } from "../deliveries/due-time.js";
import type { PreferenceRow } from "./preference.store.js";

export type Channel = "IN_APP" | "EMAIL" | "CHAT" | "WEB_PUSH" | "SMS";
export const channels: readonly Channel[] = ["IN_APP", "EMAIL", "CHAT", "WEB_PUSH", "SMS"];
/** Row of all kinds, or of all channels. */
export const ALL = "ALL";

/** Origin of a value: the organization requires it, the user chose it for the kind or for all kinds, or the organization's default. */
export type Source = "MANDATORY" | "KIND" | "ALL_KINDS" | "ORGANIZATION";

export interface Preference {
  readonly kind: NotificationKindName;
  readonly channel: Channel;
  readonly isEnabled: boolean;
  readonly source: Source;
  readonly isMandatory: boolean;
  readonly digest: Digest;
  readonly digestSource: Exclude<Source, "MANDATORY">;
}

export type NotificationConfig = Pick<EffectiveConfig, "notifications" | "timeZone">;

/** Returns what applies to a kind and channel. */
export function preferenceOf(
  rows: readonly PreferenceRow[],
  { kind, channel }: { readonly kind: NotificationKindName; readonly channel: Channel },
  { notifications: config }: NotificationConfig,
): Preference {
  const row = (of: string) => rows.find((one) => one.kind === of && one.channel === channel);
  const chosen = <T>(pick: (one: PreferenceRow) => T | null, fallback: T): [T, "KIND" | "ALL_KINDS" | "ORGANIZATION"] => {
    const [own, all] = [row(kind), row(ALL)].map((one) => (one === undefined ? null : pick(one)));
    if (own !== null && own !== undefined) return [own, "KIND"];
    if (all !== null && all !== undefined) return [all, "ALL_KINDS"];
    return [fallback, "ORGANIZATION"];
  };
  const isMail = channel === "EMAIL";
  const isMandatory = isMail && config.mandatoryEmailKinds.includes(kind);
  // Text messages cost money, so users turn on what they want.
  const [isChosen, source] = chosen(({ isEnabled }) => isEnabled, isMail ? config.emailKinds.includes(kind) : channel !== "SMS");
  const [digest, digestSource] = chosen<Digest>((one) => one.digest as Digest | null, isMail ? config.emailDigest : "NONE");
  return { kind, channel, isMandatory, digest, digestSource, ...(isMandatory ? mandatory : { isEnabled: isChosen, source }) };
}

const mandatory = { isEnabled: true, source: "MANDATORY" } as const;

/** Returns the quiet hours and the snooze of a person. */
export function quietTimesOf(rows: readonly PreferenceRow[]): { quietHours: QuietHours | null; snoozedUntil: string | null } {
  const row = rows.find(({ channel }) => channel === ALL);
  const { quietFrom: from = null, quietTo: to = null, snoozedUntil = null } = row ?? {};
  return { quietHours: from === null || to === null ? null : { from, to }, snoozedUntil };
}

/** Returns the timetable of a person's emails. */
export function timetableOf(
  { timeZone, rows }: { readonly timeZone: string | null; readonly rows: readonly PreferenceRow[] },
  config: NotificationConfig,
  digest: Digest,
): Timetable {
  const { quietHours, snoozedUntil } = quietTimesOf(rows);
  return {
    timeZone: timeZone ?? config.timeZone,
    digest,
    digestHour: config.notifications.digestHour,
    quietHours,
    snoozedUntil: snoozedUntil === null ? null : Date.parse(snoozedUntil),
  };
}
