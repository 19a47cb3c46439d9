import { graphql } from "../../gql";
import type { ConsoleBulkPreviewQuery, ConsoleBulkTransitionsQuery } from "../../gql/graphql";

export const bulkTransitionsQuery = graphql(`
  query ConsoleBulkTransitions($ids: [ID!]!, $first: Int!) {
    requests(filter: { workflow: { id: { in: $ids } } }, first: $first) {
      edges {
        node {
          id
          workflow {
            id
            availableTransitions {
              name
              title
              toTitle
              allowed
              requiresComment
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
    }
  }
`);

export type BulkTransition = NonNullable<
  NonNullable<ConsoleBulkTransitionsQuery["requests"]>["edges"][number]["node"]["workflow"]
>["availableTransitions"][number];

export const bulkPreviewQuery = graphql(`
  query ConsoleBulkPreview($transition: String!, $ids: [ID!]!) {
    previewBulkTransition(transition: $transition, instanceIds: $ids) {
      total
      open
      rejected
      reasons {
        message
        count
      }
      requiresComment
    }
  }
`);

export type BulkPreview = NonNullable<ConsoleBulkPreviewQuery["previewBulkTransition"]>;

export const bulkFireTransition = graphql(`
  mutation ConsoleBulkFire($input: BulkFireTransitionInput!) {
    bulkFireTransition(input: $input) {
      operation {
        id
      }
    }
  }
`);

export const cancelBulkOperation = graphql(`
  mutation ConsoleCancelBulk($input: KeyedVersionedIdInput!) {
    cancelBulkOperation(input: $input) {
      operation {
        id
      }
    }
  }
`);

export const bulkProgressQuery = graphql(`
  query ConsoleBulkProgress($id: ID!) {
    liveCursor
    bulkOperation(id: $id) {
      id
      status
      total
      done
      failed
      message
      items(status: FAILED, first: 50) {
        totalCount
        edges {
          node {
            position
            message
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
  }
`);

export const bulkProgressed = graphql(`
  subscription ConsoleBulkProgressed($id: ID, $after: String) {
    bulkOperationChanged(id: $id, after: $after) {
      cursor
      occurredAt
    }
  }
`);
