import { graphql } from "../gql";
import type { ConsoleInboxRowsFragment } from "../gql/graphql";

export const inboxQuery = graphql(`
  query ConsoleInbox($queue: TaskQueue!, $filter: TaskFilter!, $orderBy: TaskOrder!) {
    liveCursor
    tasks(queue: $queue, filter: $filter, orderBy: $orderBy, first: 100) {
      totalCount
      ...ConsoleInboxRows
    }
  }
`);

export const moreTasks = graphql(`
  query ConsoleMoreTasks($queue: TaskQueue!, $filter: TaskFilter!, $orderBy: TaskOrder!, $after: String!) {
    tasks(queue: $queue, filter: $filter, orderBy: $orderBy, first: 100, after: $after) {
      ...ConsoleInboxRows
    }
  }
`);

export const inboxRows = graphql(`
  fragment ConsoleInboxRows on TaskConnection {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        title
        status
        priority
        dueAt
        isOverdue
        createdAt
        question {
          id
        }
        assignee {
          id
          name
        }
        subject {
          __typename
          id
          ... on Request {
            key: number
          }
          ... on Project {
            key: code
            name
          }
          ... on Vendor {
            key: code
            name
          }
          ... on Contract {
            key: number
            name: title
          }
          ... on Asset {
            key: tag
            name
          }
          ... on Building {
            key: code
            name
          }
          ... on Milestone {
            name
          }
        }
        instance {
          id
          stateTitle
        }
      }
    }
  }
`);

export const inboxChanged = graphql(`
  subscription ConsoleInboxChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      occurredAt
    }
  }
`);

export type InboxTask = ConsoleInboxRowsFragment["edges"][number]["node"];
