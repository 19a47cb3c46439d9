import { Trans } from "@lingui/react/macro";
import { ErrorMessage, useAction, type Task } from "@weft/react";
import { graphql } from "../gql";

const updateChecklistItem = graphql(`
  mutation ConsoleUpdateChecklistItem($input: UpdateChecklistItemInput!) {
    updateChecklistItem(input: $input) {
      task {
        id
      }
    }
  }
`);

interface ChecklistProps {
  readonly task: Task;
  readonly isOver: boolean;
  readonly onChanged: () => void;
}

export function Checklist({ task, isOver, onChanged }: ChecklistProps) {
  const { run, isPending, error } = useAction(updateChecklistItem);
  if (task.checklist.length === 0) return null;
  async function set(itemKey: string, isDone: boolean) {
    if (isPending) return;
    if (await run({ input: { id: task.id, itemKey, isDone } })) onChanged();
  }
  return (
    <fieldset className="card checklist">
      <legend className="hidden">
        <Trans>Checklist</Trans>
      </legend>
      {task.checklist.map(({ key, title, isDone }) => (
        <label key={key}>
          <input type="checkbox" checked={isDone} disabled={isOver} aria-disabled={isPending} onChange={() => void set(key, !isDone)} />
          {title}
        </label>
      ))}
      <ErrorMessage error={error} />
    </fieldset>
  );
}
