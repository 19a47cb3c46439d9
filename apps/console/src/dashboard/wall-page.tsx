import { Trans, useLingui } from "@lingui/react/macro";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import type { ReactNode } from "react";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { useViewer, type Viewer } from "../frame/viewer";
import { numberText } from "../formats/numbers";
import { Bar } from "./bar";
import type { Counters, Trouble } from "./dashboard-operations";
import { canWatch } from "./can-watch";
import { definitionName } from "./scope";
import { useChoices, useCounters } from "./use-dashboard";
import { useScreenLock } from "./use-screen-lock";
import { WallHead } from "./wall-head";
import { countUnderWay, waitingStates } from "./waiting-states";
import { WallTransitions } from "./wall-transitions";
import "./wall.css";

const route = getRouteApi("/dashboard/wall");

/** Numbers for a screen on the wall: no navigation, large type, and nothing that has to be clicked for days. */
export function WallPage() {
  const viewer = useViewer();
  if (viewer === null) return null;
  if (!canWatch(viewer))
    return <Message title={<Trans>You cannot see the dashboard: it needs the permission to read the work of others.</Trans>} />;
  return <Wall viewer={viewer} />;
}

function Wall({ viewer }: { readonly viewer: Viewer }) {
  const { process } = route.useSearch();
  const navigate = useNavigate({ from: "/dashboard/wall" });
  const choices = useChoices(viewer);
  const { counters, trouble } = useCounters(viewer, { process: process ?? null, first: 0 });
  const nameOf = (key: string): string => definitionName(choices, key);
  const back = process === undefined ? {} : { process };
  const now = counters.data?.dashboard ?? null;
  useScreenLock();
  useKeys({ Escape: () => void navigate({ to: "/dashboard", search: back }) });
  return (
    <div className="wall">
      <WallHead
        title={process === undefined ? (viewer.tenant?.name ?? "Weft") : nameOf(process)}
        isLive={counters.status === "live" && trouble.status === "live"}
        loadedAt={counters.data}
      />
      <ErrorMessage error={counters.error ?? trouble.error} />
      {now && <WallFigures now={now} trouble={trouble.data} />}
      {now && (
        <div className="wall-parts">
          <WallStates now={now} nameOf={nameOf} />
          <WallTransitions key={process} process={process ?? null} />
        </div>
      )}
      <Link className="wall-exit" to="/dashboard" search={back}>
        <Trans>Leave the wall mode</Trans>
      </Link>
    </div>
  );
}

function WallFigures({ now, trouble }: { readonly now: Counters; readonly trouble: Trouble | null }) {
  const { states, startedToday, completedToday, rejectedToday, cancelledToday, openTasks, overdueTasks } = now;
  return (
    <dl className="wall-figures">
      <WallFigure title={<Trans>Under way</Trans>} value={countUnderWay(states)} />
      <WallFigure title={<Trans>Started today</Trans>} value={startedToday} />
      <WallFigure title={<Trans>Ended today</Trans>} value={completedToday + rejectedToday + cancelledToday} />
      {openTasks !== null && <WallFigure title={<Trans>Unclaimed tasks</Trans>} value={openTasks} />}
      {overdueTasks !== null && <WallFigure title={<Trans>Overdue tasks</Trans>} value={overdueTasks} isBad={overdueTasks > 0} />}
      {trouble?.slaBreaches && (
        <WallFigure
          title={<Trans>SLAs over target</Trans>}
          value={trouble.slaBreaches.totalCount}
          isBad={trouble.slaBreaches.totalCount > 0}
        />
      )}
      {trouble?.incidents && (
        <WallFigure title={<Trans>Open incidents</Trans>} value={trouble.incidents.totalCount} isBad={trouble.incidents.totalCount > 0} />
      )}
    </dl>
  );
}

interface WallFigureProps {
  readonly title: ReactNode;
  readonly value: number;
  readonly isBad?: boolean;
}

/** The element is a new one for each value, so that the animation of a change begins again. */
function WallFigure({ title, value, isBad = false }: WallFigureProps) {
  const { i18n } = useLingui();
  return (
    <div className={isBad ? "late" : undefined}>
      <dt>{title}</dt>
      <dd key={value} className="number changing">
        {numberText(value, i18n.locale)}
      </dd>
    </div>
  );
}

const shown = 9;

function WallStates({ now, nameOf }: { readonly now: Counters; readonly nameOf: (key: string) => string }) {
  const { i18n } = useLingui();
  const rows = waitingStates(now.states).slice(0, shown);
  const most = Math.max(...rows.map(({ count }) => count), 1);
  return (
    <section aria-labelledby="wall-states">
      <h2 id="wall-states">
        <Trans>Where work waits</Trans>
      </h2>
      {rows.length === 0 && (
        <p className="soft">
          <Trans>No work is under way.</Trans>
        </p>
      )}
      <ul className="wall-states">
        {rows.map(({ definitionKey, state, stateTitle, count, stopped }) => (
          <li key={`${definitionKey} ${state}`}>
            <span className="state">
              {stateTitle} <span className="soft">{nameOf(definitionKey)}</span>
            </span>
            <Bar value={count} of={most} marked={stopped} />
            <span key={count} className="number changing">
              {numberText(count, i18n.locale)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
