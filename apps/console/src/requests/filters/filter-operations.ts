import { graphql } from "../../gql";

export const peopleQuery = graphql(`
  query ConsoleFilterPeople($filter: UserFilter) {
    users(filter: $filter, first: 20) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

export const teamsQuery = graphql(`
  query ConsoleFilterTeams($filter: TeamFilter) {
    teams(filter: $filter, first: 10) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

export const vendorsQuery = graphql(`
  query ConsoleFilterVendors($filter: VendorFilter) {
    vendors(filter: $filter, first: 10) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

export const buildingsQuery = graphql(`
  query ConsoleFilterBuildings($filter: BuildingFilter) {
    buildings(filter: $filter, first: 20) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

/** Names of what a filter in the address has the IDs of. */
export const namesQuery = graphql(`
  query ConsoleFilterNames($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ...ConsoleObjectName
    }
  }
`);
