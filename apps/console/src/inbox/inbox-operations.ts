import { graphql } from "../gql";
import type { ConsoleInboxQuery } from "../gql/graphql";

export const inboxQuery = graphql(`
  query ConsoleInbox($queue: TaskQueue!) {
    liveCursor
    tasks(queue: $queue, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: DUE_AT }, first: 100) {
      totalCount
      edges {
        node {
          id
          title
          status
          priority
          dueAt
          isOverdue
          createdAt
          assignee {
            id
            name
          }
          subject {
            __typename
            id
            ... on Request {
              number
            }
            ... on Project {
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

export type InboxTask = NonNullable<ConsoleInboxQuery["tasks"]>["edges"][number]["node"];
