import { Trans, useLingui } from "@lingui/react/macro";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { countOf } from "./filters";
import { queueNames, type QueueName } from "./queues";
import { TaskList } from "./task-list";
import { TaskPane } from "./task-pane";
import { useInbox } from "./use-inbox";

const route = getRouteApi("/inbox");

/** The user's tasks, and the one that is open beside them. Tasks of others appear and disappear as they happen. */
export function InboxPage() {
  const { queue = "all", task: openId = null, ...filters } = route.useSearch();
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/inbox" });
  const { list: listKey, tasks, total, error, see } = useInbox(queue, filters);
  const pane = useRef<HTMLElement>(null);
  const list = useRef<HTMLElement>(null);

  const show = (task: string | null, { of = queue }: { of?: QueueName } = {}): void =>
    void navigate({
      search: { ...(of !== "all" && { queue: of }), ...(of === queue && filters), ...(task !== null && { task }) },
      replace: openId !== null && task !== null,
    });
  const move = (by: number): void => {
    if (tasks === null || tasks.length === 0) return;
    const to = tasks[index === -1 ? 0 : Math.min(Math.max(index + by, 0), tasks.length - 1)];
    if (to) show(to.id);
  };
  const position = useRef(0);
  const index = tasks?.findIndex(({ id }) => id === openId) ?? -1;
  useEffect(() => {
    if (index !== -1) position.current = index;
  }, [index]);
  const [next, setNext] = useState<string | null>(null);
  /** After a decision, the task that followed in the list, otherwise one that Weft proposes. */
  const openNext = (proposed: readonly string[]): void => {
    // If the list has been loaded again, the following task has taken the place of the one that was decided.
    const at = index === -1 ? position.current : index + 1;
    const following = tasks?.[at] ?? tasks?.[at - (index === -1 ? 1 : 2)];
    const id = following?.id ?? proposed[0] ?? null;
    setNext(id);
    show(id);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => pane.current?.querySelector<HTMLElement>("h1")?.focus(),
    Escape: () =>
      pane.current?.contains(document.activeElement) ? list.current?.querySelector<HTMLElement>("[aria-current]")?.focus() : show(null),
    ...Object.fromEntries(queueNames.map((name, at) => [String(at + 1), () => show(null, { of: name })])),
  });

  return (
    <div className="inbox" data-shows={openId === null ? "list" : "task"}>
      <section className="task-list" ref={list} aria-labelledby="list-title">
        <TaskList
          queue={queue}
          listKey={listKey}
          tasks={tasks}
          total={total}
          error={error}
          openId={openId}
          isFiltered={countOf(filters) > 0}
          onSee={see}
        />
      </section>
      <section className="task-pane" ref={pane} aria-label={t`Task`}>
        {openId === null ? (
          <Message title={<Trans>No task is open</Trans>}>
            <p>
              <Trans>Choose one from the list. Press ? for the keyboard.</Trans>
            </p>
          </Message>
        ) : (
          <TaskPane
            key={openId}
            id={openId}
            title={tasks?.[index]?.title ?? null}
            isNext={openId === next}
            onDone={openNext}
            onBack={() => show(null)}
          />
        )}
      </section>
    </div>
  );
}
