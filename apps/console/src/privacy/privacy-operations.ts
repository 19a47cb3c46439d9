import { graphql } from "../gql";
import type { ConsoleLegalHoldsQuery, ConsolePrivacyRequestFragment } from "../gql/graphql";

export const privacyRequest = graphql(`
  fragment ConsolePrivacyRequest on PrivacyRequest {
    id
    kind
    personId
    status
    reason
    decisionNote
    decidedAt
    message
    hasBegun
    fileId
    version
    createdAt
    finishedAt
    user {
      id
      name
      email
    }
    requestedBy {
      id
      name
    }
    decidedBy {
      id
      name
    }
    receipt {
      rows {
        table
        rows
      }
      copies {
        table
        rows
      }
      fileCount
      sharedValueCount
      signed
    }
  }
`);

export type PrivacyRequest = ConsolePrivacyRequestFragment;

export const privacyRequestsQuery = graphql(`
  query ConsolePrivacyRequests($filter: PrivacyRequestFilter, $after: String) {
    privacyRequests(filter: $filter, first: 30, after: $after) {
      edges {
        node {
          id
          ...ConsolePrivacyRequest
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const privacyRequestQuery = graphql(`
  query ConsoleOnePrivacyRequest($id: ID!) {
    privacyRequest(id: $id) {
      id
      ...ConsolePrivacyRequest
    }
  }
`);

export const previewQuery = graphql(`
  query ConsoleErasurePreview($personId: ID!, $isAnonymization: Boolean!) {
    erasurePreview(personId: $personId, isAnonymization: $isAnonymization) {
      isHeld
      endedHolds {
        id
        reason
        endedAt
        endReason
        endedBy {
          id
          name
        }
      }
      fileCount
      kept
      tables {
        table
        columns
        action
        rows
      }
    }
  }
`);

export const exportPerson = graphql(`
  mutation ConsoleExportPerson($input: PersonInput!) {
    exportPerson(input: $input) {
      privacyRequest {
        id
      }
    }
  }
`);

export const anonymisePerson = graphql(`
  mutation ConsoleAnonymisePerson($input: PersonInput!) {
    anonymisePerson(input: $input) {
      privacyRequest {
        id
      }
    }
  }
`);

export const erasePerson = graphql(`
  mutation ConsoleErasePerson($input: PersonInput!) {
    erasePerson(input: $input) {
      privacyRequest {
        id
      }
    }
  }
`);

export const approveRequest = graphql(`
  mutation ConsoleApprovePrivacyRequest($input: VersionedIdInput!) {
    approvePrivacyRequest(input: $input) {
      privacyRequest {
        id
      }
    }
  }
`);

export const declineRequest = graphql(`
  mutation ConsoleDeclinePrivacyRequest($input: DeclinePrivacyRequestInput!) {
    declinePrivacyRequest(input: $input) {
      privacyRequest {
        id
      }
    }
  }
`);

export const withdrawRequest = graphql(`
  mutation ConsoleWithdrawPrivacyRequest($input: VersionedIdInput!) {
    withdrawPrivacyRequest(input: $input) {
      privacyRequest {
        id
      }
    }
  }
`);

export const holdsQuery = graphql(`
  query ConsoleLegalHolds($filter: LegalHoldFilter, $after: String) {
    legalHolds(filter: $filter, first: 30, after: $after) {
      edges {
        node {
          id
          objectId
          reason
          endedAt
          endReason
          version
          createdAt
          createdBy {
            id
            name
          }
          endedBy {
            id
            name
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

export type LegalHold = NonNullable<ConsoleLegalHoldsQuery["legalHolds"]>["edges"][number]["node"];

export const createHold = graphql(`
  mutation ConsoleCreateLegalHold($input: CreateLegalHoldInput!) {
    createLegalHold(input: $input) {
      legalHold {
        id
      }
    }
  }
`);

export const endHold = graphql(`
  mutation ConsoleEndLegalHold($input: EndLegalHoldInput!) {
    endLegalHold(input: $input) {
      legalHold {
        id
      }
    }
  }
`);
