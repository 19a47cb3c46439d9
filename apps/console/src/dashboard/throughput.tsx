import { Trans, useLingui } from "@lingui/react/macro";
import { dayText } from "../formats/days";
import { numberText } from "../formats/numbers";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import type { RequestFigures, WorkFigures } from "./dashboard-operations";

// The library of charts is larger than the rest of the page, which does not wait for it.
const DayChart = lazyPart(async () => (await import("./day-chart")).DayChart);

/** What came in and what was finished on a day. */
export interface Day {
  readonly date: string;
  readonly came: number;
  readonly ended: number;
}

export const daysOfRequests = ({ throughput }: RequestFigures): Day[] =>
  throughput.map(({ date, created, closed, cancelled }) => ({ date, came: created, ended: closed + cancelled }));

export const daysOfWork = ({ throughput }: WorkFigures): Day[] =>
  throughput.map(({ date, started, completed, rejected, cancelled }) => ({ date, came: started, ended: completed + rejected + cancelled }));

/** A day as an axis has room for it. */
export const shortDayText = (date: string, locale: string): string => dayText(date, locale, { day: "numeric", month: "short" });

/** A chart of the days, with the same numbers as a table. */
export function Throughput({ days }: { readonly days: readonly Day[] }) {
  const { i18n } = useLingui();
  const came = days.reduce((sum, day) => sum + day.came, 0);
  const ended = days.reduce((sum, day) => sum + day.ended, 0);
  const more = numberText(Math.abs(came - ended), i18n.locale);
  return (
    <>
      <p>
        {came > ended ? (
          <Trans>{more} more came in than ended.</Trans>
        ) : came < ended ? (
          <Trans>{more} more ended than came in.</Trans>
        ) : (
          <Trans>As much ended as came in.</Trans>
        )}
      </p>
      <div className="chart" aria-hidden="true">
        <LazyPart fallback={<div className="placeholder" />}>
          <DayChart days={days} />
        </LazyPart>
      </div>
      <details className="as-table">
        <summary>
          <Trans>Show as a table</Trans>
        </summary>
        <table className="figures-table">
          <thead>
            <tr>
              <th>
                <Trans>Day</Trans>
              </th>
              <th className="count">
                <Trans>Came in</Trans>
              </th>
              <th className="count">
                <Trans>Ended</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.date}>
                <th scope="row">{shortDayText(day.date, i18n.locale)}</th>
                <td className="count">{numberText(day.came, i18n.locale)}</td>
                <td className="count">{numberText(day.ended, i18n.locale)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
