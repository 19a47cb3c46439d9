import { Plural, Trans } from "@lingui/react/macro";
import { useLive, type Task } from "@weft/react";
import { graphql } from "../gql";
import { words } from "../formats/values";

/** The tasks of a workflow, as far as they tell who has decided what. */
export const votesFields = `instance { tasks { id state title status createdAt transition
  assignee { id name } completedBy { id name } onBehalfOf { id name } } }`;

interface Vote {
  readonly id: string;
  readonly state: string;
  readonly title: string;
  readonly status: Task["status"];
  readonly createdAt: string;
  readonly transition: string | null;
  readonly assignee: { readonly name: string } | null;
  readonly completedBy: { readonly name: string } | null;
  readonly onBehalfOf: { readonly name: string } | null;
}

export interface VotesOfTask {
  readonly instance: (NonNullable<Task["instance"]> & { readonly tasks: readonly Vote[] }) | null;
}

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

interface VotesProps {
  readonly task: Task & VotesOfTask;
  /** Called when somebody else has decided. */
  readonly onChanged: () => void;
}

/** What the others have decided who decide together with the user: the tasks that were opened when the state was entered. */
export function Votes({ task, onChanged }: VotesProps) {
  const all = task.instance?.tasks.filter(({ state, createdAt }) => state === task.state && createdAt === task.createdAt) ?? [];
  return all.length < 2 ? null : <VoteList task={task} all={all} onChanged={onChanged} />;
}

function VoteList({ task, all, onChanged }: VotesProps & { readonly all: readonly Vote[] }) {
  useLive(voteChanged, undefined, {
    onEvent: ({ taskChanged }) => taskChanged.task.id !== task.id && all.some(({ id }) => id === taskChanged.task.id) && onChanged(),
    onGap: onChanged,
  });
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
