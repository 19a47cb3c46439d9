import { useLiveQuery } from "@weft/react";
import { useEffect, useState } from "react";
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

/** How long the user must have stopped typing before the search begins. */
const searchDelayMs = 250;

/** The requests that the user can see, newest first. */
export function RequestList() {
  const [search, setSearch] = useState("");
  const [{ asked, first }, ask] = useState({ asked: "", first: pageSize });
  const text = search.trim();
  useEffect(() => {
    const timer = setTimeout(() => ask((before) => (before.asked === text ? before : { asked: text, first: pageSize })), searchDelayMs);
    return () => clearTimeout(timer);
  }, [text]);
  const variables = { first, filter: asked === "" ? null : { search: { contains: asked } } };
  const live = useLiveQuery(requestsQuery, requestChanged, variables, { keepsPreviousData: true });
  const requests = live.data?.requests;
  const shown = requests?.edges.map(({ node }) => node) ?? [];
  const remaining = (requests?.totalCount ?? 0) - shown.length;
  function showMore() {
    // A button that is disabled while it works would lose the focus.
    if (!live.isLoading) ask({ asked, first: first + pageSize });
  }
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
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {!requests && live.isLoading && <Loading />}
      {requests && !live.isLoading && live.error === null && shown.length === 0 && (
        <Empty>{asked === "" ? "There are no requests yet." : "No requests match your search."}</Empty>
      )}
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
          <button type="button" className="more" aria-disabled={live.isLoading} onClick={showMore}>
            Show {Math.min(pageSize, remaining)} more of {remaining}
          </button>
        ) : (
          <Empty>{remaining === 1 ? "1 older request is" : `${remaining} older requests are`} not shown. Search to find more.</Empty>
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
