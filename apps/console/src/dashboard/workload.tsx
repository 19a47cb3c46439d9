import { Trans, useLingui } from "@lingui/react/macro";
import { numberText } from "../formats/numbers";
import { Bar } from "./bar";
import type { WorkFigures } from "./dashboard-operations";

const shown = 10;

/** Who has claimed how much. */
export function Workload({ workload }: { readonly workload: NonNullable<WorkFigures["workload"]> }) {
  const { i18n, t } = useLingui();
  const rows = workload
    .filter(({ claimed, completed }) => claimed + completed > 0)
    .toSorted((a, b) => b.claimed - a.claimed || b.completed - a.completed);
  const most = Math.max(...rows.map(({ claimed }) => claimed), 1);
  if (rows.length === 0)
    return (
      <p className="soft">
        <Trans>Nobody has claimed or completed a task in this period.</Trans>
      </p>
    );
  return (
    <div className="scroll">
      <table className="figures-table">
        <thead>
          <tr>
            <th>
              <Trans>User</Trans>
            </th>
            <th className="count">
              <Trans>Claimed</Trans>
            </th>
            <td className="length" />
            <th className="count">
              <Trans>Overdue</Trans>
            </th>
            <th className="count">
              <Trans>Completed</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map(({ user, claimed, overdue, completed }, index) => (
            <tr key={user?.id ?? index}>
              <th scope="row">{user?.name ?? t`Somebody`}</th>
              <td className="count">{numberText(claimed, i18n.locale)}</td>
              <td className="length">
                <Bar value={claimed} of={most} marked={overdue} />
              </td>
              <td className={overdue > 0 ? "count late" : "count"}>{numberText(overdue, i18n.locale)}</td>
              <td className="count">{numberText(completed, i18n.locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
