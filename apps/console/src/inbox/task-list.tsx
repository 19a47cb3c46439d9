import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useEffect, useRef } from "react";
import { numberText } from "../formats/numbers";
import { relativeText } from "../formats/times";
import { Message } from "../frame/messages";
import { useViewerId } from "../frame/viewer";
import { FilterBar } from "./filter-bar";
import type { InboxTask } from "./inbox-operations";
import { Priority } from "./priority";
import { queues, type QueueName } from "./queues";

/** Height of most rows, in pixels. */
const rowHeight = 58;

interface TaskListProps {
  readonly queue: QueueName;
  /** Identifies the queue and its filters. */
  readonly listKey: string;
  /** Null while it is loaded. */
  readonly tasks: readonly InboxTask[] | null;
  readonly total: number;
  readonly error: WeftError | null;
  readonly openId: string | null;
  readonly isFiltered: boolean;
  /** Called with the indexes of the rows that the user sees. */
  readonly onSee: (from: number, to: number) => void;
}

export function TaskList({ queue, listKey, tasks, total, error, openId, isFiltered, onSee }: TaskListProps) {
  const { i18n } = useLingui();
  return (
    <>
      <header>
        <h1 id="list-title">{i18n._(queues[queue].title)}</h1>
        {tasks !== null && <span className="soft number">{numberText(total, i18n.locale)}</span>}
      </header>
      <FilterBar />
      <ErrorMessage error={error} />
      {tasks === null ? (
        error === null && <Placeholders />
      ) : tasks.length > 0 ? (
        // Another list begins at its top.
        <Rows key={listKey} tasks={tasks} total={total} openId={openId} onSee={onSee} />
      ) : isFiltered ? (
        <Message title={<Trans>No task matches the filters.</Trans>}>
          <Link to="/inbox" search={queue === "all" ? {} : { queue }}>
            <Trans>Remove the filters</Trans>
          </Link>
        </Message>
      ) : (
        <Message title={i18n._(queues[queue].empty)} />
      )}
    </>
  );
}

interface RowsProps extends Pick<TaskListProps, "total" | "openId" | "onSee"> {
  readonly tasks: readonly InboxTask[];
}

/** Of a long list, only the rows in sight are in the page, and the one that is open, which can have the focus. */
function Rows({ tasks, total, openId, onSee }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const openIndex = tasks.findIndex(({ id }) => id === openId);
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => tasks[index]?.id ?? index,
    overscan: 8,
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range);
      return openIndex === -1 || inSight.includes(openIndex) ? inSight : [...inSight, openIndex].sort((one, other) => one - other);
    },
  });
  const { startIndex: from = 0, endIndex: to = 0 } = virtual.range ?? {};
  useEffect(() => onSee(from, to), [from, to]);
  useEffect(() => {
    if (openIndex !== -1) virtual.scrollToIndex(openIndex, { align: "auto" });
    // The list can change without moving under the user's eyes.
  }, [openId]);
  return (
    <div className="rows" ref={scroller}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const task = tasks[index];
          return (
            task && (
              <li
                key={key}
                data-index={index}
                ref={virtual.measureElement}
                aria-setsize={total}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start}px)` }}
              >
                <TaskRow task={task} isOpen={task.id === openId} />
              </li>
            )
          );
        })}
      </ul>
    </div>
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
  readonly isOpen: boolean;
}

function TaskRow({ task, isOpen }: TaskRowProps) {
  const { i18n, t } = useLingui();
  const viewerId = useViewerId();
  const { id, title, priority, dueAt, isOverdue, createdAt, assignee, subject, instance, question } = task;
  const row = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // The keys J and K take the focus along.
    if (isOpen && row.current?.closest("ul")?.contains(document.activeElement)) row.current.focus({ preventScroll: true });
  }, [isOpen]);
  const key = subject && "key" in subject ? subject.key : null;
  const about = subject && "name" in subject ? subject.name : null;
  const by = assignee === null ? null : assignee.id === viewerId ? t`claimed by you` : t`claimed by ${assignee.name}`;
  const when = relativeText(dueAt ?? createdAt, i18n.locale);
  const meta = [about === title ? null : about, instance?.stateTitle, question && t`waits for an answer`, by].filter(Boolean).join(" · ");
  return (
    <Link
      className="row"
      ref={row}
      from="/inbox"
      to="/inbox"
      search={(before) => ({ ...before, task: id })}
      aria-current={isOpen ? "page" : undefined}
    >
      <span className="title">{title}</span>
      <span className={isOverdue ? "when late" : "when"}>{dueAt === null ? when : t`due ${when}`}</span>
      <span className="meta">
        {key && <span className="key number">{key}</span>} {meta}
      </span>
      <Priority priority={priority} />
    </Link>
  );
}
