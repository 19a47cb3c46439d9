import { Trans, useLingui } from "@lingui/react/macro";
import { useId } from "react";
import { useViewer } from "../../frame/viewer";
import type { NotificationChannel, NotificationDigest, NotificationKind } from "../../gql/graphql";
import { forAllKinds, type Change } from "./changes";
import { groups, kindsOf, kindTitle } from "./kinds";
import type { Preferences } from "./preference-operations";

interface KindTableProps {
  readonly preferences: Preferences;
  readonly onChange: (change: Change) => void;
}

const always: readonly NotificationChannel[] = ["IN_APP", "EMAIL"];
const ofDestinations: readonly NotificationChannel[] = ["CHAT", "WEB_PUSH", "SMS"];

/** Which kinds the user gets in which channel. Channels that need a destination are there with the first one. */
export function KindTable({ preferences, onChange }: KindTableProps) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const titles: Readonly<Record<NotificationChannel, string>> = {
    IN_APP: t`Here`,
    EMAIL: t`Email`,
    CHAT: t`Chat`,
    WEB_PUSH: t`Browser`,
    SMS: t`SMS`,
  };
  const channels = [...always, ...ofDestinations.filter((channel) => preferences.destinations.some((one) => one.channel === channel))];
  const shown = (Object.keys(groups) as (keyof typeof groups)[])
    .map((group) => ({ group, kinds: kindsOf(group, viewer) }))
    .filter(({ kinds }) => kinds.length > 0);
  const rows = (channel: NotificationChannel) =>
    preferences.preferences.filter((row) => row.channel === channel && shown.some(({ kinds }) => kinds.includes(row.kind)));
  return (
    <table className="kinds">
      <thead>
        <tr>
          <th scope="col">
            <span className="hidden">
              <Trans>Kind</Trans>
            </span>
          </th>
          {channels.map((channel) => (
            <th key={channel} scope="col">
              {titles[channel]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr className="all">
          <th scope="row">
            <Trans>All kinds</Trans>
          </th>
          {channels.map((channel) => (
            <td key={channel}>
              <AllBox
                label={t`All kinds: ${titles[channel]}`}
                values={rows(channel).map(({ isEnabled }) => isEnabled)}
                onChange={(isEnabled) => onChange(forAllKinds(preferences, channel, isEnabled))}
              />
            </td>
          ))}
        </tr>
      </tbody>
      {shown.map(({ group, kinds }) => (
        <tbody key={group}>
          <tr>
            <th colSpan={channels.length + 1} scope="rowgroup">
              {i18n._(groups[group])}
            </th>
          </tr>
          {kinds.map((kind) => (
            <KindRow key={kind} {...{ kind, channels, titles, preferences, onChange }} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

interface KindRowProps extends KindTableProps {
  readonly kind: NotificationKind;
  readonly channels: readonly NotificationChannel[];
  readonly titles: Readonly<Record<NotificationChannel, string>>;
}

function KindRow({ kind, channels, titles, preferences, onChange }: KindRowProps) {
  const { t, i18n } = useLingui();
  const noteId = useId();
  const of = (channel: NotificationChannel) => preferences.preferences.find((row) => row.kind === kind && row.channel === channel);
  const title = i18n._(kindTitle(kind));
  const email = of("EMAIL");
  const isRequired = channels.some((channel) => of(channel)?.isMandatory);
  const digests: Readonly<Record<NotificationDigest, string>> = {
    NONE: t`emails at once`,
    HOURLY: t`one email per hour`,
    DAILY: t`one email per day`,
  };
  return (
    <tr data-kind={kind}>
      <th scope="row">
        {title}
        {isRequired && (
          <span id={noteId} className="soft">
            <Trans>Your organization requires it.</Trans>
          </span>
        )}
        {email?.isEnabled && email.digestSource === "KIND" && (
          <span className="soft">
            {digests[email.digest]}{" "}
            <button
              type="button"
              className="link"
              aria-label={t`${title}: bundle emails like the others`}
              onClick={() => onChange({ preferences: [{ kind, channel: "EMAIL", digest: null }] })}
            >
              <Trans>Like the others</Trans>
            </button>
          </span>
        )}
      </th>
      {channels.map((channel) => {
        const row = of(channel);
        return (
          <td key={channel}>
            {row && (
              <input
                type="checkbox"
                data-channel={channel}
                aria-label={`${title}: ${titles[channel]}`}
                aria-describedby={row.isMandatory ? noteId : undefined}
                checked={row.isEnabled}
                disabled={row.isMandatory}
                onChange={({ currentTarget }) => onChange({ preferences: [{ kind, channel, isEnabled: currentTarget.checked }] })}
              />
            )}
          </td>
        );
      })}
    </tr>
  );
}

interface AllBoxProps {
  readonly label: string;
  readonly values: readonly boolean[];
  readonly onChange: (isEnabled: boolean) => void;
}

/** A box for several: neither checked nor empty if they differ. */
function AllBox({ label, values, onChange }: AllBoxProps) {
  const isAll = values.every(Boolean);
  const isMixed = !isAll && values.some(Boolean);
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={isAll}
      ref={(box) => {
        if (box) box.indeterminate = isMixed;
      }}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
  );
}
