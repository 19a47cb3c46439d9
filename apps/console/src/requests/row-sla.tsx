import { useLingui } from "@lingui/react/macro";
import { useSlaClock } from "@weft/react";
import { dateText, relativeText } from "../formats/times";
import { nextClock, type RowClock } from "./next-clock";
import type { RequestRow } from "./requests-operations";

/** How long the service level of a request still has. */
export function RowSla({ row }: { readonly row: RequestRow }) {
  const clock = nextClock(row);
  return clock === null ? "–" : <Clock clock={clock} />;
}

function Clock({ clock }: { readonly clock: RowClock }) {
  const { t, i18n } = useLingui();
  const { untilDueMs } = useSlaClock(clock);
  const { title, dueAt, status } = clock;
  if (dueAt === null) return <span className="soft">{t`paused`}</span>;
  const isLate = untilDueMs !== null && untilDueMs <= 0;
  return (
    <time
      className={isLate ? "late" : undefined}
      data-sla={isLate ? "BREACHED" : status}
      dateTime={dueAt}
      title={`${title}: ${dateText(dueAt, i18n.locale)}`}
    >
      {relativeText(dueAt, i18n.locale)}
    </time>
  );
}
