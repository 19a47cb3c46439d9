import { askForComment, startPage } from "../shared/page";
import { graphql } from "./__generated__";
import { client } from "./client";

// The preset finds fragments by their names; this one is used by the operations below.
graphql(`
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
`);

const requestsQuery = graphql(`
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
`);

const fireMutation = graphql(`
  mutation Fire($input: FireTransitionInput!) {
    fireTransition(input: $input) {
      subject {
        ...RequestRow
      }
    }
  }
`);

const changedSubscription = graphql(`
  subscription RequestChanged($after: String) {
    requestChanged(after: $after) {
      cursor
      request {
        ...RequestRow
      }
    }
  }
`);

let stop = (): void => {};

startPage({
  open(show, fail) {
    const list = client.watchQuery({ query: requestsQuery });
    let live: { unsubscribe(): void } | undefined;
    let shown = new Set<string>();
    // Called again when a mutation or a live event changes a request in the cache.
    const listening = list.subscribe(({ data, dataState, error }) => {
      if (error !== undefined) fail(error);
      if (dataState !== "complete" || data.requests === null) return;
      const requests = data.requests.edges.map(({ node }) => node);
      shown = new Set(requests.map(({ id }) => id));
      show(requests);
      // `liveCursor` is the position before the list was read: changes made since then are sent first.
      live ??= client.subscribe({ query: changedSubscription, variables: { after: data.liveCursor } }).subscribe((event) => {
        if (event.error !== undefined) fail(event.error);
        const id = event.data?.requestChanged.request.id;
        // The cache updates the requests it holds. A new request is not in the list yet: load it again.
        if (id !== undefined && !shown.has(id)) void list.refetch();
      });
    });
    stop = () => {
      listening.unsubscribe();
      live?.unsubscribe();
    };
  },

  async fire(request, transition) {
    if (request.workflow === null) return;
    const { id: instanceId, version: expectedVersion } = request.workflow;
    const input = { instanceId, transition: transition.name, expectedVersion, comment: askForComment(transition) };
    await client.mutate({ mutation: fireMutation, variables: { input } });
  },

  close() {
    stop();
    void client.clearStore();
  },
});
