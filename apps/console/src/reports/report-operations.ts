import { graphql } from "../gql";
import type { ConsoleReportFragment, ConsoleReportSchedulesQuery } from "../gql/graphql";

export const report = graphql(`
  fragment ConsoleReport on ComplianceReport {
    id
    kind
    periodFrom
    periodTo
    status
    snapshotAt
    rowCount
    message
    createdAt
    requiresSignOff
    createdBy {
      id
      name
    }
    signOff {
      id
      status
      stateTitle
      tasks {
        id
        status
      }
    }
    files {
      format
      table
      file {
        id
        name
        size
        status
        reason
      }
    }
  }
`);

export type Report = ConsoleReportFragment;

export const reportsQuery = graphql(`
  query ConsoleReports($filter: ComplianceReportFilter, $after: String) {
    complianceReports(filter: $filter, first: 30, after: $after) {
      edges {
        node {
          id
          ...ConsoleReport
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const reportQuery = graphql(`
  query ConsoleOneReport($id: ID!) {
    complianceReport(id: $id) {
      id
      ...ConsoleReport
    }
  }
`);

export const createReport = graphql(`
  mutation ConsoleCreateReport($input: CreateComplianceReportInput!) {
    createComplianceReport(input: $input) {
      complianceReport {
        id
      }
    }
  }
`);

export const deleteReport = graphql(`
  mutation ConsoleDeleteReport($input: IdInput!) {
    deleteComplianceReport(input: $input) {
      id
    }
  }
`);

export const schedulesQuery = graphql(`
  query ConsoleReportSchedules {
    complianceReportSchedules(first: 100) {
      edges {
        node {
          id
          name
          kind
          formats
          periodDays
          cron
          timeZone
          requiresSignOff
          nextAt
          message
          createdBy {
            id
            name
          }
        }
      }
    }
  }
`);

export type ReportSchedule = NonNullable<ConsoleReportSchedulesQuery["complianceReportSchedules"]>["edges"][number]["node"];

export const createSchedule = graphql(`
  mutation ConsoleCreateReportSchedule($input: CreateComplianceReportScheduleInput!) {
    createComplianceReportSchedule(input: $input) {
      complianceReportSchedule {
        id
      }
    }
  }
`);

export const deleteSchedule = graphql(`
  mutation ConsoleDeleteReportSchedule($input: IdInput!) {
    deleteComplianceReportSchedule(input: $input) {
      id
    }
  }
`);
