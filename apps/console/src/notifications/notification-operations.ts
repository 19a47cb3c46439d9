import { graphql } from "../gql";
import type { ConsoleNotificationsQuery } from "../gql/graphql";

export const unreadQuery = graphql(`
  query ConsoleUnread {
    liveCursor
    unreadNotificationCount
  }
`);

export const unreadChanged = graphql(`
  subscription ConsoleUnreadChanged($after: String) {
    unreadNotificationCountChanged(after: $after) {
      cursor
      count
    }
  }
`);

export const notificationsQuery = graphql(`
  query ConsoleNotifications($first: Int!, $filter: NotificationFilter) {
    liveCursor
    notifications(first: $first, filter: $filter) {
      pageInfo {
        hasNextPage
      }
      edges {
        node {
          id
          kind
          title
          isRead
          createdAt
          subject {
            __typename
            id
          }
        }
      }
    }
  }
`);

export const notificationReceived = graphql(`
  subscription ConsoleNotificationReceived($after: String) {
    notificationReceived(after: $after) {
      cursor
    }
  }
`);

export const markRead = graphql(`
  mutation ConsoleMarkRead($input: IdInput!) {
    markNotificationRead(input: $input) {
      notification {
        id
      }
    }
  }
`);

export const markAllRead = graphql(`
  mutation ConsoleMarkAllRead($input: MarkAllNotificationsReadInput!) {
    markAllNotificationsRead(input: $input) {
      readCount
    }
  }
`);

export type ShownNotification = NonNullable<ConsoleNotificationsQuery["notifications"]>["edges"][number]["node"];
