import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useEffect, useRef } from "react";
import { relativeText } from "../formats/times";
import { Message } from "../frame/messages";
import { useViewerId } from "../frame/viewer";
import type { InboxTask } from "./inbox-operations";
import { Priority } from "./priority";
import { queues, type QueueName } from "./queues";

interface TaskListProps {
  readonly queue: QueueName;
  /** Null while it is loaded. */
  readonly tasks: readonly InboxTask[] | null;
  readonly total: number;
  readonly error: WeftError | null;
  readonly openId: string | null;
}

export function TaskList({ queue, tasks, total, error, openId }: TaskListProps) {
  const { i18n } = useLingui();
  const more = total - (tasks?.length ?? 0);
  return (
    <>
      <header>
        <h1 id="list-title">{i18n._(queues[queue].title)}</h1>
        {tasks !== null && <span className="soft number">{total}</span>}
      </header>
      <ErrorMessage error={error} />
      {tasks === null ? (
        error === null && <Placeholders />
      ) : tasks.length === 0 ? (
        <Message title={i18n._(queues[queue].empty)} />
      ) : (
        <ul>
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} queue={queue} isOpen={task.id === openId} />
          ))}
        </ul>
      )}
      {more > 0 && (
        <p className="message">
          <Plural value={more} one="# more task is not shown." other="# more tasks are not shown." />
        </p>
      )}
    </>
  );
}

/** As high as rows, so that nothing moves when they come. */
const Placeholders = () => (
  <div role="status">
    <span className="hidden">
      <Trans>Loading…</Trans>
    </span>
    {Array.from({ length: 8 }, (_, index) => (
      <div key={index} className="placeholder" />
    ))}
  </div>
);

interface TaskRowProps {
  readonly task: InboxTask;
  readonly queue: QueueName;
  readonly isOpen: boolean;
}

function TaskRow({ task, queue, isOpen }: TaskRowProps) {
  const { i18n, t } = useLingui();
  const viewerId = useViewerId();
  const { id, title, priority, dueAt, isOverdue, createdAt, assignee, subject, instance } = task;
  const row = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (!isOpen || row.current === null) return;
    row.current.scrollIntoView({ block: "nearest" });
    // The keys J and K take the focus along.
    if (row.current.closest("ul")?.contains(document.activeElement)) row.current.focus();
  }, [isOpen]);
  const about = subject && ("number" in subject ? subject.number : "name" in subject ? subject.name : null);
  const by = assignee === null ? null : assignee.id === viewerId ? t`claimed by you` : t`claimed by ${assignee.name}`;
  const when = relativeText(dueAt ?? createdAt, i18n.locale);
  return (
    <li>
      <Link
        className="row"
        ref={row}
        to="/inbox"
        search={{ ...(queue !== "all" && { queue }), task: id }}
        aria-current={isOpen ? "page" : undefined}
      >
        <span className="title">{title}</span>
        <span className={isOverdue ? "when late" : "when"}>{dueAt === null ? when : t`due ${when}`}</span>
        <span className="meta">{[about, instance?.stateTitle, by].filter(Boolean).join(" · ")}</span>
        <Priority priority={priority} />
      </Link>
    </li>
  );
}
