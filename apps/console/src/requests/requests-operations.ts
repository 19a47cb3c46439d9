import { graphql } from "../gql";
import type { ConsoleRequestRowFragment } from "../gql/graphql";

export const requestRow = graphql(`
  fragment ConsoleRequestRow on Request {
    id
    number
    state
    status
    data
    priority
    dueAt
    createdAt
    updatedAt
    closedAt
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
    }
    building @include(if: $withPlace) {
      id
      name
    }
    asset @include(if: $withPlace) {
      id
      name
    }
    workflow {
      id
      stateTitle
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
    }
  }
`);

export type RequestRow = ConsoleRequestRowFragment;

export const requestPageQuery = graphql(`
  query ConsoleRequestPage(
    $filter: RequestFilter
    $viewId: ID
    $orderBy: RequestOrder
    $first: Int!
    $after: String
    $withPlace: Boolean!
  ) {
    liveCursor
    requests(filter: $filter, viewId: $viewId, orderBy: $orderBy, first: $first, after: $after) {
      edges {
        node {
          id
          ...ConsoleRequestRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const requestCountQuery = graphql(`
  query ConsoleRequestCount($filter: RequestFilter, $viewId: ID) {
    requests(filter: $filter, viewId: $viewId, first: 1) {
      totalCount
    }
  }
`);

export const requestListChanged = graphql(`
  subscription ConsoleRequestListChanged($filter: RequestFilter, $viewId: ID, $after: String, $withPlace: Boolean!) {
    requestListChanged(filter: $filter, viewId: $viewId, after: $after) {
      cursor
      occurredAt
      requestId
      request {
        id
        ...ConsoleRequestRow
      }
    }
  }
`);

/** Types of requests, and who asks and works, for filters. */
export const requestTypesQuery = graphql(`
  query ConsoleRequestTypes {
    requestTypes(first: 100) {
      edges {
        node {
          id
          key
          name
          definitionKey
        }
      }
    }
  }
`);

export const definitionStatesQuery = graphql(`
  query ConsoleDefinitionStates($keys: [String!]!) {
    definitions(filter: { key: { in: $keys }, status: { eq: PUBLISHED } }, first: 100) {
      edges {
        node {
          id
          key
          number
          document
        }
      }
    }
  }
`);
