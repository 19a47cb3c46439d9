import { Trans } from "@lingui/react/macro";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useLiveQuery } from "@weft/react";
import { useRef } from "react";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { inboxChanged, inboxQuery } from "./inbox-operations";
import { queueNames, queues, type QueueName } from "./queues";
import { TaskList } from "./task-list";
import { TaskPane } from "./task-pane";

const route = getRouteApi("/inbox");

/** The user's tasks, and the one that is open beside them. Tasks of others appear and disappear as they happen. */
export function InboxPage() {
  const { queue = "all", task: openId = null } = route.useSearch();
  const navigate = useNavigate({ from: "/inbox" });
  const live = useLiveQuery(inboxQuery, inboxChanged, { queue: queues[queue].queue });
  const tasks = live.data?.tasks?.edges.map(({ node }) => node) ?? null;
  const pane = useRef<HTMLElement>(null);
  const list = useRef<HTMLElement>(null);

  const show = (task: string | null, { of = queue }: { of?: QueueName } = {}): void =>
    void navigate({
      search: { ...(of !== "all" && { queue: of }), ...(task !== null && { task }) },
      replace: openId !== null && task !== null,
    });
  const move = (by: number): void => {
    if (tasks === null || tasks.length === 0) return;
    const index = tasks.findIndex(({ id }) => id === openId);
    const next = tasks[index === -1 ? 0 : Math.min(Math.max(index + by, 0), tasks.length - 1)];
    if (next) show(next.id);
  };
  /** After a decision, the next task of the list, otherwise one that Weft proposes. */
  const openNext = (proposed: readonly string[]): void => {
    const index = tasks?.findIndex(({ id }) => id === openId) ?? -1;
    const following = index === -1 ? undefined : (tasks?.[index + 1] ?? tasks?.[index - 1]);
    show(following?.id ?? proposed[0] ?? null);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => pane.current?.querySelector<HTMLElement>("h1")?.focus(),
    Escape: () =>
      pane.current?.contains(document.activeElement)
        ? list.current?.querySelector<HTMLElement>("[aria-current=true]")?.focus()
        : show(null),
    ...Object.fromEntries(queueNames.map((name, index) => [String(index + 1), () => show(null, { of: name })])),
  });

  return (
    <div className="inbox" data-shows={openId === null ? "list" : "task"}>
      <section className="task-list" ref={list} aria-labelledby="inbox-title">
        <TaskList
          queue={queue}
          tasks={tasks}
          total={live.data?.tasks?.totalCount ?? 0}
          counts={live.data?.taskCounts ?? null}
          error={live.error}
          openId={openId}
        />
      </section>
      <section className="task-pane" ref={pane} aria-label="Task">
        {openId === null ? (
          <Message title={<Trans>No task is open</Trans>}>
            <p>
              <Trans>Choose one from the list. Press ? for the keyboard.</Trans>
            </p>
          </Message>
        ) : (
          <TaskPane key={openId} id={openId} onDone={openNext} onBack={() => show(null)} />
        )}
      </section>
    </div>
  );
}
