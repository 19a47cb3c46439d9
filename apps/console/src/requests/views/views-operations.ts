import { graphql } from "../../gql";
import type { ConsoleRequestViewsQuery } from "../../gql/graphql";

export const viewsQuery = graphql(`
  query ConsoleRequestViews {
    savedViews(filter: { list: { eq: REQUESTS } }, first: 100) {
      edges {
        node {
          id
          name
          visibility
          filter
          orderBy {
            field
            direction
          }
          columns
          version
          count
          viewerCanUpdate
        }
      }
    }
  }
`);

export type SavedView = NonNullable<ConsoleRequestViewsQuery["savedViews"]>["edges"][number]["node"];

export const saveView = graphql(`
  mutation ConsoleSaveView($input: SaveViewInput!) {
    saveView(input: $input) {
      view {
        id
      }
    }
  }
`);

export const deleteView = graphql(`
  mutation ConsoleDeleteView($input: VersionedIdInput!) {
    deleteView(input: $input) {
      id
    }
  }
`);
