import { graphql } from "../../gql";
import type { ConsoleCommentsQuery } from "../../gql/graphql";

export const commentsQuery = graphql(`
  query ConsoleComments($id: ID!, $older: String) {
    liveCursor
    request(id: $id) {
      id
      viewerCanCommentInternally
      comments(first: 50, after: $older) {
        edges {
          cursor
          node {
            id
            audience
            text
            version
            createdAt
            editedAt
            isFromEmail
            author {
              id
              name
            }
            onBehalfOf {
              id
              name
            }
            mentioned {
              id
              name
            }
            attachments {
              id
              file {
                id
                name
                size
                status
                reason
              }
            }
            copiedFrom {
              id
              number
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

export const commentChanged = graphql(`
  subscription ConsoleCommentChanged($id: ID!, $after: String) {
    requestCommentChanged(requestId: $id, after: $after) {
      cursor
      occurredAt
      change
      commentId
    }
  }
`);

export const addComment = graphql(`
  mutation ConsoleComment($input: CommentOnRequestInput!) {
    commentOnRequest(input: $input) {
      comment {
        id
      }
    }
  }
`);

export const editComment = graphql(`
  mutation ConsoleEditComment($input: EditRequestCommentInput!) {
    editRequestComment(input: $input) {
      comment {
        id
        version
      }
    }
  }
`);

export const deleteComment = graphql(`
  mutation ConsoleDeleteComment($input: VersionedIdInput!) {
    deleteRequestComment(input: $input) {
      request {
        id
      }
    }
  }
`);

export type CommentOfRequest = NonNullable<ConsoleCommentsQuery["request"]>["comments"]["edges"][number]["node"];
