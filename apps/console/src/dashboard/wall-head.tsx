import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { useMinute } from "../parts/use-minute";

interface WallHeadProps {
  readonly title: string;
  readonly isLive: boolean;
  /** The data. A new object means that it has been loaded. */
  readonly loadedAt: unknown;
}

const timeText = (at: number, locale: string): string => new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(at);

/** The clock, and whether the numbers can be trusted. */
export function WallHead({ title, isLive, loadedAt }: WallHeadProps) {
  const { i18n } = useLingui();
  const now = useMinute();
  const [since, setSince] = useState(Date.now);
  useEffect(() => setSince(Date.now()), [loadedAt]);
  const at = timeText(since, i18n.locale);
  return (
    <header className="wall-head">
      <h1>{title}</h1>
      <p role="status" className="wall-status" data-live={isLive}>
        {isLive ? <Trans>Live</Trans> : <Trans>No connection. Numbers of {at}</Trans>}
      </p>
      <p className="wall-date">{new Intl.DateTimeFormat(i18n.locale, { weekday: "long", day: "numeric", month: "long" }).format(now)}</p>
      <p className="wall-clock number">{timeText(now, i18n.locale)}</p>
    </header>
  );
}
