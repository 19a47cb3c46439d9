import { Trans, useLingui } from "@lingui/react/macro";
import { roundedDuration } from "../formats/durations";
import { numberText } from "../formats/numbers";
import { Bar } from "./bar";
import type { RequestFigures } from "./dashboard-operations";
import type { Filters } from "../requests/filters/filter-keys";
import { daysSince, RequestsLink } from "./list-link";

interface RequestGroupsProps {
  readonly requests: RequestFigures;
  readonly filter: Filters;
}

/** Requests by type, or by building if one type is shown. */
export function RequestGroups({ requests, filter }: RequestGroupsProps) {
  const { i18n, t } = useLingui();
  const { from, groups } = requests;
  const most = Math.max(...groups.map(({ open }) => open), 1);
  if (groups.length === 0)
    return (
      <p className="soft">
        <Trans>There are no requests.</Trans>
      </p>
    );
  return (
    <div className="scroll">
      <table className="figures-table">
        <thead>
          <tr>
            <th>
              <Trans>Requests</Trans>
            </th>
            <th className="count">
              <Trans>Open</Trans>
            </th>
            <td className="length" />
            <th className="count">
              <Trans>Created</Trans>
            </th>
            <th className="count">
              <Trans>Median time</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, 12).map(({ type, building, open, totals }, index) => {
            const group = {
              ...filter,
              ...(type && { type: type.key }),
              ...(building && { building: building.id }),
            };
            const isKnown = type !== null || building !== null;
            return (
              <tr key={type?.id ?? building?.id ?? index}>
                <th scope="row">{type?.name ?? building?.name ?? t`Without a building`}</th>
                <td className="count">
                  {isKnown ? (
                    <RequestsLink filter={{ ...group, status: "OPEN" }}>{numberText(open, i18n.locale)}</RequestsLink>
                  ) : (
                    numberText(open, i18n.locale)
                  )}
                </td>
                <td className="length">
                  <Bar value={open} of={most} />
                </td>
                <td className="count">
                  {isKnown ? (
                    <RequestsLink filter={{ ...group, created: daysSince(from) }}>{numberText(totals.created, i18n.locale)}</RequestsLink>
                  ) : (
                    numberText(totals.created, i18n.locale)
                  )}
                </td>
                <td className="count">{roundedDuration(totals.cycleTime.medianSeconds, i18n.locale)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
