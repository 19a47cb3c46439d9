import { Trans } from "@lingui/react/macro";
import type { Task, TaskResult } from "@weft/react";
import { useState } from "react";
import { useKeys } from "../frame/use-keys";
import { can, useViewer } from "../frame/viewer";
import { useDraft, type DraftKind } from "../parts/drafts";
import { LazyPart, lazyPart } from "../parts/lazy-part";
import { isPerson, type Person } from "../parts/people/person";

const HandOverPanel = lazyPart(async () => (await import("./hand-over-panel")).HandOverPanel);

export type HandOverWay = "delegate" | "assign" | "ask";

/** Whom the user has chosen, and what they have typed. */
export interface HandOverDraft {
  readonly way: HandOverWay | null;
  readonly person: Person | null;
  readonly text: string;
}

export const noHandOver: HandOverDraft = { way: null, person: null, text: "" };

const handOverDrafts: DraftKind<HandOverDraft> = {
  empty: noHandOver,
  read: (kept) => {
    if (typeof kept !== "object" || kept === null) return null;
    const { way, person, text } = kept as Readonly<Record<keyof HandOverDraft, unknown>>;
    const known = (["delegate", "assign", "ask"] as const).find((one) => one === way);
    return known === undefined || typeof text !== "string" ? null : { way: known, person: isPerson(person) ? person : null, text };
  },
  isEmpty: ({ person, text }) => person === null && text === "",
};

interface HandOverProps {
  readonly live: Pick<TaskResult<unknown>, "delegate" | "reload">;
  readonly task: Task;
  readonly hasKeys: boolean;
}

/** Gives a task to somebody else, or asks somebody a question about it. */
export function HandOver({ live, task, hasKeys }: HandOverProps) {
  const viewer = useViewer();
  const [draft, keep] = useDraft(`hand-over:${task.id}`, handOverDrafts);
  /** Undefined: the user has not opened or closed anything yet. */
  const [chosen, setChosen] = useState<HandOverWay | null>();
  const isOwn = task.assignee !== null && task.assignee.id === viewer?.id;
  const canWork = can(viewer, "task.claim") && (task.status === "OPEN" || isOwn) && !task.isSuspended;
  // Without it, there is nobody to choose.
  const findsUsers = can(viewer, "user.read");
  const give: HandOverWay | null = !findsUsers ? null : canWork ? "delegate" : can(viewer, "task.assign") ? "assign" : null;
  const canAsk = findsUsers && canWork && task.question === null;
  const begun = draft.way === give || (draft.way === "ask" && canAsk) ? draft.way : null;
  const way = chosen === undefined ? begun : chosen;
  const toggle = (to: HandOverWay): void => setChosen(way === to ? null : to);
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
          <HandOverPanel key={way} way={way} live={live} task={task} draft={draft} onChange={keep} onClose={() => setChosen(null)} />
        </LazyPart>
      )}
    </>
  );
}
