import { graphql } from "../gql";

export const linkRequests = graphql(`
  mutation ConsoleLink($input: LinkRequestsInput!) {
    linkRequests(input: $input) {
      request {
        id
      }
    }
  }
`);

export const unlinkRequests = graphql(`
  mutation ConsoleUnlink($input: LinkRequestsInput!) {
    unlinkRequests(input: $input) {
      request {
        id
      }
    }
  }
`);

export const mergeRequests = graphql(`
  mutation ConsoleMerge($input: MergeRequestsInput!) {
    mergeRequests(input: $input) {
      into {
        id
        number
      }
    }
  }
`);

export const splitRequest = graphql(`
  mutation ConsoleSplit($input: SplitRequestInput!) {
    splitRequest(input: $input) {
      newRequest {
        id
        number
      }
    }
  }
`);

/** Requests whose number, fields or comments contain words. */
export const searchQuery = graphql(`
  query ConsoleFindRequest($text: String!) {
    requests(filter: { search: { contains: $text } }, first: 8) {
      edges {
        node {
          id
          number
          data
        }
      }
    }
  }
`);
