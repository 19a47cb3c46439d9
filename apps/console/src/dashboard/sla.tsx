import { Trans, useLingui } from "@lingui/react/macro";
import { numberText, percentText } from "../formats/numbers";
import { words } from "../formats/values";
import type { SlaFigures } from "./dashboard-operations";

interface SlaProps {
  readonly sla: SlaFigures;
  readonly nameOf: (definitionKey: string) => string;
}

const shown = 8;

/** How well each promise is kept, the worst first. */
export function Sla({ sla, nameOf }: SlaProps) {
  const { i18n } = useLingui();
  const rows = sla.groups.toSorted((a, b) => (a.totals.complianceRate ?? 1) - (b.totals.complianceRate ?? 1)).slice(0, shown);
  if (rows.length === 0)
    return (
      <p className="soft">
        <Trans>No SLA ended in this period, and none is over its target.</Trans>
      </p>
    );
  return (
    <div className="scroll">
      <table className="figures-table">
        <thead>
          <tr>
            <th>
              <Trans>SLA</Trans>
            </th>
            <th className="count">
              <Trans>Met</Trans>
            </th>
            <th className="count">
              <Trans>Missed</Trans>
            </th>
            <th className="count">
              <Trans>Over target</Trans>
            </th>
            <th className="count">
              <Trans>Share met</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ definitionKey, name, totals }) => (
            <tr key={`${definitionKey} ${name}`}>
              <th scope="row">
                {words(name ?? "")} <span className="soft">{definitionKey === null ? "" : nameOf(definitionKey)}</span>
              </th>
              <td className="count">{numberText(totals.met, i18n.locale)}</td>
              <td className="count">{numberText(totals.missed, i18n.locale)}</td>
              <td className={totals.breachedOpen > 0 ? "count late" : "count"}>{numberText(totals.breachedOpen, i18n.locale)}</td>
              <td className="count">{percentText(totals.complianceRate, i18n.locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
