import { Trans, useLingui } from "@lingui/react/macro";
import { Tabs } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ErrorMessage, useLiveQuery } from "@weft/react";
import { useRef } from "react";
import { useKeys } from "../frame/use-keys";
import { Comments } from "../parts/comments/comments";
import { Editors } from "../parts/editing/editors";
import { EditedRequest } from "../parts/editing/use-editing";
import { Files } from "../parts/files/files";
import { requestTitle } from "../parts/request-title";
import { Details } from "./details";
import { History } from "./history";
import { Properties } from "./properties";
import { requestChanged, requestQuery, tasksChanged } from "./request-operations";
import { Failed, Loading, NoRequest } from "./request-states";
import { isTab, type TabName } from "./tabs";
import { Transitions } from "./transitions";

const route = getRouteApi("/requests/$id");

interface TaskEvent {
  readonly taskChanged: { readonly task: { readonly instance: { readonly id: string } | null } | null };
}

/** A request: where it stands, what can be done, what it contains, and what people said and did. */
export function RequestView({ id }: { readonly id: string }) {
  const { tab = "comments", kind } = route.useSearch();
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/requests/$id" });
  const page = useRef<HTMLDivElement>(null);
  const instance = useRef<string | null>(null);
  const { data, error, isLoading, reload } = useLiveQuery(
    requestQuery,
    [
      { subscription: requestChanged, variables: { id } },
      {
        subscription: tasksChanged,
        variables: {},
        concerns: ({ taskChanged: { task } }: TaskEvent) => task?.instance?.id === instance.current,
      },
    ],
    { id },
  );
  const request = data?.request ?? null;
  instance.current = request?.workflow?.id ?? null;
  const show = (next: TabName): void => void navigate({ search: { ...(next !== "comments" && { tab: next }) }, replace: true });
  useKeys({
    c: () => {
      show("comments");
      requestAnimationFrame(() => page.current?.querySelector<HTMLElement>(".composer textarea")?.focus());
    },
    h: () => show("history"),
    f: () => show("files"),
  });

  if (request === null) {
    if (isLoading) return <Loading />;
    return error === null || error.code === "NOT_FOUND" || error.code === "BAD_USER_INPUT" ? <NoRequest /> : <Failed error={error} />;
  }
  const { number, type, data: values, workflow, state, closedAt } = request;
  return (
    <EditedRequest value={request.id}>
      <div className="request" ref={page}>
        <article className="request-main" aria-labelledby="request-title">
          <header>
            <p className="soft number">{[type?.name ?? null, number].filter(Boolean).join(" · ")}</p>
            <h1 id="request-title">{requestTitle(values, type?.name ?? number)}</h1>
            <p className="standing">
              <span className={closedAt === null ? "badge state" : "badge"}>{workflow?.stateTitle ?? state}</span>
              <Editors requestId={request.id} />
            </p>
          </header>
          <ErrorMessage error={error} />
          {workflow && <Transitions instanceId={workflow.id} request={request} onFired={() => void reload()} />}
          <Details request={request} onChanged={() => void reload()} />
          <Tabs value={tab} onChange={(next) => isTab(next) && show(next)} keepMounted={false}>
            <Tabs.List aria-label={t`Activity`}>
              <Tabs.Tab value="comments">
                <Trans>Comments</Trans>
              </Tabs.Tab>
              <Tabs.Tab value="history">
                <Trans>History</Trans>
              </Tabs.Tab>
              <Tabs.Tab value="files">
                <Trans>Files</Trans>
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="comments">
              <Comments requestId={request.id} />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <History
                requestId={request.id}
                audited={[request.id, ...(workflow ? [workflow.id] : [])]}
                kind={kind ?? null}
                scroller={page}
              />
            </Tabs.Panel>
            <Tabs.Panel value="files">
              <Files requestId={request.id} />
            </Tabs.Panel>
          </Tabs>
        </article>
        <Properties request={request} onChanged={() => void reload()} />
      </div>
    </EditedRequest>
  );
}
