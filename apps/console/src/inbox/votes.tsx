import type { Task } from "@weft/react";
import { LazyPart, lazyPart } from "../parts/lazy-part";

// Few tasks are decided together.
const VoteList = lazyPart(async () => (await import("./vote-list")).VoteList);

/** The tasks of a workflow, as far as they tell who has decided what. */
export const votesFields = `instance { tasks { id state title status createdAt transition
  assignee { id name } completedBy { id name } onBehalfOf { id name } } }`;

export interface Vote {
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

export interface VotesProps {
  readonly task: Task & VotesOfTask;
  /** Called when somebody else has decided. */
  readonly onChanged: () => void;
}

/** What the others have decided who decide together with the user: the tasks that were opened when the state was entered. */
export function Votes({ task, onChanged }: VotesProps) {
  const all = task.instance?.tasks.filter(({ state, createdAt }) => state === task.state && createdAt === task.createdAt) ?? [];
  if (all.length < 2) return null;
  return (
    <LazyPart fallback={<div className="placeholder high" />}>
      <VoteList task={task} all={all} onChanged={onChanged} />
    </LazyPart>
  );
}
