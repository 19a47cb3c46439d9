import { Trans } from "@lingui/react/macro";
import { ErrorMessage, TransitionButtons, type Task, type TaskResult } from "@weft/react";
import { use, useId } from "react";
import { useKeys } from "../frame/use-keys";
import { useViewerId } from "../frame/viewer";
import { EditedRequest, useChangingBy } from "../parts/editing/use-editing";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import { TransitionButton } from "../parts/transition-button";
import { useTransitionDrafts } from "../parts/transition-drafts";
import { HandOver } from "./hand-over";

// The decision does not wait for it, and nobody else is there most of the time.
const Editors = lazyPart(async () => (await import("../parts/editing/editors")).Editors);

interface DecisionProps {
  readonly live: Pick<TaskResult<unknown>, "claim" | "release" | "complete" | "delegate" | "reload">;
  readonly task: Task;
  /** Whether it is the only task of the page. Then keys claim it and hand it over, and who else changes the request is shown here. */
  readonly isOnly: boolean;
  /** Called with the title of the transition that was fired. */
  readonly onDone: (title: string) => void;
}

/** The transitions that complete a task, and its claim. */
export function Decision({ live, task, isOnly, onDone }: DecisionProps) {
  const { claim, release, complete } = live;
  const viewerId = useViewerId();
  const titleId = useId();
  const requestId = use(EditedRequest);
  const drafts = useChangingBy(useTransitionDrafts(task.id));
  const isOwn = task.assignee !== null && task.assignee.id === viewerId;
  const change = task.isSuspended ? null : task.status === "OPEN" ? claim : isOwn ? release : null;
  const run = (): void => {
    if (change && !change.isPending) void change.run();
  };
  useKeys(isOnly ? { c: run } : {});
  return (
    <section className="card" aria-labelledby={titleId}>
      <div className="standing">
        <h2 id={titleId}>
          <Trans>What do you decide?</Trans>
        </h2>
        {isOnly && requestId !== null && (
          <LazyPart fallback={null}>
            <Editors requestId={requestId} />
          </LazyPart>
        )}
      </div>
      <TransitionButtons
        transitions={task.availableTransitions}
        action={complete}
        version={task.instance?.version ?? null}
        button={TransitionButton}
        drafts={drafts}
        onFired={({ title }) => onDone(title)}
      />
      {task.availableTransitions.length === 0 && (
        <p className="soft">
          <Trans>Others decide about this task.</Trans>
        </p>
      )}
      <ErrorMessage error={claim.error ?? release.error} />
      {change && (
        <button type="button" className="link" aria-disabled={change.isPending} onClick={run}>
          {change === claim ? <Trans>Claim it, so that nobody else works on it</Trans> : <Trans>Release it for others</Trans>}
        </button>
      )}
      <HandOver live={live} task={task} hasKeys={isOnly} />
    </section>
  );
}
