import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Textarea } from "@mantine/core";
import { ErrorMessage, useAction, type Task, type TaskResult } from "@weft/react";
import { useState, type SubmitEvent } from "react";
import { useViewerId } from "../frame/viewer";
import { UserPicker } from "../parts/user-picker";
import type { HandOverWay } from "./hand-over";
import { askForInformation, assignTask } from "./hand-over-operations";

interface HandOverPanelProps {
  readonly way: HandOverWay;
  readonly live: Pick<TaskResult<unknown>, "delegate" | "reload">;
  readonly task: Task;
  readonly onClose: () => void;
}

/** Whom to give a task to, or whom to ask what. After an error, what was chosen and typed stays. */
export function HandOverPanel({ way, live, task: { id, version, assignee }, onClose }: HandOverPanelProps) {
  const { t } = useLingui();
  const viewerId = useViewerId();
  const ask = useAction(askForInformation);
  const assign = useAction(assignTask);
  const [userId, setUserId] = useState<string | null>(null);
  const [text, setText] = useState("");
  const { isPending, error } = way === "ask" ? ask : way === "assign" ? assign : live.delegate;

  const send = (to: string): Promise<unknown> => {
    if (way === "ask") return ask.run({ input: { id, askedId: to, text, expectedVersion: version } });
    if (way === "assign") return assign.run({ input: { id, userId: to, expectedVersion: version } });
    return live.delegate.run({ userId: to });
  };
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending || userId === null) return;
    const isDone = (await send(userId)) !== null;
    // Also after a conflict: the next attempt is about the task as it is now.
    await live.reload();
    if (isDone) onClose();
  }
  async function returnToQueue() {
    if (assign.isPending) return;
    const isDone = (await assign.run({ input: { id, userId: null, expectedVersion: version } })) !== null;
    await live.reload();
    if (isDone) onClose();
  }
  return (
    <form className="hand-over" onSubmit={(event) => void submit(event)}>
      <UserPicker
        label={way === "ask" ? t`Whom do you ask?` : t`Who takes the task?`}
        value={userId}
        onChange={setUserId}
        except={viewerId}
      />
      {way === "ask" && (
        <Textarea
          label={t`Question`}
          description={t`The task waits until it is answered.`}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          rows={3}
          maxLength={10_000}
          required
          withAsterisk={false}
        />
      )}
      <ErrorMessage error={error} />
      <p className="actions">
        <Button type="submit" aria-disabled={isPending || userId === null}>
          {way === "ask" ? <Trans>Ask</Trans> : way === "assign" ? <Trans>Assign</Trans> : <Trans>Delegate</Trans>}
        </Button>
        {way === "assign" && assignee !== null && (
          <Button variant="default" onClick={() => void returnToQueue()}>
            <Trans>Return it to its list</Trans>
          </Button>
        )}
        <Button variant="subtle" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
      </p>
    </form>
  );
}
