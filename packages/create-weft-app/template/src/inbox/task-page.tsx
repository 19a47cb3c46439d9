import { ErrorMessage, SlaClock, TransitionButtons, useAction, useTask, type Task } from "@weft/react";
import { useState } from "react";
import { dateText, words } from "../format";
import { graphql } from "../gql";
import { Loading, Page } from "../page";
import { Priority } from "../priority";

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
              Waiting for an answer of {task.question.asked?.name ?? "somebody"}: {task.question.text}
            </p>
          )}
          <Checklist task={task} />
          {conflict && (
            <p role="alert" className="notice">
              Somebody else has changed this task meanwhile. Look at it again.
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
          {isOver && !done && <p className="notice">This task is over.</p>}
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
              <p className="claim">
                {task.status === "OPEN" ? (
                  <button type="button" disabled={claim.isPending} onClick={() => void claim.run()}>
                    Claim it, so that nobody else works on it
                  </button>
                ) : (
                  <button type="button" disabled={release.isPending} onClick={() => void release.run()}>
                    Release it for others
                  </button>
                )}
              </p>
            </section>
          )}
        </>
      )}
    </Page>
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

const Fact = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Checklist({ task }: { readonly task: Task }) {
  const { run, isPending, error } = useAction(updateChecklistItem);
  if (task.checklist.length === 0) return null;
  return (
    <fieldset className="card checklist">
      <legend>Checklist</legend>
      {task.checklist.map(({ key, title, isDone }) => (
        <label key={key}>
          <input
            type="checkbox"
            checked={isDone}
            disabled={isPending || task.status === "COMPLETED"}
            onChange={() => void run({ input: { id: task.id, itemKey: key, isDone: !isDone } })}
          />
          {title}
        </label>
      ))}
      <ErrorMessage error={error} />
    </fieldset>
  );
}
