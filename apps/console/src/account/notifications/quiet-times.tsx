import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { localTime, pointInTime } from "@weft/react";
import { useState, type FocusEvent } from "react";
import { dateText } from "../../formats/times";
import { isSnoozed, type Change } from "./changes";
import type { Preferences } from "./preference-operations";

interface QuietTimesProps {
  readonly preferences: Preferences;
  readonly onChange: (change: Change) => void;
}

const hourMs = 3_600_000;

/** Eight o'clock on the day after a time. */
function nextMorning(now: number, timeZone: string): string {
  const day = new Date(localTime(new Date(now).toISOString(), timeZone).slice(0, 10));
  day.setUTCDate(day.getUTCDate() + 1);
  return pointInTime(`${day.toISOString().slice(0, 10)}T08:00`, timeZone) ?? new Date(now + 24 * hourMs).toISOString();
}

/** When the user gets no messages outside the console. */
export function QuietTimes({ preferences, onChange }: QuietTimesProps) {
  const { i18n } = useLingui();
  const { snoozedUntil, timeZone, quietHours } = preferences;
  const until = snoozedUntil === null ? "" : dateText(snoozedUntil, i18n.locale);
  const snooze = (time: string | null): void => onChange({ snoozedUntil: time });
  return (
    <section className="card" aria-labelledby="quiet-times">
      <h2 id="quiet-times">
        <Trans>Quiet times</Trans>
      </h2>
      <p className="soft">
        <Trans>Messages outside the console wait until then. Times are those of {timeZone}.</Trans>
      </p>
      <QuietHours key={JSON.stringify(quietHours)} saved={quietHours} onChange={onChange} />
      {isSnoozed(preferences) ? (
        <p className="actions">
          <span>
            <Trans>You get no messages until {until}.</Trans>
          </span>
          <Button variant="default" size="xs" data-snooze="end" onClick={() => snooze(null)}>
            <Trans>Get messages again</Trans>
          </Button>
        </p>
      ) : (
        <p className="actions">
          <span>
            <Trans>No messages</Trans>
          </span>
          <Button variant="default" size="xs" data-snooze="hour" onClick={() => snooze(new Date(Date.now() + hourMs).toISOString())}>
            <Trans>for an hour</Trans>
          </Button>
          <Button variant="default" size="xs" data-snooze="tomorrow" onClick={() => snooze(nextMorning(Date.now(), timeZone))}>
            <Trans>until 8 o'clock tomorrow</Trans>
          </Button>
        </p>
      )}
    </section>
  );
}

interface QuietHoursProps {
  readonly saved: Preferences["quietHours"];
  readonly onChange: (change: Change) => void;
}

/** The hours of each day. They are saved when the focus leaves both fields: a time is not complete before. */
function QuietHours({ saved, onChange }: QuietHoursProps) {
  const { t } = useLingui();
  const [from, setFrom] = useState(saved?.from ?? "");
  const [to, setTo] = useState(saved?.to ?? "");
  const [isIncomplete, setIncomplete] = useState(false);
  const leave = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    if (currentTarget.contains(relatedTarget)) return;
    const isHalf = (from === "") !== (to === "") || (from !== "" && from === to);
    setIncomplete(isHalf);
    if (isHalf || (from === (saved?.from ?? "") && to === (saved?.to ?? ""))) return;
    onChange({ quietHours: from === "" ? null : { from, to } });
  };
  return (
    <div role="group" aria-label={t`Quiet hours of each day`} className="quiet-hours" onBlur={leave}>
      <TextInput
        type="time"
        name="quiet-from"
        label={t`Each day from`}
        value={from}
        error={isIncomplete && t`Enter two different times, or none.`}
        onChange={({ currentTarget }) => setFrom(currentTarget.value)}
      />
      <TextInput type="time" name="quiet-to" label={t`until`} value={to} onChange={({ currentTarget }) => setTo(currentTarget.value)} />
      {saved !== null && (
        <button type="button" className="link" data-action="no-quiet-hours" onClick={() => onChange({ quietHours: null })}>
          <Trans>No quiet hours</Trans>
        </button>
      )}
    </div>
  );
}
