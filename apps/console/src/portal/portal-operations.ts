import { graphql } from "../gql";
import type { ConsoleMyRequestsQuery, ConsolePortalRequestQuery, ConsoleWaitingForMeQuery } from "../gql/graphql";

export const catalogQuery = graphql(`
  query ConsoleCatalog {
    liveCursor
    catalog {
      id
      key
      name
      description
    }
  }
`);

export const myRequestsQuery = graphql(`
  query ConsoleMyRequests($filter: RequestFilter!, $older: String) {
    liveCursor
    requests(filter: $filter, orderBy: { field: UPDATED_AT, direction: DESC }, first: 30, after: $older) {
      pageInfo {
        hasNextPage
      }
      edges {
        cursor
        node {
          id
          number
          status
          data
          closedAt
          updatedAt
          type {
            id
            name
            submitTransition
            closeTransition
          }
          assignee {
            __typename
          }
          workflow {
            id
            stateTitle
            availableTransitions {
              name
              allowed
            }
          }
        }
      }
    }
  }
`);

export const requestsChanged = graphql(`
  subscription ConsoleMyRequestsChanged($after: String) {
    requestChanged(after: $after) {
      cursor
    }
  }
`);

export type MyRequest = NonNullable<ConsoleMyRequestsQuery["requests"]>["edges"][number]["node"];

export const waitingQuery = graphql(`
  query ConsoleWaitingForMe {
    liveCursor
    tasks(queue: OFFERED_TO_ME, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: DUE_AT }, first: 20) {
      edges {
        node {
          id
          title
          dueAt
          isOverdue
          question {
            id
            text
            asked {
              id
            }
          }
          availableTransitions {
            name
            allowed
          }
          subject {
            __typename
            id
            ... on Request {
              number
            }
          }
        }
      }
    }
  }
`);

export type WaitingTask = NonNullable<ConsoleWaitingForMeQuery["tasks"]>["edges"][number]["node"];

export const tasksChanged = graphql(`
  subscription ConsoleWaitingChanged($after: String) {
    taskChanged(after: $after) {
      cursor
    }
  }
`);

export const typeQuery = graphql(`
  query ConsoleRequestForm($key: String!) {
    liveCursor
    requestTypes(filter: { key: { eq: $key } }, first: 1) {
      edges {
        node {
          id
          name
          description
          form {
            name
            title
            description
            schema
            uiSchema
            data
          }
        }
      }
    }
  }
`);

export const draftQuery = graphql(`
  query ConsoleRequestDraft($id: ID!) {
    liveCursor
    request(id: $id) {
      id
      version
      data
      building {
        id
      }
      asset {
        id
      }
      space {
        id
      }
    }
  }
`);

export const createRequest = graphql(`
  mutation ConsoleCreateRequest($input: CreateRequestInput!) {
    createRequest(input: $input) {
      request {
        id
        version
      }
    }
  }
`);

export const updateRequest = graphql(`
  mutation ConsoleUpdateRequest($input: UpdateRequestInput!) {
    updateRequest(input: $input) {
      request {
        id
        version
      }
    }
  }
`);

export const submitRequest = graphql(`
  mutation ConsoleSubmitRequest($input: KeyedVersionedIdInput!) {
    submitRequest(input: $input) {
      request {
        id
      }
    }
  }
`);

export const requestQuery = graphql(`
  query ConsolePortalRequest($id: ID!) {
    liveCursor
    request(id: $id) {
      id
      number
      status
      data
      version
      createdAt
      closedAt
      dueAt
      createdBy {
        id
      }
      type {
        id
        key
        name
        submitTransition
        closeTransition
      }
      building {
        id
        name
        address
      }
      asset {
        id
        name
        tag
      }
      assignee {
        __typename
        ... on User {
          name
        }
        ... on Team {
          name
        }
        ... on Vendor {
          name
        }
      }
      workflow {
        id
        version
        state
        stateTitle
        availableTransitions {
          name
          allowed
        }
        tasks {
          id
          title
          status
          version
          question {
            id
            text
            author {
              name
            }
            asked {
              id
            }
          }
          availableTransitions {
            name
            allowed
          }
        }
      }
    }
  }
`);

export const requestChanged = graphql(`
  subscription ConsolePortalRequestChanged($id: ID!, $after: String) {
    requestChanged(id: $id, after: $after) {
      cursor
    }
  }
`);

export type PortalRequest = NonNullable<ConsolePortalRequestQuery["request"]>;
