import { graphql } from "../../gql";

export const verification = graphql(`
  fragment ConsoleVerification on AuditVerification {
    id
    status
    total
    verifiedEntries
    message
    createdAt
    finishedAt
    createdBy {
      id
      name
    }
    report {
      isValid
      verifiedEntries
      checkpoint
      firstProblem {
        kind
        sequence
        entryId
        message
      }
    }
  }
`);

export const lastVerificationQuery = graphql(`
  query ConsoleLastVerification {
    auditVerifications(first: 1) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const verificationQuery = graphql(`
  query ConsoleAuditVerification($id: ID!) {
    auditVerification(id: $id) {
      id
      ...ConsoleVerification
    }
  }
`);

export const startVerification = graphql(`
  mutation ConsoleStartAuditVerification($input: StartAuditVerificationInput!) {
    startAuditVerification(input: $input) {
      verification {
        id
      }
    }
  }
`);
