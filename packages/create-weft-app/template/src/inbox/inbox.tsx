import { useLiveQuery } from "@weft/react";
import { relativeText } from "../format";
import { graphql } from "../gql";
import type { InboxQuery, TaskQueue } from "../gql/graphql";
import { Empty, Loading, Page } from "../page";
import { Priority } from "../priority";

const inboxQuery = graphql(`
  query Inbox($queue: TaskQueue!) {
    liveCursor
    taskCounts {
      offeredToMe
      mine
      overdue
    }
    tasks(queue: $queue, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: DUE_AT }, first: 100) {
      totalCount
      edges {
        node {
          id
          title
          status
          priority
          dueAt
          isOverdue
          createdAt
          assignee {
            id
            name
          }
          subject {
            id
            ... on Request {
              number
            }
            ... on Project {
              name
            }
          }
          instance {
            id
            stateTitle
          }
        }
      }
    }
  }
`);

const taskChanged = graphql(`
  subscription InboxChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      occurredAt
    }
  }
`);

const queues = [
  { path: "all", queue: "OFFERED_TO_ME", title: "For me", count: "offeredToMe", empty: "There is nothing to do for you." },
  { path: "claimed", queue: "MINE", title: "Claimed", count: "mine", empty: "You haven't claimed any tasks." },
  { path: "overdue", queue: "OVERDUE", title: "Overdue", count: "overdue", empty: "Nothing is overdue." },
] as const satisfies readonly { readonly queue: TaskQueue; readonly [more: string]: string }[];

/** The user's tasks. Tasks of others appear and disappear as they happen. */
export function Inbox({ queue: path }: { readonly queue: string | null }) {
  const shown = queues.find((one) => one.path === path) ?? queues[0];
  const live = useLiveQuery(inboxQuery, taskChanged, { queue: shown.queue });
  const tasks = live.data?.tasks?.edges.map(({ node }) => node);
  const remaining = (live.data?.tasks?.totalCount ?? 0) - (tasks?.length ?? 0);
  const counts = live.data?.taskCounts;
  return (
    <Page title="Inbox" live={live}>
      <nav className="tabs" aria-label="Queues">
        {queues.map(({ path, title, count }) => (
          <a key={path} href={`#/inbox/${path}`} aria-current={path === shown.path ? "page" : undefined}>
            {title} {counts && <small>{counts[count]}</small>}
          </a>
        ))}
      </nav>
      {!tasks ? (
        live.isLoading && <Loading />
      ) : tasks.length === 0 ? (
        <Empty>{shown.empty}</Empty>
      ) : (
        <ul className="list">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
        </ul>
      )}
      {remaining > 0 && (
        <Empty>{remaining === 1 ? "1 more task is" : `${remaining} more tasks are`} not shown. Complete some of these to see more.</Empty>
      )}
    </Page>
  );
}

type TaskOfInbox = NonNullable<InboxQuery["tasks"]>["edges"][number]["node"];

function TaskRow({ task }: { readonly task: TaskOfInbox }) {
  const { id, title, priority, dueAt, isOverdue, createdAt, assignee, subject, instance } = task;
  const about = subject && ("number" in subject ? subject.number : "name" in subject ? subject.name : null);
  return (
    <li>
      <a className="row" href={`#/tasks/${id}`}>
        <span className="what">
          <strong>{title}</strong>
          <span className="meta">
            {[about, instance?.stateTitle, assignee ? `claimed by ${assignee.name}` : null].filter(Boolean).join(" · ")}
          </span>
        </span>
        <Priority priority={priority} />
        <span className={isOverdue ? "when late" : "when"}>{dueAt ? `due ${relativeText(dueAt)}` : relativeText(createdAt)}</span>
      </a>
    </li>
  );
}
