import { graphql } from "../gql";
import type { ConsoleAuditEntryQuery, ConsoleAuditPageQuery } from "../gql/graphql";

export const auditPageQuery = graphql(`
  query ConsoleAuditPage($filter: AuditEntryFilter, $after: String) {
    auditEntries(filter: $filter, first: 50, after: $after) {
      edges {
        node {
          id
          at
          action
          summary
          entityType
          entityId
          address
          actor {
            id
            name
          }
          onBehalfOf {
            id
            name
          }
          entity {
            id
            ...ConsoleObjectName
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export type AuditRow = NonNullable<ConsoleAuditPageQuery["auditEntries"]>["edges"][number]["node"];

/** The newest entry, to see whether there are newer ones than those of the list. */
export const newestEntryQuery = graphql(`
  query ConsoleNewestAuditEntry($filter: AuditEntryFilter) {
    auditEntries(filter: $filter, first: 1) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const auditEntryQuery = graphql(`
  query ConsoleAuditEntry($id: ID!) {
    node(id: $id) {
      id
      ... on AuditEntry {
        at
        action
        summary
        entityType
        entityId
        before
        after
        address
        sessionId
        apiKeyId
        requestId
        sequence
        actor {
          id
          name
          email
        }
        onBehalfOf {
          id
          name
        }
        entity {
          id
          ...ConsoleObjectName
        }
      }
    }
  }
`);

export type OpenAuditEntry = Extract<NonNullable<ConsoleAuditEntryQuery["node"]>, { readonly action: string }>;
