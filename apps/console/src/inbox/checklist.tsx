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
  if (task.checklist.length === 0) return null;
  return (
    <fieldset className="card checklist">
      <legend className="hidden">
        <Trans>Checklist</Trans>
      </legend>
      {task.checklist.map((item) => (
        <Item key={item.key} taskId={task.id} item={item} isOver={isOver} onChanged={onChanged} />
      ))}
    </fieldset>
  );
}

interface ItemProps extends Pick<ChecklistProps, "isOver" | "onChanged"> {
  readonly taskId: string;
  readonly item: Task["checklist"][number];
}

/** Each item has an action of its own, so that several can be ticked one after the other without waiting. */
function Item({ taskId, item: { key, title, isDone }, isOver, onChanged }: ItemProps) {
  const { run, isPending, error } = useAction(updateChecklistItem);
  async function set() {
    // The version is not checked: it changes with every item, also those that the user has just ticked.
    if (!isPending && (await run({ input: { id: taskId, itemKey: key, isDone: !isDone } })) !== null) onChanged();
  }
  return (
    <>
      <label>
        <input type="checkbox" checked={isDone} disabled={isOver} aria-disabled={isPending} onChange={() => void set()} />
        {title}
      </label>
      <ErrorMessage error={error} />
    </>
  );
}
