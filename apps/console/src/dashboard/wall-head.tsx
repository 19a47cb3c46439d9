import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { dayText } from "../formats/days";
import { clockText } from "../formats/times";
import { useMinute } from "../parts/use-minute";

interface WallHeadProps {
  readonly title: string;
  readonly isLive: boolean;
  /** The data. A new object means that it has been loaded. */
  readonly loadedAt: unknown;
}

/** The clock, and whether the numbers can be trusted. */
export function WallHead({ title, isLive, loadedAt }: WallHeadProps) {
  const { i18n } = useLingui();
  const now = useMinute();
  const [since, setSince] = useState(Date.now);
  useEffect(() => setSince(Date.now()), [loadedAt]);
  const at = clockText(since, i18n.locale);
  return (
    <header className="wall-head">
      <h1>{title}</h1>
      <p role="status" className="wall-status" data-live={isLive}>
        {isLive ? <Trans>Live</Trans> : <Trans>No connection. Numbers of {at}</Trans>}
      </p>
      <p className="wall-date">{dayText(new Date(now).toISOString(), i18n.locale, { weekday: "long", day: "numeric", month: "long" })}</p>
      <p className="wall-clock number">{clockText(now, i18n.locale)}</p>
    </header>
  );
}
