import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useLiveQuery } from "@weft/react";
import { relativeText } from "../formats/times";
import { tasksChanged, waitingQuery, type WaitingTask } from "./portal-operations";

/** Questions to the user, and tasks for them. Absent if there are none. */
export function Waiting({ viewerId }: { readonly viewerId: string }) {
  const { i18n } = useLingui();
  const { data } = useLiveQuery(waitingQuery, tasksChanged);
  const isForThem = ({ question, availableTransitions }: WaitingTask): boolean =>
    question?.asked?.id === viewerId || availableTransitions.some(({ allowed }) => allowed);
  // Tasks can be offered to a role that cannot complete them.
  const tasks = data?.tasks?.edges.map(({ node }) => node).filter(isForThem) ?? [];
  if (tasks.length === 0) return null;
  return (
    <section className="waiting" aria-labelledby="waiting">
      <h2 id="waiting">
        <Trans>Waiting for you</Trans>
      </h2>
      <ul>
        {tasks.map(({ id, title, dueAt, isOverdue, question, subject }) => {
          const isAsked = question?.asked?.id === viewerId;
          const text = (
            <>
              <span className="title">{isAsked ? question.text : title}</span>
              <span className={isOverdue ? "when late" : "when"}>{dueAt !== null && relativeText(dueAt, i18n.locale)}</span>
              <span className="meta">
                {isAsked ? <Trans>A question to you</Trans> : <Trans>A task for you</Trans>}
                {subject?.__typename === "Request" && ` · ${subject.number}`}
              </span>
            </>
          );
          return (
            <li key={id}>
              <Link className="row" to="/portal/tasks/$id" params={{ id }}>
                {text}
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
