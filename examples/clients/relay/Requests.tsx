import { useMemo, useState } from "react";
import { fetchQuery, graphql, useFragment, useLazyLoadQuery, useMutation, useRelayEnvironment, useSubscription } from "react-relay";
import { askForComment, canClick } from "../shared/page";
import type { RequestsChangedSubscription } from "./__generated__/RequestsChangedSubscription.graphql";
import type { RequestsFireMutation } from "./__generated__/RequestsFireMutation.graphql";
import type { RequestsQuery } from "./__generated__/RequestsQuery.graphql";
import type { Requests_row$key } from "./__generated__/Requests_row.graphql";

const requestsQuery = graphql`
  query RequestsQuery {
    liveCursor
    requests(first: 20, orderBy: { field: CREATED_AT, direction: DESC }) {
      edges {
        node {
          id
          ...Requests_row
        }
      }
    }
  }
`;

const changedSubscription = graphql`
  subscription RequestsChangedSubscription($after: String) {
    requestChanged(after: $after) {
      cursor
      request {
        id
        ...Requests_row
      }
    }
  }
`;

export function Requests() {
  const environment = useRelayEnvironment();
  const [problem, setProblem] = useState("");
  const { liveCursor, requests } = useLazyLoadQuery<RequestsQuery>(requestsQuery, {});
  const edges = requests?.edges ?? [];
  const known = edges.map(({ node }) => node.id).join();

  useSubscription<RequestsChangedSubscription>(
    useMemo(
      () => ({
        subscription: changedSubscription,
        // `liveCursor` is the position before the list was read: changes made since then are sent first.
        variables: { after: liveCursor },
        // The store updates the requests it holds. A new request is not in the list yet: load it again.
        onNext: (event) => {
          const id = event?.requestChanged.request.id;
          if (id !== undefined && !known.includes(id)) fetchQuery(environment, requestsQuery, {}).subscribe({});
        },
        onError: ({ message }) => setProblem(message),
      }),
      [environment, liveCursor, known],
    ),
  );

  return (
    <>
      <p id="problem" role="alert">
        {problem}
      </p>
      <ul id="requests">
        {edges.map(({ node }) => (
          <Row key={node.id} request={node} onProblem={setProblem} />
        ))}
      </ul>
    </>
  );
}

function Row(props: { request: Requests_row$key; onProblem: (problem: string) => void }) {
  const { number, workflow } = useFragment(
    graphql`
      fragment Requests_row on Request {
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
    `,
    props.request,
  );
  const [fire] = useMutation<RequestsFireMutation>(graphql`
    mutation RequestsFireMutation($input: FireTransitionInput!) {
      fireTransition(input: $input) {
        subject {
          ...Requests_row @alias
        }
      }
    }
  `);
  return (
    <li id={number}>
      {number}: {workflow?.stateTitle ?? "no workflow"}{" "}
      {workflow?.availableTransitions.filter(canClick).map((transition) => (
        <button
          key={transition.name}
          name={transition.name}
          onClick={() =>
            fire({
              variables: {
                input: {
                  instanceId: workflow.id,
                  transition: transition.name,
                  expectedVersion: workflow.version,
                  comment: askForComment(transition),
                },
              },
              onCompleted: (_, errors) => props.onProblem(errors?.[0]?.message ?? ""),
              onError: ({ message }) => props.onProblem(message),
            })
          }
        >
          {transition.title}
        </button>
      ))}
    </li>
  );
}
