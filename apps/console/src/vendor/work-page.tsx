import { Trans, useLingui } from "@lingui/react/macro";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { dateText, relativeText } from "../formats/times";
import type { ConsoleVendorRequestsQuery, ConsoleVendorRequestsQueryVariables } from "../gql/graphql";
import { Priority } from "../inbox/priority";
import { useLivePages } from "../parts/pages/use-live-pages";
import { Placeholders } from "../parts/placeholders";
import { requestTitle } from "../parts/request-title";
import "../portal/portal.css";
import { ProjectWork } from "./project-work";
import { ShowMore } from "./show-more";
import { notified, workChanged, vendorRequestsQuery, type VendorRequest } from "./vendor-operations";

const route = getRouteApi("/vendor");

/** What is assigned to the vendor: requests, tasks of projects, and milestones that need them. */
export function WorkPage() {
  const { show = "open" } = route.useSearch();
  const { t } = useLingui();
  const filter = show === "open" ? { closedAt: { isNull: true } } : {};
  const list = useLivePages<ConsoleVendorRequestsQuery, ConsoleVendorRequestsQueryVariables, VendorRequest>({
    query: vendorRequestsQuery,
    sources: [
      { subscription: workChanged, variables: {} },
      { subscription: notified, variables: {} },
    ],
    variables: { filter },
    pageOf: (result) => result.requests,
  });
  const requests = list.page?.edges.map(({ node }) => node) ?? null;
  return (
    <div className="portal" data-page="work">
      <h1>
        <Trans>Work</Trans>
      </h1>
      <ErrorMessage error={list.error} />
      <ProjectWork />
      <section className="mine" aria-labelledby="requests">
        <header>
          <h2 id="requests">
            <Trans>Requests</Trans>
          </h2>
          <nav aria-label={t`Which requests are shown`} className="switch">
            <Link to="/vendor" search={{}} activeOptions={{ exact: true }} aria-current={show === "open" ? "page" : undefined}>
              <Trans>Open</Trans>
            </Link>
            <Link to="/vendor" search={{ show: "all" }} aria-current={show === "all" ? "page" : undefined}>
              <Trans>All</Trans>
            </Link>
          </nav>
        </header>
        {requests === null && list.error === null && <Placeholders />}
        {requests?.length === 0 && (
          <p className="soft">
            <Trans>No requests are assigned to your company. What is offered to it is under Offers.</Trans>
          </p>
        )}
        <ul>
          {requests?.map((request) => (
            <Row key={request.id} request={request} />
          ))}
        </ul>
        <ShowMore list={list} />
      </section>
    </div>
  );
}

function Row({
  request: { id, number, data, type, building, workflow, dueAt, closedAt, updatedAt, priority },
}: {
  readonly request: VendorRequest;
}) {
  const { t, i18n } = useLingui();
  const isDue = dueAt !== null && closedAt === null;
  const time = isDue ? dueAt : updatedAt;
  const when = relativeText(time, i18n.locale);
  return (
    <li>
      <Link className="row" to="/vendor/requests/$id" params={{ id }}>
        <span className="title">{requestTitle(data, type?.name ?? null)}</span>
        <span className="pill" data-stage={closedAt === null ? "working" : "ended"}>
          {workflow?.stateTitle}
        </span>
        <span className="meta">
          {[number, building?.name].filter(Boolean).join(" · ")} {closedAt === null && <Priority priority={priority} />}
        </span>
        <time
          className={isDue && Date.parse(dueAt) < Date.now() ? "when late" : "when"}
          dateTime={time}
          title={dateText(time, i18n.locale)}
        >
          {isDue ? t`due ${when}` : when}
        </time>
      </Link>
    </li>
  );
}
