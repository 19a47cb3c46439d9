import { gql, type TypedDocumentNode } from "@urql/core";
import { askForComment, startPage } from "../shared/page";
import type { Request } from "../shared/types";
import { newClient } from "./client";

// Queries and mutations are nullable at the root: null is what failed, and `error` says why.
interface RequestsData {
  readonly liveCursor: string | null;
  readonly requests: { readonly edges: readonly { readonly node: Request }[] } | null;
}
interface FireVariables {
  readonly input: { instanceId: string; transition: string; expectedVersion: number; comment: string | null };
}
interface ChangedData {
  readonly requestChanged: { readonly cursor: string; readonly request: Request };
}

const requestRow = gql`
  fragment RequestRow on Request {
    id
    number
    workflow {
      id
      version
      stateTitle
      availableTransitions {
        name
        title
        allowed
        requiresComment
        inputSchema
      }
    }
  }
`;

const requestsQuery: TypedDocumentNode<RequestsData, Record<string, never>> = gql`
  query Requests {
    liveCursor
    requests(first: 20, orderBy: { field: CREATED_AT, direction: DESC }) {
      edges {
        node {
          ...RequestRow
        }
      }
    }
  }
  ${requestRow}
`;

const fireMutation: TypedDocumentNode<unknown, FireVariables> = gql`
  mutation Fire($input: FireTransitionInput!) {
    fireTransition(input: $input) {
      subject {
        ...RequestRow
      }
    }
  }
  ${requestRow}
`;

const changedSubscription: TypedDocumentNode<ChangedData, { after: string | null }> = gql`
  subscription RequestChanged($after: String) {
    requestChanged(after: $after) {
      cursor
      request {
        ...RequestRow
      }
    }
  }
  ${requestRow}
`;

let client = newClient();
let stop = (): void => {};

startPage({
  open(show, fail) {
    let live: { unsubscribe(): void } | undefined;
    let shown = new Set<string>();
    // Called again when a mutation or a live event changes a request in the cache.
    const list = client.query(requestsQuery, {}).subscribe(({ data, error }) => {
      if (error) fail(error);
      if (!data?.requests) return;
      const requests = data.requests.edges.map(({ node }) => node);
      shown = new Set(requests.map(({ id }) => id));
      show(requests);
      // `liveCursor` is the position before the list was read: changes made since then are sent first.
      live ??= client.subscription(changedSubscription, { after: data.liveCursor }).subscribe((event) => {
        if (event.error) fail(event.error);
        const id = event.data?.requestChanged.request.id;
        // The cache updates the requests it holds. A new request is not in the list yet: load it again.
        if (id !== undefined && !shown.has(id)) void client.query(requestsQuery, {}, { requestPolicy: "network-only" }).toPromise();
      });
    });
    stop = () => {
      list.unsubscribe();
      live?.unsubscribe();
    };
  },

  async fire(request, transition) {
    if (request.workflow === null) return;
    const { id: instanceId, version: expectedVersion } = request.workflow;
    const input = { instanceId, transition: transition.name, expectedVersion, comment: askForComment(transition) };
    const { error } = await client.mutation(fireMutation, { input });
    if (error) throw error;
  },

  close() {
    stop();
    client = newClient();
  },
});
