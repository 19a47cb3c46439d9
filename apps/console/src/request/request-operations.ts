import { graphql } from "../gql";
import type { ConsoleRequestQuery } from "../gql/graphql";

export const requestQuery = graphql(`
  query ConsoleRequest($id: ID!) {
    liveCursor
    request(id: $id) {
      id
      number
      state
      status
      version
      data
      priority
      impact
      urgency
      dueAt
      createdAt
      closedAt
      updatedAt
      tags
      viewerIsWatching
      isFromEmail
      isByLink
      createdBy {
        id
        name
      }
      assignee {
        __typename
        ... on User {
          id
          name
        }
        ... on Team {
          id
          name
        }
        ... on Vendor {
          id
          name
        }
      }
      type {
        id
        name
        submitTransition
        form {
          name
          title
          description
          schema
          uiSchema
          data
        }
      }
      building {
        id
        name
      }
      asset {
        id
        name
      }
      space {
        id
        name
      }
      watchers {
        id
        name
      }
      links {
        kind
        isInverse
        request {
          id
          number
          state
          closedAt
          data
        }
      }
      slaStatus {
        id
        title
        status
        isBreached
        targetSeconds
        consumedSeconds
        remainingSeconds
        dueAt
        endedAt
        isPausedByHand
      }
      workflow {
        id
        state
        stateTitle
        status
        version
        availableTransitions {
          name
        }
        tasks {
          id
          title
          status
          dueAt
          isOverdue
          candidateRoles
          createdAt
          assignee {
            id
            name
          }
        }
      }
    }
  }
`);

export const requestChanged = graphql(`
  subscription ConsoleRequestChanged($id: ID!, $after: String) {
    requestChanged(id: $id, after: $after) {
      cursor
      occurredAt
    }
  }
`);

export const tasksChanged = graphql(`
  subscription ConsoleRequestTasksChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      occurredAt
      task {
        id
        instance {
          id
        }
      }
    }
  }
`);

/** The request of a number, such as `MR-12`. */
export const numberQuery = graphql(`
  query ConsoleRequestByNumber($number: String!) {
    requests(filter: { number: { eq: $number } }, first: 1) {
      edges {
        node {
          id
          number
        }
      }
    }
  }
`);

export type RequestOfPage = NonNullable<ConsoleRequestQuery["request"]>;
export type ClockOfRequest = NonNullable<RequestOfPage["slaStatus"]>[number];
