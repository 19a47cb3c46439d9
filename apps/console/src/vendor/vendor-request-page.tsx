import { Trans, useLingui } from "@lingui/react/macro";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ErrorMessage, useLiveQuery } from "@weft/react";
import { Message } from "../frame/messages";
import { useViewerId } from "../frame/viewer";
import { History } from "../inbox/history";
import { EditedRequest } from "../parts/editing/use-editing";
import { AllowedTransitions } from "../parts/transitions";
import { Placeholders } from "../parts/placeholders";
import { requestTitle } from "../parts/request-title";
import { Comments } from "../parts/comments/comments";
import { Files } from "../parts/files/files";
import { OpenTasks } from "../portal/open-tasks";
import { requestChanged, requestQuery, tasksChanged } from "../portal/portal-operations";
import "../portal/portal.css";
import { RequestFacts } from "../portal/request-facts";

const route = getRouteApi("/vendor/requests/$id");

const BackToWork = () => (
  <Link to="/vendor" className="to-portal">
    <span aria-hidden="true">←</span> <Trans>Work</Trans>
  </Link>
);

/** A request that is assigned to the vendor. */
export function VendorRequestPage() {
  const { id } = route.useParams();
  const { t } = useLingui();
  const viewerId = useViewerId();
  const live = useLiveQuery(requestQuery, [{ subscription: requestChanged }, { subscription: tasksChanged, variables: {} }], { id });
  const request = live.data?.request ?? null;
  if (viewerId === null || (request === null && live.isLoading))
    return (
      <div className="portal">
        <Placeholders count={4} />
      </div>
    );
  if (request === null)
    return live.error === null || live.error.code === "NOT_FOUND" || live.error.code === "BAD_USER_INPUT" ? (
      <Message title={<Trans>There is no such request, or you cannot see it.</Trans>}>
        <BackToWork />
      </Message>
    ) : (
      <Message title={<Trans>The request could not be loaded.</Trans>}>
        <ErrorMessage error={live.error} />
      </Message>
    );
  const { number, type, data, workflow } = request;
  const reload = (): void => void live.reload();
  return (
    <div className="portal" data-page="request">
      <BackToWork />
      <header>
        <p className="soft">{[number, type?.name].filter(Boolean).join(" · ")}</p>
        <h1>{requestTitle(data, type?.name ?? null)}</h1>
        {workflow && (
          <p>
            <span className="pill" data-stage={request.closedAt === null ? "working" : "ended"}>
              {workflow.stateTitle}
            </span>
          </p>
        )}
      </header>
      <OpenTasks request={request} onDone={reload} />
      {workflow && (
        <EditedRequest value={id}>
          <AllowedTransitions instanceId={workflow.id} title={t`What you can do`} onDone={reload} />
        </EditedRequest>
      )}
      <RequestFacts request={request} />
      <section className="card" aria-labelledby="comments">
        <h2 id="comments">
          <Trans>Comments</Trans>
        </h2>
        <Comments requestId={id} canBeInternal={false} />
      </section>
      <section className="card" aria-labelledby="files">
        <h2 id="files">
          <Trans>Files</Trans>
        </h2>
        <Files requestId={id} canBeInternal={false} />
      </section>
      {workflow && <History instanceId={workflow.id} version={workflow.version} />}
    </div>
  );
}
