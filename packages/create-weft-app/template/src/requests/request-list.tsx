import { useLiveQuery } from "@weft/react";
import { useDeferredValue, useState } from "react";
import { relativeText, valueText } from "../format";
import { graphql } from "../gql";
import { Empty, Loading, Page } from "../page";
import { Priority } from "../priority";

const requestsQuery = graphql(`
  query Requests($first: Int!, $filter: RequestFilter) {
    liveCursor
    requests(first: $first, filter: $filter, orderBy: { field: CREATED_AT, direction: DESC }) {
      totalCount
      edges {
        node {
          id
          number
          data
          priority
          createdAt
          status
          building {
            id
            name
          }
          workflow {
            id
            stateTitle
          }
        }
      }
    }
  }
`);

const requestChanged = graphql(`
  subscription RequestsChanged($after: String) {
    requestChanged(after: $after) {
      cursor
      occurredAt
    }
  }
`);

const pageSize = 25;
/** The API sends at most this many at once. */
const most = 100;

/** The requests that the user can see, newest first. */
export function RequestList() {
  const [search, setSearch] = useState("");
  const [first, setFirst] = useState(pageSize);
  const asked = useDeferredValue(search.trim());
  const variables = { first, filter: asked === "" ? null : { search: { contains: asked } } };
  const live = useLiveQuery(requestsQuery, requestChanged, variables, { keepsPreviousData: true });
  const requests = live.data?.requests;
  const shown = requests?.edges.map(({ node }) => node) ?? [];
  const remaining = (requests?.totalCount ?? 0) - shown.length;
  return (
    <Page
      title="Requests"
      live={live}
      aside={
        <a className="button primary" href="#/requests/new">
          New request
        </a>
      }
    >
      <input
        type="search"
        className="search"
        aria-label="Search requests"
        placeholder="Search by number or text"
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setFirst(pageSize);
        }}
      />
      {!requests && live.isLoading && <Loading />}
      {requests && shown.length === 0 && <Empty>{search === "" ? "There are no requests yet." : "No request matches."}</Empty>}
      {shown.length > 0 && (
        <ul className="list" aria-busy={live.isLoading}>
          {shown.map(({ id, number, data, priority, createdAt, building, workflow, status }) => (
            <li key={id}>
              <a className="row" href={`#/requests/${id}`}>
                <span className="what">
                  <strong>{titleOf(data, number)}</strong>
                  <span className="meta">{[number, building?.name, relativeText(createdAt)].filter(Boolean).join(" · ")}</span>
                </span>
                <Priority priority={priority} />
                {workflow && (
                  <span className="state" data-status={status}>
                    {workflow.stateTitle}
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      )}
      {remaining > 0 &&
        (first < most ? (
          <button type="button" className="more" disabled={live.isLoading} onClick={() => setFirst(first + pageSize)}>
            Show {Math.min(pageSize, remaining)} more of {remaining}
          </button>
        ) : (
          <Empty>{remaining} older requests are not shown. Search to find them.</Empty>
        ))}
    </Page>
  );
}

/** Returns the first text that a request says about itself. */
export function titleOf(data: unknown, number: string): string {
  const { summary, title, subject } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const text = summary ?? title ?? subject;
  return typeof text === "string" && text !== "" ? text : `Request ${valueText(number)}`;
}
