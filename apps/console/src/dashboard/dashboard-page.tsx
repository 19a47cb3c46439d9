import { Trans } from "@lingui/react/macro";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { useViewer, type Viewer } from "../frame/viewer";
import { TitledSection } from "../parts/titled-section";
import "./dashboard.css";
import type { DashboardSearch } from "./dashboard-search";
import { Filters } from "./filters";
import { RequestGroups } from "./request-groups";
import { canWatch } from "./can-watch";
import { definitionName, requestDefinitions } from "./scope";
import { Sla } from "./sla";
import { States } from "./states";
import { daysOfRequests, daysOfWork, Throughput } from "./throughput";
import { TopRow } from "./top-row";
import { Trouble } from "./trouble";
import { useDashboard, type DashboardData } from "./use-dashboard";
import { Workload } from "./workload";

const route = getRouteApi("/dashboard");

/** How the work goes: what is open, where it waits, who has too much. Sums follow the work of others. */
export function DashboardPage() {
  const viewer = useViewer();
  const search = route.useSearch();
  if (viewer === null) return <Waiting />;
  if (!canWatch(viewer))
    return <Message title={<Trans>You cannot see the dashboard: it needs the permission to read the work of others.</Trans>} />;
  return <Dashboard viewer={viewer} search={search} />;
}

function Dashboard({ viewer, search }: { readonly viewer: Viewer; readonly search: DashboardSearch }) {
  const data = useDashboard(viewer, search);
  const navigate = useNavigate({ from: "/dashboard" });
  useKeys({ w: () => void navigate({ to: "/dashboard/wall", search: search.process === undefined ? {} : { process: search.process } }) });
  return (
    <div className="dashboard">
      <Filters search={search} choices={data.choices} />
      {isUnknown(search, data) ? (
        <Message title={<Trans>There is no such process or building, or you cannot see it.</Trans>} />
      ) : (
        <>
          <ErrorMessage error={data.error} />
          {data.isEmpty ? data.error === null && <Waiting /> : <Parts data={data} search={search} />}
        </>
      )}
    </div>
  );
}

/** As long as all names fit into the lists, one that is not among them does not exist for the user. */
function isUnknown({ process, building }: DashboardSearch, { choices }: DashboardData): boolean {
  const { definitions, buildings } = choices ?? {};
  const isMissing = (edges: readonly unknown[] | undefined, isFound: boolean): boolean =>
    edges !== undefined && edges.length < 100 && !isFound;
  return (
    (process !== undefined && isMissing(definitions?.edges, definitions?.edges.some(({ node }) => node.key === process) ?? false)) ||
    (building !== undefined && isMissing(buildings?.edges, buildings?.edges.some(({ node }) => node.id === building) ?? false))
  );
}

function Parts({ data, search }: { readonly data: DashboardData; readonly search: DashboardSearch }) {
  const { choices, scope, now, work, sla, requests, trouble } = data;
  const nameOf = (key: string): string => definitionName(choices, key);
  const ofRequests = requestDefinitions(choices);
  if (isIdle(data)) return <Nothing />;
  return (
    <>
      <TopRow days={search.days ?? 30} scope={scope} requests={requests} work={work} sla={sla} now={now} trouble={trouble} />
      {!scope.hasWork && (
        <p className="soft">
          <Trans>By building, Weft counts requests only. Choose all buildings to see workflows, tasks and SLAs.</Trans>
        </p>
      )}
      <div className="parts">
        {work && (
          <TitledSection title={<Trans>Where does work wait?</Trans>}>
            <States work={work} now={now} nameOf={nameOf} isOfRequests={(key) => ofRequests.has(key)} />
          </TitledSection>
        )}
        {(requests ?? work) && (
          <TitledSection title={<Trans>Does as much end as comes in?</Trans>}>
            <Throughput days={requests ? daysOfRequests(requests) : work ? daysOfWork(work) : []} />
          </TitledSection>
        )}
        {work?.workload && (
          <TitledSection title={<Trans>Who has too much?</Trans>}>
            <Workload workload={work.workload} />
          </TitledSection>
        )}
        {sla && (
          <TitledSection title={<Trans>Which promises are kept?</Trans>}>
            <Sla sla={sla} nameOf={nameOf} />
          </TitledSection>
        )}
        {requests && (
          <TitledSection title={<Trans>What are requests about?</Trans>}>
            <RequestGroups requests={requests} filter={scope.requests} />
          </TitledSection>
        )}
        {trouble && (trouble.incidents ?? trouble.slaBreaches) && (
          <TitledSection title={<Trans>What is stuck?</Trans>}>
            <Trouble trouble={trouble} nameOf={nameOf} />
          </TitledSection>
        )}
      </div>
    </>
  );
}

const isIdle = ({ work, requests, now }: DashboardData): boolean =>
  (work === null || work.unfinished + work.totals.started === 0) &&
  (requests === null || requests.open + requests.totals.created + requests.totals.closed === 0) &&
  (now?.unfinished ?? 0) === 0;

const Nothing = () => (
  <Message title={<Trans>There was no work in this period</Trans>}>
    <p>
      <Trans>When somebody creates a request or starts a workflow, this page shows where it waits and how long it takes.</Trans>
    </p>
  </Message>
);

/** As high as the page, so that nothing moves. */
const Waiting = () => (
  <div role="status" className="dashboard-waiting">
    <span className="hidden">
      <Trans>Loading…</Trans>
    </span>
    <div className="placeholder" />
    <div className="placeholder high" />
    <div className="placeholder high" />
  </div>
);
