import { graphql } from "../gql";

export const commentsQuery = graphql(`
  query ConsolePortalComments($id: ID!, $last: Int!) {
    liveCursor
    request(id: $id) {
      id
      comments(last: $last) {
        totalCount
        edges {
          node {
            id
            text
            createdAt
            editedAt
            author {
              id
              name
            }
          }
        }
      }
    }
  }
`);

export const commentChanged = graphql(`
  subscription ConsolePortalCommentChanged($id: ID!, $after: String) {
    requestCommentChanged(requestId: $id, after: $after) {
      cursor
    }
  }
`);

export const writeComment = graphql(`
  mutation ConsolePortalComment($input: CommentOnRequestInput!) {
    commentOnRequest(input: $input) {
      comment {
        id
      }
    }
  }
`);

export const filesQuery = graphql(`
  query ConsolePortalFiles($id: ID!) {
    liveCursor
    request(id: $id) {
      id
      attachments(last: 100) {
        totalCount
        edges {
          node {
            id
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
      }
    }
  }
`);

export const attachFile = graphql(`
  mutation ConsolePortalAttach($input: AttachFileInput!) {
    attachFile(input: $input) {
      attachment {
        id
      }
    }
  }
`);
