import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage, useAction, type Task } from "@weft/react";
import { useId, type SubmitEvent } from "react";
import { useViewerId } from "../frame/viewer";
import { useTextDraft } from "../parts/drafts";
import { answerQuestion, withdrawQuestion } from "./hand-over-operations";
import type { QuestionOfTask } from "./question-of-task";

interface QuestionProps {
  readonly task: Task & QuestionOfTask;
  readonly question: NonNullable<QuestionOfTask["question"]>;
  readonly onAnswered: () => void;
  readonly onChanged: () => void;
}

/** The question that a task waits for. The person who is asked answers it here; the person who asked can withdraw it. */
export function Question({
  task: { id, version },
  question: { id: questionId, text, asked, author },
  onAnswered,
  onChanged,
}: QuestionProps) {
  const { t } = useLingui();
  const viewerId = useViewerId();
  const withdraw = useAction(withdrawQuestion);
  const isAsked = asked !== null && asked.id === viewerId;
  async function takeBack() {
    if (withdraw.isPending) return;
    await withdraw.run({ input: { id, expectedVersion: version } });
    onChanged();
  }
  return (
    <section className="card question" aria-labelledby="question">
      <h2 id="question">
        {isAsked ? (
          <Trans>{author?.name ?? t`Somebody`} asks you</Trans>
        ) : (
          <Trans>Waiting for an answer from {asked?.name ?? t`somebody`}</Trans>
        )}
      </h2>
      <p className="words">{text}</p>
      {isAsked && <Answer id={id} version={version} questionId={questionId} onAnswered={onAnswered} onChanged={onChanged} />}
      {author !== null && author.id === viewerId && (
        <button type="button" className="link" aria-disabled={withdraw.isPending} onClick={() => void takeBack()}>
          <Trans>Withdraw the question</Trans>
        </button>
      )}
      <ErrorMessage error={withdraw.error} />
    </section>
  );
}

interface AnswerProps extends Pick<QuestionProps, "onAnswered" | "onChanged"> {
  readonly id: string;
  readonly version: number;
  readonly questionId: string;
}

function Answer({ id, version, questionId, onAnswered, onChanged }: AnswerProps) {
  const answer = useAction(answerQuestion);
  const { text, setText } = useTextDraft(`answer:${questionId}`);
  const fieldId = useId();
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (answer.isPending) return;
    const isDone = (await answer.run({ input: { id, text, expectedVersion: version } })) !== null;
    if (!isDone) return onChanged();
    setText("");
    onAnswered();
  }
  return (
    <form className="hand-over" onSubmit={(event) => void submit(event)}>
      <label htmlFor={fieldId}>
        <Trans>Your answer</Trans>
      </label>
      <textarea
        id={fieldId}
        className="text-field"
        rows={3}
        maxLength={10_000}
        required
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <ErrorMessage error={answer.error} />
      <p className="actions">
        <Button type="submit" aria-disabled={answer.isPending}>
          <Trans>Answer</Trans>
        </Button>
      </p>
    </form>
  );
}
