import { graphql } from "../../gql";
import type { ConsoleBoardTransitionsQuery } from "../../gql/graphql";

export const boardTransitionsQuery = graphql(`
  query ConsoleBoardTransitions($id: ID!) {
    workflowInstance(id: $id) {
      id
      version
      availableTransitions {
        name
        title
        to
        toTitle
        allowed
        reasons
        requiresComment
        form {
          name
        }
      }
    }
  }
`);

export type BoardInstance = NonNullable<ConsoleBoardTransitionsQuery["workflowInstance"]>;
export type BoardTransition = BoardInstance["availableTransitions"][number];

export const fireTransition = graphql(`
  mutation ConsoleFireTransition($input: FireTransitionInput!) {
    fireTransition(input: $input) {
      instance {
        id
        stateTitle
      }
    }
  }
`);
