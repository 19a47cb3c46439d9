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
          sequence
          liveCursor
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

/** Entries that are sealed after those of the list. */
export const newEntriesSubscription = graphql(`
  subscription ConsoleNewAuditEntries($filter: AuditEntryFilter, $after: String) {
    auditEntrySealed(filter: $filter, after: $after) {
      cursor
      entry {
        id
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
