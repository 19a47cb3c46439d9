import type { NotificationChannel, NotificationPreferenceInput, UpdateNotificationPreferencesInput } from "../../gql/graphql";
import type { Preferences } from "./preference-operations";

/** A change of the preferences, as the API takes it. */
export type Change = UpdateNotificationPreferencesInput;
type Choice = Preferences["preferences"][number];

/** Returns the choice that a change gives a row; undefined if the row has none there. */
const choiceFor = ({ kind, channel }: Choice, { preferences }: Change): NotificationPreferenceInput | undefined =>
  preferences?.find((one) => one.channel === channel && one.kind === kind);

/** Returns the preferences as they will be. What the server must say stays as it is until then. */
export function withChange(before: Preferences, change: Change): Preferences {
  const preferences = before.preferences.map((row) => {
    const isFree = (source: string): boolean => source === "ORGANIZATION" || source === "ALL_KINDS";
    const own = choiceFor(row, change);
    const ofAll = change.preferences?.find((one) => one.channel === row.channel && (one.kind ?? null) === null);
    const isEnabled = own?.isEnabled ?? ((own?.isEnabled === null || isFree(row.source)) && !row.isMandatory ? ofAll?.isEnabled : null);
    const digest = own?.digest ?? (own?.digest === null || isFree(row.digestSource) ? ofAll?.digest : null);
    return { ...row, isEnabled: isEnabled ?? row.isEnabled, digest: digest ?? row.digest };
  });
  return {
    ...before,
    preferences,
    ...(change.quietHours !== undefined && { quietHours: change.quietHours }),
    ...(change.snoozedUntil !== undefined && { snoozedUntil: change.snoozedUntil }),
  };
}

/** Returns the change that restores what a change replaces. */
export function inverseOf(before: Preferences, { preferences, quietHours, snoozedUntil }: Change): Change {
  const inverse = (one: NotificationPreferenceInput): NotificationPreferenceInput => {
    const rows = before.preferences.filter(({ channel, kind }) => channel === one.channel && (one.kind ?? kind) === kind);
    const source = one.kind ? "KIND" : "ALL_KINDS";
    return {
      channel: one.channel,
      ...(one.kind && { kind: one.kind }),
      ...(one.isEnabled !== undefined && { isEnabled: rows.find((row) => row.source === source)?.isEnabled ?? null }),
      ...(one.digest !== undefined && { digest: rows.find((row) => row.digestSource === source)?.digest ?? null }),
    };
  };
  return {
    ...(preferences && { preferences: preferences.map(inverse) }),
    ...(quietHours !== undefined && { quietHours: before.quietHours && { from: before.quietHours.from, to: before.quietHours.to } }),
    ...(snoozedUntil !== undefined && { snoozedUntil: isSnoozed(before) ? before.snoozedUntil : null }),
  };
}

export const isSnoozed = ({ snoozedUntil }: Preferences): boolean => snoozedUntil !== null && Date.parse(snoozedUntil) > Date.now();

/** Turns a channel on or off for all kinds, those with a choice of their own included. */
export const forAllKinds = ({ preferences }: Preferences, channel: NotificationChannel, isEnabled: boolean): Change => ({
  preferences: [
    { channel, isEnabled },
    ...preferences
      .filter((row) => row.channel === channel && row.source === "KIND")
      .map(({ kind }) => ({ kind, channel, isEnabled: null })),
  ],
});
