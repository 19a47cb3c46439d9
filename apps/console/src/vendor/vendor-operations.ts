import { graphql } from "../gql";
import type {
  ConsoleVendorDocumentsQuery,
  ConsoleVendorMilestonesQuery,
  ConsoleVendorOffersQuery,
  ConsoleVendorRequestsQuery,
  ConsoleVendorTasksQuery,
  ConsoleProjectTaskQuery,
} from "../gql/graphql";

export const vendorTasksQuery = graphql(`
  query ConsoleVendorTasks($older: String) {
    liveCursor
    projectTasks(first: 100, after: $older) {
      pageInfo {
        hasNextPage
      }
      edges {
        cursor
        node {
          id
          name
          projectName
          status
          percentComplete
          plannedStartAt
          plannedFinishAt
        }
      }
    }
  }
`);

export type VendorTask = NonNullable<ConsoleVendorTasksQuery["projectTasks"]>["edges"][number]["node"];

export const vendorMilestonesQuery = graphql(`
  query ConsoleVendorMilestones($older: String) {
    liveCursor
    milestones(first: 100, after: $older, filter: { status: { ne: REACHED } }) {
      pageInfo {
        hasNextPage
      }
      edges {
        cursor
        node {
          id
          name
          dueOn
          isOverdue
          project {
            id
            name
          }
        }
      }
    }
  }
`);

export type VendorMilestone = NonNullable<ConsoleVendorMilestonesQuery["milestones"]>["edges"][number]["node"];

export const vendorRequestsQuery = graphql(`
  query ConsoleVendorRequests($filter: RequestFilter!, $older: String) {
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
          data
          priority
          dueAt
          closedAt
          updatedAt
          status
          type {
            id
            name
          }
          building {
            id
            name
          }
          workflow {
            id
            stateTitle
          }
        }
      }
    }
  }
`);

export type VendorRequest = NonNullable<ConsoleVendorRequestsQuery["requests"]>["edges"][number]["node"];

export const workChanged = graphql(`
  subscription ConsoleVendorWorkChanged($after: String) {
    requestChanged(after: $after) {
      cursor
    }
  }
`);

export const offersQuery = graphql(`
  query ConsoleVendorOffers($filter: VendorOfferFilter!, $older: String) {
    liveCursor
    vendorOffers(filter: $filter, first: 30, after: $older) {
      pageInfo {
        hasNextPage
      }
      edges {
        cursor
        node {
          id
          status
          number
          title
          category
          buildingName
          dueAt
          note
          reason
          offeredAt
          expiresAt
          endedAt
          request {
            id
          }
        }
      }
    }
  }
`);

export type Offer = NonNullable<ConsoleVendorOffersQuery["vendorOffers"]>["edges"][number]["node"];

export const notified = graphql(`
  subscription ConsoleVendorNotified($after: String) {
    notificationReceived(after: $after) {
      cursor
    }
  }
`);

export const acceptOffer = graphql(`
  mutation ConsoleAcceptOffer($input: KeyedIdInput!) {
    acceptOffer(input: $input) {
      __typename
    }
  }
`);

export const declineOffer = graphql(`
  mutation ConsoleDeclineOffer($input: DeclineOfferInput!) {
    declineOffer(input: $input) {
      __typename
    }
  }
`);

export const documentsQuery = graphql(`
  query ConsoleVendorDocuments {
    liveCursor
    me {
      id
      vendor {
        id
        name
        missingDocuments {
          kind
          reason
          expiredAt
          document {
            id
            title
          }
        }
      }
    }
    vendorDocuments(first: 100) {
      edges {
        node {
          id
          kind
          title
          number
          validUntil
          isExpired
          status
          reason
          createdAt
          attachments(first: 10) {
            edges {
              node {
                id
                file {
                  id
                  name
                  status
                  reason
                }
              }
            }
          }
        }
      }
    }
  }
`);

export type VendorDocuments = ConsoleVendorDocumentsQuery;
export type VendorDocument = NonNullable<VendorDocuments["vendorDocuments"]>["edges"][number]["node"];

export const addDocument = graphql(`
  mutation ConsoleAddVendorDocument($input: AddVendorDocumentInput!) {
    addVendorDocument(input: $input) {
      document {
        id
      }
      warnings {
        code
        message
      }
    }
  }
`);

export const projectTaskQuery = graphql(`
  query ConsoleProjectTask($id: ID!) {
    liveCursor
    projectTask(id: $id) {
      id
      name
      description
      projectName
      status
      percentComplete
      actualMinutes
      estimateMinutes
      plannedStartAt
      plannedFinishAt
      deadlineAt
      actualStartAt
      actualFinishAt
      version
      predecessors {
        predecessor {
          id
          name
          plannedFinishAt
        }
      }
      reports(first: 50) {
        totalCount
        edges {
          node {
            id
            percentComplete
            workedMinutes
            note
            reportedAt
            reportedBy {
              id
              name
            }
          }
        }
      }
    }
  }
`);

export type VendorProjectTask = NonNullable<ConsoleProjectTaskQuery["projectTask"]>;

export const reportProgress = graphql(`
  mutation ConsoleReportProgress($input: ReportProjectTaskProgressInput!) {
    reportProjectTaskProgress(input: $input) {
      projectTask {
        id
        version
      }
    }
  }
`);
