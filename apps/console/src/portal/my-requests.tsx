import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { dateText, relativeText } from "../formats/times";
import type { ConsoleMyRequestsQuery, ConsoleMyRequestsQueryVariables } from "../gql/graphql";
import { useLivePages } from "../parts/pages/use-live-pages";
import { Placeholders } from "../parts/placeholders";
import { requestTitle } from "../parts/request-title";
import { myRequestsQuery, requestsChanged, type MyRequest } from "./portal-operations";
import { StageOf } from "./stage-of";

const route = getRouteApi("/portal");

/** The user's requests, the one that changed last first. */
export function MyRequests({ viewerId }: { readonly viewerId: string }) {
  const { show = "open" } = route.useSearch();
  const filter = { createdBy: { eq: viewerId }, ...(show === "open" && { closedAt: { isNull: true } }) };
  const { page, error, isLoadingMore, loadMore } = useLivePages<ConsoleMyRequestsQuery, ConsoleMyRequestsQueryVariables, MyRequest>({
    query: myRequestsQuery,
    sources: [{ subscription: requestsChanged, variables: {} }],
    variables: { filter },
    pageOf: (result) => result.requests,
  });
  const requests = page?.edges.map(({ node }) => node) ?? null;
  return (
    <section className="mine" aria-labelledby="mine">
      <header>
        <h2 id="mine">
          <Trans>My requests</Trans>
        </h2>
        <nav aria-labelledby="mine" className="switch">
          <Link to="/portal" search={{}} activeOptions={{ exact: true }} aria-current={show === "open" ? "page" : undefined}>
            <Trans>Open</Trans>
          </Link>
          <Link to="/portal" search={{ show: "all" }} aria-current={show === "all" ? "page" : undefined}>
            <Trans>All</Trans>
          </Link>
        </nav>
      </header>
      <ErrorMessage error={error} />
      {requests === null && error === null && <Placeholders />}
      {requests?.length === 0 && (
        <p className="soft">
          {show === "open" ? (
            <Trans>You have no open requests. Choose what you need from the catalog.</Trans>
          ) : (
            <Trans>You have made no requests yet. Choose what you need from the catalog.</Trans>
          )}
        </p>
      )}
      <ul>
        {requests?.map((request) => (
          <Row key={request.id} request={request} />
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && (
        <Button variant="default" aria-disabled={isLoadingMore} onClick={loadMore}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </section>
  );
}

function Row({ request }: { readonly request: MyRequest }) {
  const { i18n } = useLingui();
  const { id, number, type, data, updatedAt } = request;
  return (
    <li>
      <Link to="/portal/requests/$id" params={{ id }} className="row">
        <span className="title">{requestTitle(data, type?.name ?? null)}</span>
        <StageOf request={request} />
        <span className="meta">{[number, type?.name].filter(Boolean).join(" · ")}</span>
        <time className="when" dateTime={updatedAt} title={dateText(updatedAt, i18n.locale)}>
          {relativeText(updatedAt, i18n.locale)}
        </time>
      </Link>
    </li>
  );
}
