import { Trans } from "@lingui/react/macro";
import type { Task, TaskResult } from "@weft/react";
import { useState } from "react";
import { useKeys } from "../frame/use-keys";
import { can, useViewer } from "../frame/viewer";
import { LazyPart, lazyPart } from "../parts/lazy-part";

const HandOverPanel = lazyPart(async () => (await import("./hand-over-panel")).HandOverPanel);

export type HandOverWay = "delegate" | "assign" | "ask";

interface HandOverProps {
  readonly live: Pick<TaskResult<unknown>, "delegate" | "reload">;
  readonly task: Task;
  readonly hasKeys: boolean;
}

/** Gives a task to somebody else, or asks somebody a question about it. */
export function HandOver({ live, task, hasKeys }: HandOverProps) {
  const viewer = useViewer();
  const [way, setWay] = useState<HandOverWay | null>(null);
  const isOwn = task.assignee !== null && task.assignee.id === viewer?.id;
  const canWork = can(viewer, "task.claim") && (task.status === "OPEN" || isOwn) && !task.isSuspended;
  // Without it, there is nobody to choose.
  const findsUsers = can(viewer, "user.read");
  const give: HandOverWay | null = !findsUsers ? null : canWork ? "delegate" : can(viewer, "task.assign") ? "assign" : null;
  const canAsk = findsUsers && canWork && task.question === null;
  const toggle = (to: HandOverWay): void => setWay(way === to ? null : to);
  useKeys({
    ...(hasKeys && give !== null && { d: () => toggle(give) }),
    ...(hasKeys && canAsk && { q: () => toggle("ask") }),
  });
  if (give === null && !canAsk) return null;
  return (
    <>
      <p className="actions">
        {give !== null && (
          <button type="button" className="link" aria-expanded={way === give} data-way={give} onClick={() => toggle(give)}>
            {give === "assign" ? <Trans>Assign to somebody</Trans> : <Trans>Delegate</Trans>}
          </button>
        )}
        {canAsk && (
          <button type="button" className="link" aria-expanded={way === "ask"} data-way="ask" onClick={() => toggle("ask")}>
            <Trans>Ask a question</Trans>
          </button>
        )}
      </p>
      {way !== null && (
        <LazyPart fallback={<div className="placeholder" />}>
          <HandOverPanel key={way} way={way} live={live} task={task} onClose={() => setWay(null)} />
        </LazyPart>
      )}
    </>
  );
}
