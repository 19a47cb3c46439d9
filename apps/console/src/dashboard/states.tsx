import { Trans, useLingui } from "@lingui/react/macro";
import { roundedDuration } from "../formats/durations";
import { numberText, percentText } from "../formats/numbers";
import { Bar } from "./bar";
import type { Counters, WorkFigures } from "./dashboard-operations";
import { RequestsLink } from "./list-link";
import { waitingStates } from "./waiting-states";

interface StatesProps {
  readonly work: WorkFigures;
  /** Newer than the statistics. */
  readonly now: Counters | null;
  readonly nameOf: (definitionKey: string) => string;
  readonly isOfRequests: (definitionKey: string) => boolean;
}

const shown = 12;

/** Where work is now, and where it spends its time. */
export function States({ work, now, nameOf, isOfRequests }: StatesProps) {
  const { i18n } = useLingui();
  const rows = rowsOf(work, now).slice(0, shown);
  const most = Math.max(...rows.map(({ count }) => count), 1);
  const { bottleneck } = work;
  if (rows.length === 0)
    return (
      <p className="soft">
        <Trans>No work is under way.</Trans>
      </p>
    );
  return (
    <>
      {bottleneck && <Bottleneck bottleneck={bottleneck} nameOf={nameOf} />}
      <div className="scroll">
        <table className="figures-table">
          <thead>
            <tr>
              <th>
                <Trans>State</Trans>
              </th>
              <th className="count">
                <Trans>Now</Trans>
              </th>
              <td className="length" />
              <th className="count">
                <Trans>Median time</Trans>
              </th>
              <th className="count">
                <Trans>90 % within</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ definitionKey, state, stateTitle, count, stopped, time }) => (
              <tr key={`${definitionKey} ${state}`}>
                <th scope="row">
                  {stateTitle} <span className="soft">{nameOf(definitionKey)}</span>
                </th>
                <td className="count">
                  {isOfRequests(definitionKey) ? (
                    <RequestsLink filter={{ workflow: definitionKey, state }}>{numberText(count, i18n.locale)}</RequestsLink>
                  ) : (
                    numberText(count, i18n.locale)
                  )}
                </td>
                <td className="length">
                  <Bar value={count} of={most} marked={stopped} />
                </td>
                <td className="count">{roundedDuration(time?.medianSeconds ?? null, i18n.locale)}</td>
                <td className="count">{roundedDuration(time?.p90Seconds ?? null, i18n.locale)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface BottleneckProps {
  readonly bottleneck: NonNullable<WorkFigures["bottleneck"]>;
  readonly nameOf: (definitionKey: string) => string;
}

function Bottleneck({ bottleneck, nameOf }: BottleneckProps) {
  const { i18n } = useLingui();
  const state = bottleneck.stateTitle;
  const name = nameOf(bottleneck.definitionKey);
  const share = percentText(bottleneck.share, i18n.locale);
  const stays = numberText(bottleneck.staysPerInstance ?? 0, i18n.locale, { maximumFractionDigits: 1 });
  return (
    <p>
      <Trans>
        Most time passes in <strong>{state}</strong> of {name}: {share} of all time.
      </Trans>{" "}
      {bottleneck.reason === "REPEATED_STAYS" && <Trans>Work comes back there: {stays} stays on average.</Trans>}
    </p>
  );
}

type Row = ReturnType<typeof waitingStates<Counters["states"][number]>>[number] & {
  readonly time: WorkFigures["states"][number]["time"] | null;
};

function rowsOf(work: WorkFigures, now: Counters | null): Row[] {
  const key = (row: { readonly definitionKey: string; readonly state: string }): string => `${row.definitionKey} ${row.state}`;
  const times = new Map(work.states.map((row) => [key(row), row.time]));
  return waitingStates(now?.states ?? work.states).map((row) => ({ ...row, time: times.get(key(row)) ?? null }));
}
