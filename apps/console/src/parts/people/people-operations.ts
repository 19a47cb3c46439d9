import { graphql } from "../../gql";

export const usersQuery = graphql(`
  query ConsoleUsers($text: String!) {
    users(filter: { search: { contains: $text }, status: { eq: ACTIVE } }, first: 8) {
      edges {
        node {
          id
          name
          email
        }
      }
    }
  }
`);

export const assigneesQuery = graphql(`
  query ConsoleAssignees($text: String!) {
    users(filter: { search: { contains: $text }, status: { eq: ACTIVE } }, first: 8) {
      edges {
        node {
          id
          name
          email
        }
      }
    }
    teams(filter: { search: { contains: $text } }, first: 5) {
      edges {
        node {
          id
          name
        }
      }
    }
    vendors(filter: { search: { contains: $text } }, first: 5) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);
