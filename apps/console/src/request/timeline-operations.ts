import { graphql } from "../gql";
import type { ConsoleTimelineQuery } from "../gql/graphql";

export const timelineQuery = graphql(`
  query ConsoleTimeline($id: ID!, $kinds: [RequestTimelineKind!], $older: String) {
    liveCursor
    request(id: $id) {
      id
      timeline(first: 60, after: $older, kinds: $kinds) {
        edges {
          cursor
          node {
            kind
            event
            at
            isAutomatic
            audience
            text
            title
            transition
            transitionTitle
            from
            fromTitle
            to
            toTitle
            actor {
              id
              name
            }
            onBehalfOf {
              id
              name
            }
            assignee {
              __typename
              ... on User {
                id
                name
              }
              ... on Team {
                id
                name
              }
              ... on Vendor {
                id
                name
              }
            }
            comment {
              id
              text
            }
            attachment {
              id
              file {
                id
                name
              }
            }
            otherRequest {
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

export const timelineCommented = graphql(`
  subscription ConsoleTimelineCommented($id: ID!, $after: String) {
    requestCommentChanged(requestId: $id, after: $after) {
      cursor
      occurredAt
      change
    }
  }
`);

export type TimelineEntry = NonNullable<ConsoleTimelineQuery["request"]>["timeline"]["edges"][number]["node"];
