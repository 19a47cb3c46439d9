import { graphql } from "../../gql";
import type { ConsoleImportQuery } from "../../gql/graphql";

export const createImport = graphql(`
  mutation ConsoleCreateImport($input: CreateImportInput!) {
    createImport(input: $input) {
      import {
        id
      }
    }
  }
`);

export const startImport = graphql(`
  mutation ConsoleStartImport($input: StartImportInput!) {
    startImport(input: $input) {
      import {
        id
      }
    }
  }
`);

export const cancelImport = graphql(`
  mutation ConsoleCancelImport($input: VersionedIdInput!) {
    cancelImport(input: $input) {
      import {
        id
      }
    }
  }
`);

export const importQuery = graphql(`
  query ConsoleImport($id: ID!) {
    import(id: $id) {
      id
      status
      columns
      mapping {
        column
        field
      }
      lineCount
      doneCount
      createdCount
      updatedCount
      skippedCount
      failedCount
      message
    }
  }
`);

export type ImportOfRequests = NonNullable<ConsoleImportQuery["import"]>;

/** The import of requests that has not ended, if the user has begun one before. */
export const openImportQuery = graphql(`
  query ConsoleOpenImport {
    imports(filter: { list: { eq: REQUESTS }, status: { in: [CHECKING, READY, RUNNING] } }, first: 1) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const importProblemsQuery = graphql(`
  query ConsoleImportProblems($id: ID!, $older: String) {
    importProblems(importId: $id, first: 50, after: $older) {
      edges {
        cursor
        node {
          line
          column
          message
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);
