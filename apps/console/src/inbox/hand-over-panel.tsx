import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Textarea } from "@mantine/core";
import { ErrorMessage, useAction, type Task, type TaskResult } from "@weft/react";
import type { SubmitEvent } from "react";
import { useViewerId } from "../frame/viewer";
import { UserPicker } from "../parts/user-picker";
import { noHandOver, type HandOverDraft, type HandOverWay } from "./hand-over";
import { askForInformation, assignTask } from "./hand-over-operations";

interface HandOverPanelProps {
  readonly way: HandOverWay;
  readonly live: Pick<TaskResult<unknown>, "delegate" | "reload">;
  readonly task: Task;
  readonly draft: HandOverDraft;
  readonly onChange: (draft: HandOverDraft) => void;
  readonly onClose: () => void;
}

/** Whom to give a task to, or whom to ask what. What was chosen and typed stays until it is sent or canceled. */
export function HandOverPanel({ way, live, task: { id, version, assignee }, draft, onChange, onClose }: HandOverPanelProps) {
  const { t } = useLingui();
  const viewerId = useViewerId();
  const ask = useAction(askForInformation);
  const assign = useAction(assignTask);
  const { person, text } = draft;
  const { isPending, error } = way === "ask" ? ask : way === "assign" ? assign : live.delegate;
  const end = (): void => {
    onChange(noHandOver);
    onClose();
  };

  const send = (to: string): Promise<unknown> => {
    if (way === "ask") return ask.run({ input: { id, askedId: to, text, expectedVersion: version } });
    if (way === "assign") return assign.run({ input: { id, userId: to, expectedVersion: version } });
    return live.delegate.run({ userId: to });
  };
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending || person === null) return;
    const isDone = (await send(person.id)) !== null;
    // Also after a conflict: the next attempt is about the task as it is now.
    await live.reload();
    if (isDone) end();
  }
  async function returnToQueue() {
    if (assign.isPending) return;
    const isDone = (await assign.run({ input: { id, userId: null, expectedVersion: version } })) !== null;
    await live.reload();
    if (isDone) end();
  }
  return (
    <form className="hand-over" onSubmit={(event) => void submit(event)}>
      <UserPicker
        label={way === "ask" ? t`Whom do you ask?` : t`Who takes the task?`}
        value={person}
        onChange={(chosen) => onChange({ ...draft, way, person: chosen })}
        except={viewerId}
      />
      {way === "ask" && (
        <Textarea
          label={t`Question`}
          description={t`The task waits until it is answered.`}
          value={text}
          onChange={({ currentTarget }) => onChange({ ...draft, way, text: currentTarget.value })}
          rows={3}
          maxLength={10_000}
          required
          withAsterisk={false}
        />
      )}
      <ErrorMessage error={error} />
      <p className="actions">
        <Button type="submit" aria-disabled={isPending || person === null}>
          {way === "ask" ? <Trans>Ask</Trans> : way === "assign" ? <Trans>Assign</Trans> : <Trans>Delegate</Trans>}
        </Button>
        {way === "assign" && assignee !== null && (
          <Button variant="default" onClick={() => void returnToQueue()}>
            <Trans>Return it to its list</Trans>
          </Button>
        )}
        <Button variant="subtle" onClick={end}>
          <Trans>Cancel</Trans>
        </Button>
      </p>
    </form>
  );
}
