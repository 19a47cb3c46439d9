import { Trans, useLingui } from "@lingui/react/macro";
import { useRouter } from "@tanstack/react-router";
import { ErrorMessage, useTask } from "@weft/react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Message } from "../frame/messages";
import { EditedRequest } from "../parts/editing/use-editing";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import { Decision } from "./decision";
import { Checklist } from "./checklist";
import { Facts } from "./facts";
import { History } from "./history";
import { questionFields, type QuestionOfTask } from "./question-of-task";
import { Subject, subjectFields, type SubjectOfTask } from "./subject";
import { Talk } from "./talk";
import { Votes, votesFields, type VotesOfTask } from "./votes";

// Few tasks wait for an answer.
const Question = lazyPart(async () => (await import("./question")).Question);

const select = `${subjectFields} ${questionFields} ${votesFields}`;

interface TaskPaneProps {
  readonly id: string;
  /** Shown while the task is loaded. */
  readonly title: string | null;
  /** Whether it follows a decision: then it gets the focus. */
  readonly isNext: boolean;
  /** Called after a decision, with IDs of tasks that Weft proposes next. */
  readonly onDone: (proposed: readonly string[]) => void;
  readonly onBack: () => void;
}

/** A task: what is asked, what it is about, and the transitions with their forms that complete it. */
export function TaskPane({ id, title, isNext, onDone, onBack }: TaskPaneProps) {
  const { t } = useLingui();
  const live = useTask<SubjectOfTask & QuestionOfTask & VotesOfTask>(id, { select });
  const { task, complete, conflict, dismissConflict, error, isLoading } = live;
  const [done, setDone] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isOver = task?.status === "COMPLETED" || task?.status === "CLOSED";
  const requestId = task?.subject?.__typename === "Request" ? task.subject.id : null;

  const router = useRouter();
  const finish = useEffectEvent(() => onDone(complete.data?.nextTasks.map((next) => next.id) ?? []));
  useEffect(() => {
    if (done === null) return undefined;
    const { href } = router.latestLocation;
    // Long enough to see what was done. The pane is still there while the page to which the user has gone meanwhile is loaded.
    const timer = setTimeout(() => router.latestLocation.href === href && finish(), 700);
    return () => clearTimeout(timer);
  }, [done, router]);
  useEffect(() => {
    if (isNext) heading.current?.focus();
  }, [isNext]);

  if (task === null && (error === null || error.code === "NOT_FOUND") && !isLoading)
    return <Message title={<Trans>There is no such task, or you cannot see it.</Trans>} />;
  if (task === null && !isLoading)
    return (
      <Message title={<Trans>The task could not be loaded.</Trans>}>
        <ErrorMessage error={error} />
      </Message>
    );
  return (
    <article className="task" aria-busy={task === null}>
      <button type="button" className="back" onClick={onBack}>
        <span aria-hidden="true">←</span> <Trans>Back</Trans>
      </button>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {task?.title ?? title ?? t`Loading…`}
        </h1>
        {task ? <Facts task={task} /> : <div className="placeholder" />}
      </header>
      {task === null ? (
        <div className="placeholder high" />
      ) : (
        <EditedRequest value={requestId}>
          <ErrorMessage error={error} />
          {task.instructions !== null && <p className="instructions">{task.instructions}</p>}
          {task.question && done === null && (
            <LazyPart fallback={<div className="placeholder high" />}>
              <Question task={task} question={task.question} onAnswered={() => setDone(t`Answer`)} onChanged={() => void live.reload()} />
            </LazyPart>
          )}
          {task.isSuspended && (
            <p className="notice warn">
              <Trans>The workflow is suspended. Until it is resumed, nobody can work on this task.</Trans>
            </p>
          )}
          {conflict && (
            <p role="alert" className="notice warn">
              <Trans>Somebody else has changed this task in the meantime. This is how it is now.</Trans>{" "}
              <button type="button" className="link" onClick={dismissConflict}>
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
          {!isOver && done === null && <Decision live={live} task={task} isOnly onDone={setDone} />}
          <Votes task={task} onChanged={() => void live.reload()} />
          {task.subject && <Subject subject={task.subject} />}
          {requestId !== null && <Talk requestId={requestId} />}
          {task.instance && <History instanceId={task.instance.id} version={task.instance.version} />}
        </EditedRequest>
      )}
    </article>
  );
}
