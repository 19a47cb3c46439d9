import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage, SlaClock, TransitionButtons, useTask, type Task, type TransitionButtonProps } from "@weft/react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { dateText, relativeText } from "../formats/times";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { useViewerId } from "../frame/viewer";
import { Checklist } from "./checklist";
import { History } from "./history";
import { Priority } from "./priority";
import { Subject, subjectFields, type SubjectOfTask } from "./subject";

interface TaskPaneProps {
  readonly id: string;
  /** Called after a decision, with IDs of tasks that Weft proposes next. */
  readonly onDone: (proposed: readonly string[]) => void;
  readonly onBack: () => void;
}

/** A task: what is asked, what it is about, and the transitions with their forms that complete it. */
export function TaskPane({ id, onDone, onBack }: TaskPaneProps) {
  const { t } = useLingui();
  const viewerId = useViewerId();
  const live = useTask<SubjectOfTask>(id, { select: subjectFields });
  const { task, claim, release, complete, conflict, dismissConflict, error, isLoading } = live;
  const [done, setDone] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isOver = task?.status === "COMPLETED" || task?.status === "CLOSED";
  const isOwn = task !== null && task.assignee?.id === viewerId;
  const change = task === null || isOver || task.isSuspended ? null : task.status === "OPEN" ? claim : isOwn ? release : null;
  const proposed = complete.data?.nextTasks.map((next) => next.id) ?? [];

  useKeys({ c: () => void (change && !change.isPending && change.run()) });
  useEffect(() => {
    if (done === null) return undefined;
    // Long enough to see what was done.
    const timer = setTimeout(() => onDone(proposed), 700);
    return () => clearTimeout(timer);
    // The task that comes next is the one at that moment.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [done]);

  if (task === null)
    return isLoading ? (
      <Message title={<Trans>Loading…</Trans>} />
    ) : (
      <Message
        title={error === null ? <Trans>There is no such task, or you cannot see it.</Trans> : <Trans>The task could not be loaded.</Trans>}
      >
        <ErrorMessage error={error} />
      </Message>
    );
  return (
    <article className="task">
      <button type="button" className="back" onClick={onBack}>
        ← <Trans>Inbox</Trans>
      </button>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {task.title}
        </h1>
        <Facts task={task} />
      </header>
      <ErrorMessage error={error} />
      {task.instructions !== null && <p className="instructions">{task.instructions}</p>}
      {task.question && (
        <p className="notice">
          <Trans>
            Waiting for an answer from {task.question.asked?.name ?? t`somebody`}: {task.question.text}
          </Trans>
        </p>
      )}
      {task.isSuspended && (
        <p className="notice warn">
          <Trans>The workflow is suspended. Until it is resumed, nobody can work on this task.</Trans>
        </p>
      )}
      {conflict && (
        <p role="alert" className="notice warn">
          <Trans>Somebody else has changed this task in the meantime. This is how it is now.</Trans>{" "}
          <button type="button" onClick={dismissConflict}>
            <Trans>I have seen it</Trans>
          </button>
        </p>
      )}
      <Checklist task={task} isOver={isOver} onChanged={() => void live.reload()} />
      {done !== null && (
        <p role="status" className="notice good">
          <Trans>{done}: done.</Trans>
        </p>
      )}
      {isOver && done === null && (
        <p className="notice">
          <Trans>This task is closed.</Trans>
        </p>
      )}
      {!isOver && (
        <section className="card" aria-labelledby="decide">
          <h2 id="decide">
            <Trans>What do you decide?</Trans>
          </h2>
          <TransitionButtons
            transitions={task.availableTransitions}
            action={complete}
            version={task.instance?.version ?? null}
            button={DecisionButton}
            onFired={({ title }) => setDone(title)}
          />
          {task.availableTransitions.length === 0 && (
            <p className="soft">
              <Trans>Others decide about this task.</Trans>
            </p>
          )}
          <ErrorMessage error={claim.error ?? release.error} />
          {change && (
            <Button
              variant="subtle"
              justify="start"
              px={0}
              aria-disabled={change.isPending}
              onClick={() => void (!change.isPending && change.run())}
            >
              {change === claim ? <Trans>Claim it, so that nobody else works on it</Trans> : <Trans>Release it for others</Trans>}
            </Button>
          )}
        </section>
      )}
      {task.subject && <Subject subject={task.subject} />}
      {task.instance && <History instanceId={task.instance.id} version={task.instance.version} />}
    </article>
  );
}

const DecisionButton = ({ transition, buttonProps }: TransitionButtonProps) => (
  <Button {...buttonProps} variant="default">
    {transition.title}
  </Button>
);

function Facts({ task }: { readonly task: Task }) {
  const { i18n } = useLingui();
  const { instance, assignee, dueAt, isOverdue, slaStatus, priority } = task;
  return (
    <dl className="facts">
      {instance && <Fact name={<Trans>State</Trans>}>{instance.stateTitle}</Fact>}
      <Fact name={<Trans>Claimed by</Trans>}>{assignee?.name ?? "–"}</Fact>
      {dueAt !== null && (
        <Fact name={<Trans>Due</Trans>}>
          <time className={isOverdue ? "late" : undefined} dateTime={dueAt} title={dateText(dueAt, i18n.locale)}>
            {relativeText(dueAt, i18n.locale)}
          </time>
        </Fact>
      )}
      {priority !== "NORMAL" && (
        <Fact name={<Trans>Priority</Trans>}>
          <Priority priority={priority} />
        </Fact>
      )}
      {slaStatus && (
        <Fact name={slaStatus.title}>
          <SlaClock clock={slaStatus} />
        </Fact>
      )}
    </dl>
  );
}

const Fact = ({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
