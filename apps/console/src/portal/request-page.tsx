import { Trans } from "@lingui/react/macro";
import { getRouteApi } from "@tanstack/react-router";
import { ErrorMessage, useLiveQuery } from "@weft/react";
import { Message } from "../frame/messages";
import { useViewer } from "../frame/viewer";
import { History } from "../inbox/history";
import { Comments } from "../parts/comments/comments";
import { Editors } from "../parts/editing/editors";
import { EditedRequest } from "../parts/editing/use-editing";
import { Files } from "../parts/files/files";
import { Placeholders } from "../parts/placeholders";
import { requestTitle } from "../parts/request-title";
import { BackToPortal } from "./back-to-portal";
import { OpenTasks } from "./open-tasks";
import { requestChanged, requestQuery, tasksChanged } from "./portal-operations";
import "./portal.css";
import { RequestFacts } from "./request-facts";
import { RequestTransitions } from "./request-transitions";
import { Steps } from "./steps";

const route = getRouteApi("/portal/requests/$id");

/** A request as its requester follows it: where it is, what is asked of them, and what they can do. */
export function PortalRequestPage() {
  const { id } = route.useParams();
  const viewer = useViewer();
  const live = useLiveQuery(requestQuery, [{ subscription: requestChanged }, { subscription: tasksChanged, variables: {} }], { id });
  const request = live.data?.request ?? null;
  if (request === null || viewer === null)
    return live.isLoading || viewer === null ? (
      <div className="portal" data-page="form">
        <Placeholders count={4} />
      </div>
    ) : live.error === null || live.error.code === "NOT_FOUND" || live.error.code === "BAD_USER_INPUT" ? (
      <Message title={<Trans>There is no such request, or you cannot see it.</Trans>}>
        <BackToPortal />
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
      <BackToPortal />
      <header>
        <p className="soft standing">
          <span>{[number, type?.name].filter(Boolean).join(" · ")}</span>
          <Editors requestId={id} />
        </p>
        <h1>{requestTitle(data, type?.name ?? null)}</h1>
      </header>
      <ErrorMessage error={live.error} />
      <Steps request={request} />
      <OpenTasks request={request} onDone={reload} />
      <EditedRequest value={id}>
        <RequestTransitions request={request} isOwn={request.createdBy?.id === viewer.id} onDone={reload} />
      </EditedRequest>
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
