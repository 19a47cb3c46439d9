import { Trans, useLingui } from "@lingui/react/macro";
import { roundedDuration } from "../formats/durations";
import { numberText, percentText } from "../formats/numbers";
import type { Counters, RequestFigures, SlaFigures, Trouble, WorkFigures } from "./dashboard-operations";
import { Change, Figure } from "./figures";
import { daysSince, OverdueLink, RequestsLink } from "./list-link";
import type { Scope } from "./scope";
import { countUnderWay } from "./waiting-states";

interface TopRowProps {
  readonly days: number;
  readonly scope: Scope;
  readonly requests: RequestFigures | null;
  readonly work: WorkFigures | null;
  readonly sla: SlaFigures | null;
  readonly now: Counters | null;
  readonly trouble: Trouble | null;
}

/** The few numbers that say how it goes. */
export const TopRow = ({ days, scope, requests, work, sla, now, trouble }: TopRowProps) => (
  <dl className="figures">
    {requests ? <OfRequests requests={requests} days={days} scope={scope} /> : work && <OfWork work={work} days={days} />}
    {now && <OfTasks now={now} />}
    {sla && <OfSla sla={sla} scope={scope} />}
    {trouble?.incidents && <OfIncidents count={trouble.incidents.totalCount} />}
  </dl>
);

function OfRequests({ requests, days, scope }: { readonly requests: RequestFigures; readonly days: number; readonly scope: Scope }) {
  const { i18n } = useLingui();
  const { totals, previous, from, open } = requests;
  const since = daysSince(from);
  return (
    <>
      <Figure title={<Trans>Open requests</Trans>}>
        <RequestsLink filter={{ ...scope.requests, status: "OPEN" }}>{numberText(open, i18n.locale)}</RequestsLink>
      </Figure>
      <Figure title={<Trans>Created</Trans>} note={<Change now={totals.created} before={previous.created} days={days} />}>
        <RequestsLink filter={{ ...scope.requests, created: since }}>{numberText(totals.created, i18n.locale)}</RequestsLink>
      </Figure>
      <Figure title={<Trans>Closed</Trans>} note={<Change now={totals.closed} before={previous.closed} days={days} />}>
        <RequestsLink filter={{ ...scope.requests, ended: since, status: "!CANCELLED" }}>
          {numberText(totals.closed, i18n.locale)}
        </RequestsLink>
      </Figure>
      <CycleTime now={totals.cycleTime.medianSeconds} before={previous.cycleTime.medianSeconds} days={days} />
    </>
  );
}

function OfWork({ work, days }: { readonly work: WorkFigures; readonly days: number }) {
  const { i18n } = useLingui();
  const { totals, previous, states } = work;
  return (
    <>
      <Figure title={<Trans>Unfinished workflows</Trans>}>{numberText(countUnderWay(states), i18n.locale)}</Figure>
      <Figure title={<Trans>Started</Trans>} note={<Change now={totals.started} before={previous.started} days={days} />}>
        {numberText(totals.started, i18n.locale)}
      </Figure>
      <Figure title={<Trans>Completed</Trans>} note={<Change now={totals.completed} before={previous.completed} days={days} />}>
        {numberText(totals.completed, i18n.locale)}
      </Figure>
      <CycleTime now={totals.cycleTime.medianSeconds} before={previous.cycleTime.medianSeconds} days={days} />
    </>
  );
}

function CycleTime({ now, before, days }: { readonly now: number | null; readonly before: number | null; readonly days: number }) {
  const { i18n } = useLingui();
  return (
    <Figure title={<Trans>Median duration</Trans>} note={<Change now={now} before={before} days={days} />}>
      {roundedDuration(now, i18n.locale)}
    </Figure>
  );
}

function OfTasks({ now }: { readonly now: Counters }) {
  const { i18n } = useLingui();
  const { overdueTasks, openTasks, claimedTasks } = now;
  if (overdueTasks === null) return null;
  const all = numberText((openTasks ?? 0) + (claimedTasks ?? 0), i18n.locale);
  return (
    <Figure title={<Trans>Overdue tasks</Trans>} note={<Trans>of {all} open tasks</Trans>} isBad={overdueTasks > 0}>
      <OverdueLink>{numberText(overdueTasks, i18n.locale)}</OverdueLink>
    </Figure>
  );
}

function OfSla({ sla, scope }: { readonly sla: SlaFigures; readonly scope: Scope }) {
  const { i18n } = useLingui();
  const { complianceRate, breachedOpen } = sla.totals;
  const late = numberText(breachedOpen, i18n.locale);
  return (
    <Figure
      title={<Trans>SLAs met</Trans>}
      note={
        breachedOpen > 0 &&
        (scope.isOfRequests ? (
          <RequestsLink filter={{ ...scope.requests, sla: "BREACHED" }}>
            <Trans>{late} over their target</Trans>
          </RequestsLink>
        ) : (
          <Trans>{late} over their target</Trans>
        ))
      }
    >
      {percentText(complianceRate, i18n.locale)}
    </Figure>
  );
}

function OfIncidents({ count }: { readonly count: number }) {
  const { i18n } = useLingui();
  return (
    <Figure title={<Trans>Open incidents</Trans>} isBad={count > 0}>
      {numberText(count, i18n.locale)}
    </Figure>
  );
}
