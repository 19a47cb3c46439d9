import { ErrorMessage, SlaClock, TransitionButtons, useAction, useTask, type Task } from "@weft/react";
import { useState, type ReactNode } from "react";
import { dateText, words } from "../format";
import { graphql } from "../gql";
import { Loading, Page } from "../page";
import { Priority } from "../priority";
import { useViewerId } from "../viewer";

const updateChecklistItem = graphql(`
  mutation UpdateChecklistItem($input: UpdateChecklistItemInput!) {
    updateChecklistItem(input: $input) {
      task {
        id
      }
    }
  }
`);

/** A task: what is asked, and the transitions with their forms that complete it. */
export function TaskPage({ id }: { readonly id: string }) {
  const live = useTask(id);
  const { task, claim, release, complete, conflict } = live;
  const [done, setDone] = useState<string | null>(null);
  const isOver = task?.status === "COMPLETED" || task?.status === "CLOSED";
  const next = complete.data?.nextTasks ?? [];
  return (
    <Page title={task?.title ?? "Task"} back={["/inbox", "Inbox"]} live={live} aside={task && <Priority priority={task.priority} />}>
      {!task && live.isLoading && <Loading />}
      {!task && !live.isLoading && live.error === null && <p className="empty">There is no such task, or you cannot see it.</p>}
      {task && (
        <>
          <Facts task={task} />
          {task.instructions && <p className="instructions">{task.instructions}</p>}
          {task.question && (
            <p className="notice">
              Waiting for an answer from {task.question.asked?.name ?? "somebody"}: {task.question.text}
            </p>
          )}
          <Checklist task={task} isOver={isOver} onChanged={() => void live.reload()} />
          {conflict && (
            <p role="alert" className="notice">
              Somebody else has changed this task in the meantime. Look at it again.
            </p>
          )}
          {done && (
            <p role="status" className="notice good">
              {done}: done.{" "}
              {next.map((one) => (
                <a key={one.id} href={`#/tasks/${one.id}`}>
                  Continue with {one.title}
                </a>
              ))}
            </p>
          )}
          {isOver && !done && <p className="notice">This task is closed.</p>}
          {!isOver && (
            <section className="card" aria-labelledby="decide">
              <h2 id="decide">What do you decide?</h2>
              <TransitionButtons
                transitions={task.availableTransitions}
                action={complete}
                version={task.instance?.version ?? null}
                onFired={({ title }) => setDone(title)}
              />
              <ErrorMessage error={claim.error ?? release.error} />
              <Claim task={task} claim={claim} release={release} />
            </section>
          )}
        </>
      )}
    </Page>
  );
}

interface ClaimProps extends Pick<ReturnType<typeof useTask>, "claim" | "release"> {
  readonly task: Task;
}

/** Claims the task, or releases it if it is the user's. No task can be claimed while its workflow is suspended. */
function Claim({ task, claim, release }: ClaimProps) {
  const viewerId = useViewerId();
  const isOpen = task.status === "OPEN";
  const isOwn = task.assignee !== null && task.assignee.id === viewerId;
  if (task.isSuspended || (!isOpen && !isOwn)) return null;
  const { run, isPending } = isOpen ? claim : release;
  function change() {
    // A button that is disabled while it works would lose the focus.
    if (!isPending) void run();
  }
  return (
    <p className="claim">
      <button type="button" aria-disabled={isPending} onClick={change}>
        {isOpen ? "Claim it, so that nobody else works on it" : "Release it for others"}
      </button>
    </p>
  );
}

function Facts({ task }: { readonly task: Task }) {
  const { subject, instance, assignee, dueAt, isOverdue, slaStatus, status } = task;
  return (
    <dl className="facts">
      {instance && <Fact name="State">{instance.stateTitle}</Fact>}
      <Fact name="Task">{assignee ? `${words(status)} by ${assignee.name}` : words(status)}</Fact>
      {dueAt && (
        <Fact name="Due">
          <span className={isOverdue ? "late" : undefined}>{dateText(dueAt)}</span>
        </Fact>
      )}
      {slaStatus && (
        <Fact name={slaStatus.title}>
          <SlaClock clock={slaStatus} />
        </Fact>
      )}
      {subject?.__typename === "Request" && (
        <Fact name="About">
          <a href={`#/requests/${subject.id}`}>The request</a>
        </Fact>
      )}
    </dl>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

interface ChecklistProps {
  readonly task: Task;
  readonly isOver: boolean;
  readonly onChanged: () => void;
}

function Checklist({ task, isOver, onChanged }: ChecklistProps) {
  const { run, isPending, error } = useAction(updateChecklistItem);
  if (task.checklist.length === 0) return null;
  async function set(itemKey: string, isDone: boolean) {
    if (isPending) return;
    if (await run({ input: { id: task.id, itemKey, isDone } })) onChanged();
  }
  return (
    <fieldset className="card checklist">
      <legend>Checklist</legend>
      {task.checklist.map(({ key, title, isDone }) => (
        <label key={key}>
          <input type="checkbox" checked={isDone} disabled={isOver} aria-disabled={isPending} onChange={() => void set(key, !isDone)} />
          {title}
        </label>
      ))}
      <ErrorMessage error={error} />
    </fieldset>
  );
}
