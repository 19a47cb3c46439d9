import { graphql } from "../gql";

/** Searches what the user can read and the console has pages for. */
export const paletteQuery = graphql(`
  query ConsolePalette(
    $words: String!
    $tasks: Boolean!
    $requests: Boolean!
    $projects: Boolean!
    $vendors: Boolean!
    $assets: Boolean!
    $users: Boolean!
  ) {
    tasks(first: 6, filter: { title: { contains: $words }, status: { in: [OPEN, CLAIMED] } }) @include(if: $tasks) {
      edges {
        node {
          __typename
          id
          title
          instance {
            id
            stateTitle
          }
        }
      }
    }
    requests(first: 8, filter: { search: { contains: $words } }) @include(if: $requests) {
      edges {
        node {
          __typename
          id
          number
          state
          data
          type {
            id
            name
          }
        }
      }
    }
    projects(first: 6, filter: { search: { contains: $words } }) @include(if: $projects) {
      edges {
        node {
          __typename
          id
          code
          name
        }
      }
    }
    vendors(first: 6, filter: { search: { contains: $words } }) @include(if: $vendors) {
      edges {
        node {
          __typename
          id
          code
          name
        }
      }
    }
    assets(first: 6, filter: { search: { contains: $words } }) @include(if: $assets) {
      edges {
        node {
          __typename
          id
          tag
          name
        }
      }
    }
    users(first: 6, filter: { search: { contains: $words } }) @include(if: $users) {
      edges {
        node {
          __typename
          id
          name
          email
        }
      }
    }
  }
`);
