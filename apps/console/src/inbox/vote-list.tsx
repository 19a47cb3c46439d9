import { Plural, Trans } from "@lingui/react/macro";
import { useLive } from "@weft/react";
import { useEffect, useEffectEvent } from "react";
import { words } from "../formats/values";
import { graphql } from "../gql";
import type { Vote, VotesProps } from "./votes";

const voteChanged = graphql(`
  subscription ConsoleVoteChanged($after: String) {
    taskChanged(after: $after) {
      cursor
      task {
        id
      }
    }
  }
`);

/** Who decides together, and what they have decided so far. */
export function VoteList({ task, all, onChanged }: VotesProps & { readonly all: readonly Vote[] }) {
  const { status } = useLive(voteChanged, undefined, {
    onEvent: ({ taskChanged }) => taskChanged.task.id !== task.id && all.some(({ id }) => id === taskChanged.task.id) && onChanged(),
    onGap: onChanged,
  });
  const load = useEffectEvent(onChanged);
  // Votes between the loading of the task and the start of the subscription were not sent.
  useEffect(() => {
    if (status === "live") load();
  }, [status]);
  const decided = all.filter(({ status }) => status === "COMPLETED").length;
  const titleOf = (name: string): string => task.availableTransitions.find((one) => one.name === name)?.title ?? words(name);
  return (
    <section className="card votes" aria-labelledby="votes">
      <h2 id="votes">
        <Plural value={all.length} one="# person decides" other="# people decide together" />{" "}
        <span className="soft number">
          <Trans>{decided} done</Trans>
        </span>
      </h2>
      <ul>
        {all.map(({ id, title, status, transition, assignee, completedBy, onBehalfOf }) => (
          <li key={id} data-status={status} aria-current={id === task.id ? "true" : undefined}>
            <span>{title}</span>
            <span className="soft">
              {status === "COMPLETED" ? (
                onBehalfOf ? (
                  <Trans>
                    {completedBy?.name ?? "–"} for {onBehalfOf.name}
                  </Trans>
                ) : (
                  (completedBy?.name ?? "–")
                )
              ) : (
                assignee?.name
              )}
            </span>
            <strong>
              {status === "COMPLETED" ? (
                transition !== null && titleOf(transition)
              ) : status === "CLOSED" ? (
                <Trans>Not needed any more</Trans>
              ) : (
                <Trans>Not decided yet</Trans>
              )}
            </strong>
          </li>
        ))}
      </ul>
    </section>
  );
}
