import { graphql } from "../gql";
import type { ConsoleObjectNameFragment } from "../gql/graphql";

/** What people call an object of any type. */
export const objectName = graphql(`
  fragment ConsoleObjectName on Node {
    __typename
    id
    ... on User {
      name
    }
    ... on Team {
      name
    }
    ... on Role {
      name
    }
    ... on Vendor {
      name
    }
    ... on Building {
      name
    }
    ... on Asset {
      name
    }
    ... on Project {
      name
    }
    ... on RequestType {
      name
    }
    ... on Definition {
      name
    }
    ... on Task {
      title
    }
    ... on Request {
      requestNumber: number
    }
    ... on WorkflowInstance {
      subject {
        __typename
        id
        ... on Request {
          requestNumber: number
        }
        ... on Project {
          name
        }
        ... on Vendor {
          name
        }
        ... on Asset {
          name
        }
      }
    }
  }
`);

type Named =
  | ConsoleObjectNameFragment
  | NonNullable<Extract<ConsoleObjectNameFragment, { readonly __typename: "WorkflowInstance" }>["subject"]>;

/** Returns null for an object of a type that has no name here. A workflow is called by what it is about. */
export function nameOfObject(object: Named): string | null {
  if ("subject" in object) return object.subject && nameOfObject(object.subject);
  if ("name" in object) return object.name;
  if ("title" in object) return object.title;
  return "requestNumber" in object ? object.requestNumber : null;
}
