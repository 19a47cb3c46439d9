import { graphql } from "../../gql";
import type { ConsoleFilesQuery } from "../../gql/graphql";

export const filesQuery = graphql(`
  query ConsoleFiles($id: ID!, $older: String) {
    liveCursor
    request(id: $id) {
      id
      attachments(first: 50, after: $older) {
        edges {
          cursor
          node {
            id
            visibility
            createdAt
            createdBy {
              id
              name
            }
            file {
              id
              name
              size
              status
              reason
            }
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`);

/** Files have no event of their own. They come with comments, and otherwise with changes of the request. */
export const filesChanged = graphql(`
  subscription ConsoleFilesChanged($id: ID!, $after: String) {
    requestChanged(id: $id, after: $after) {
      cursor
      occurredAt
    }
  }
`);

export const attachFile = graphql(`
  mutation ConsoleAttachFile($input: AttachFileInput!) {
    attachFile(input: $input) {
      attachment {
        id
      }
    }
  }
`);

export const deleteAttachment = graphql(`
  mutation ConsoleDeleteAttachment($input: IdInput!) {
    deleteAttachment(input: $input) {
      id
    }
  }
`);

export const downloadQuery = graphql(`
  query ConsoleDownload($id: ID!) {
    file(id: $id) {
      id
      status
      reason
      download {
        url
      }
    }
  }
`);

export type AttachmentOfRequest = NonNullable<ConsoleFilesQuery["request"]>["attachments"]["edges"][number]["node"];
export type FileOfRequest = NonNullable<AttachmentOfRequest["file"]>;
