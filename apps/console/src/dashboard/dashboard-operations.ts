import { graphql } from "../gql";
import type {
  ConsoleDashboardNowQuery,
  ConsoleDashboardPeriodQuery,
  ConsoleRequestFiguresQuery,
  ConsoleTroubleQuery,
} from "../gql/graphql";

/** What can be chosen, and the names of what is counted. */
export const choicesQuery = graphql(`
  query ConsoleDashboardChoices($hasDefinitions: Boolean!, $hasTypes: Boolean!, $hasBuildings: Boolean!) {
    definitions(first: 100, filter: { status: { eq: PUBLISHED } }, orderBy: { field: NAME }) @include(if: $hasDefinitions) {
      edges {
        node {
          id
          key
          name
        }
      }
    }
    requestTypes(first: 100) @include(if: $hasTypes) {
      edges {
        node {
          id
          name
          definitionKey
        }
      }
    }
    buildings(first: 100) @include(if: $hasBuildings) {
      edges {
        node {
          id
          code
          name
        }
      }
    }
  }
`);

export const nowQuery = graphql(`
  query ConsoleDashboardNow($definitionKey: String) {
    liveCursor
    dashboard(definitionKey: $definitionKey) {
      unfinished
      failed
      startedToday
      completedToday
      rejectedToday
      cancelledToday
      openTasks
      claimedTasks
      overdueTasks
      states {
        definitionKey
        state
        stateTitle
        isEnded
        running
        suspended
        failed
      }
    }
  }
`);

export const dashboardChanged = graphql(`
  subscription ConsoleDashboardChanged($definitionKey: String, $after: String) {
    dashboard(definitionKey: $definitionKey, after: $after) {
      cursor
    }
  }
`);

/** All clocks of a period, and what the instances did in it. */
export const periodQuery = graphql(`
  query ConsoleDashboardPeriod($from: DateTime!, $timeZone: String!, $definitionKey: String, $hasWork: Boolean!, $hasSla: Boolean!) {
    liveCursor
    workflowStatistics(filter: { from: $from, timeZone: $timeZone, definitionKey: $definitionKey }) @include(if: $hasWork) {
      pendingEvents
      unfinished
      totals {
        started
        completed
        rejected
        cancelled
        cycleTime {
          medianSeconds
        }
      }
      previous {
        started
        completed
        rejected
        cancelled
        cycleTime {
          medianSeconds
        }
      }
      throughput {
        date
        started
        completed
        rejected
        cancelled
      }
      states {
        definitionKey
        state
        stateTitle
        isEnded
        running
        suspended
        failed
        share
        time {
          medianSeconds
          p90Seconds
        }
      }
      bottleneck {
        definitionKey
        stateTitle
        share
        reason
        staysPerInstance
        time {
          medianSeconds
        }
      }
      workload {
        user {
          id
          name
        }
        claimed
        overdue
        completed
      }
    }
    slaReport(groupBy: SLA, filter: { from: $from, timeZone: $timeZone, definitionKey: $definitionKey }) @include(if: $hasSla) {
      totals {
        met
        missed
        breachedOpen
        complianceRate
      }
      groups {
        definitionKey
        name
        totals {
          met
          missed
          breachedOpen
          complianceRate
        }
      }
    }
  }
`);

/** Requests are counted apart, because only they can be counted by building. */
export const requestsQuery = graphql(`
  query ConsoleRequestFigures($filter: RequestStatisticsFilter!, $groupBy: RequestStatisticsGrouping, $hasRequests: Boolean!) {
    liveCursor
    requestStatistics(filter: $filter, groupBy: $groupBy) @include(if: $hasRequests) {
      from
      to
      open
      totals {
        created
        closed
        cancelled
        cycleTime {
          medianSeconds
        }
      }
      previous {
        created
        closed
        cycleTime {
          medianSeconds
        }
      }
      throughput {
        date
        created
        closed
        cancelled
      }
      groups {
        type {
          id
          key
          name
        }
        building {
          id
          name
        }
        open
        totals {
          created
          closed
          cycleTime {
            medianSeconds
          }
        }
      }
    }
  }
`);

export const requestsChanged = graphql(`
  subscription ConsoleRequestFiguresChanged($after: String) {
    requestChanged(after: $after) {
      cursor
    }
  }
`);

/** What has stopped, and what is late. */
export const troubleQuery = graphql(`
  query ConsoleTrouble($incidents: IncidentFilter!, $clocks: SlaClockFilter!, $first: Int!, $hasIncidents: Boolean!, $hasSla: Boolean!) {
    liveCursor
    incidents(first: $first, filter: $incidents) @include(if: $hasIncidents) {
      totalCount
      edges {
        node {
          id
          kind
          message
          definitionKey
          state
          instance {
            id
            stateTitle
          }
          createdAt
          subject {
            ... on Request {
              number
            }
            ... on Project {
              name
            }
          }
        }
      }
    }
    slaBreaches(first: $first, filter: $clocks) @include(if: $hasSla) {
      totalCount
      edges {
        node {
          id
          title
          definitionKey
          breachedAt
          instance {
            id
            stateTitle
            subject {
              ... on Request {
                number
              }
              ... on Project {
                name
              }
            }
          }
        }
      }
    }
  }
`);

export const slaChanged = graphql(`
  subscription ConsoleDashboardClockChanged($after: String) {
    slaChanged(after: $after) {
      cursor
    }
  }
`);

export const incidentChanged = graphql(`
  subscription ConsoleIncidentChanged($after: String) {
    incidentChanged(after: $after) {
      cursor
    }
  }
`);

export type Counters = NonNullable<ConsoleDashboardNowQuery["dashboard"]>;
export type WorkFigures = NonNullable<ConsoleDashboardPeriodQuery["workflowStatistics"]>;
export type SlaFigures = NonNullable<ConsoleDashboardPeriodQuery["slaReport"]>;
export type RequestFigures = NonNullable<ConsoleRequestFiguresQuery["requestStatistics"]>;
export type Trouble = ConsoleTroubleQuery;
