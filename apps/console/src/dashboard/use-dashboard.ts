import type { WeftError } from "@weft/client";
import { useLiveQuery } from "@weft/react";
import type { ConsoleDashboardChoicesQuery, RequestStatisticsGrouping } from "../gql/graphql";
import { timeZoneName } from "../formats/region";
import { can, type Viewer } from "../frame/viewer";
import {
  choicesQuery,
  dashboardChanged,
  incidentChanged,
  nowQuery,
  periodQuery,
  requestsChanged,
  requestsQuery,
  slaChanged,
  troubleQuery,
  type Counters,
  type RequestFigures,
  type SlaFigures,
  type Trouble,
  type WorkFigures,
} from "./dashboard-operations";
import type { DashboardSearch } from "./dashboard-search";
import { useFirstDay } from "./period";
import { scopeOf, type Scope } from "./scope";
import { useCalmQuery } from "../parts/use-calm-query";

/** Sums over a period are computed at most this often, however much happens. */
const sumsEveryMs = 10_000;
const countersEveryMs = 1_000;

/** Everything that the dashboard shows. What is not loaded yet, or not for the user to see, is null. */
export interface DashboardData {
  readonly choices: ConsoleDashboardChoicesQuery | null;
  readonly scope: Scope;
  readonly now: Counters | null;
  readonly work: WorkFigures | null;
  readonly sla: SlaFigures | null;
  readonly requests: RequestFigures | null;
  readonly trouble: Trouble | null;
  readonly error: WeftError | null;
  /** Whether nothing has been loaded yet. */
  readonly isEmpty: boolean;
}

export function useChoices(viewer: Viewer): ConsoleDashboardChoicesQuery | null {
  const { data } = useLiveQuery(choicesQuery, [], {
    hasDefinitions: can(viewer, "definition.read"),
    hasTypes: can(viewer, "requestType.read"),
    hasBuildings: can(viewer, "building.read"),
  });
  return data;
}

/** Counters, and what is late or has stopped, as it happens. */
export function useCounters(viewer: Viewer, { process = null, first }: { readonly process?: string | null; readonly first: number }) {
  const definitionKey = process;
  const hasIncidents = can(viewer, "incident.read");
  const hasSla = can(viewer, "sla.read");
  const ofProcess = process === null ? {} : { definitionKey: { eq: process } };
  const counters = useCalmQuery(
    nowQuery,
    [{ subscription: dashboardChanged, variables: { definitionKey } }],
    { definitionKey },
    countersEveryMs,
  );
  const trouble = useCalmQuery(
    troubleQuery,
    [
      ...(hasIncidents ? [{ subscription: incidentChanged, variables: {} }] : []),
      ...(hasSla ? [{ subscription: slaChanged, variables: {} }] : []),
    ],
    {
      incidents: { status: { eq: "OPEN" }, ...ofProcess },
      clocks: { status: { eq: "BREACHED" }, ...ofProcess },
      first,
      hasIncidents,
      hasSla,
    },
    countersEveryMs,
  );
  return { counters, trouble };
}

export function useDashboard(viewer: Viewer, search: DashboardSearch): DashboardData {
  const { process, days = 30 } = search;
  const choices = useChoices(viewer);
  const scope = scopeOf(search, choices);
  const from = useFirstDay(days);
  const timeZone = timeZoneName();
  const definitionKey = process ?? null;
  const { counters, trouble } = useCounters(viewer, { process: definitionKey, first: 5 });
  const period = useCalmQuery(
    periodQuery,
    [{ subscription: dashboardChanged, variables: { definitionKey } }],
    { from, timeZone, definitionKey, hasWork: scope.hasWork, hasSla: scope.hasWork && can(viewer, "sla.read") },
    sumsEveryMs,
  );
  const hasRequests = can(viewer, "request.read") && scope.statistics !== null && (process === undefined || choices !== null);
  const requests = useCalmQuery(
    requestsQuery,
    hasRequests ? [{ subscription: requestsChanged, variables: {} }] : [],
    { filter: { from, timeZone, ...scope.statistics }, groupBy: groupingOf(viewer, search), hasRequests },
    sumsEveryMs,
  );
  return {
    choices,
    scope,
    now: scope.hasWork ? (counters.data?.dashboard ?? null) : null,
    work: period.data?.workflowStatistics ?? null,
    sla: period.data?.slaReport ?? null,
    requests: hasRequests ? (requests.data?.requestStatistics ?? null) : null,
    trouble: scope.hasWork ? trouble.data : null,
    error: counters.error ?? period.error ?? requests.error ?? trouble.error,
    isEmpty: period.data === null || requests.data === null || counters.data === null,
  };
}

/** One type is compared by building, and others by type, as far as the user can see these. */
function groupingOf(viewer: Viewer, { process, building }: DashboardSearch): RequestStatisticsGrouping | null {
  if (process !== undefined && building === undefined) return can(viewer, "building.read") ? "BUILDING" : null;
  return can(viewer, "requestType.read") ? "TYPE" : null;
}
