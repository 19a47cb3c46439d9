import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Textarea } from "@mantine/core";
import { ErrorMessage, useAction, useTask } from "@weft/react";
import { useId, type SyntheticEvent } from "react";
import { Decision } from "../inbox/decision";
import { useTextDraft } from "../parts/drafts";
import { useViewerId } from "../frame/viewer";
import { answerQuestion } from "../inbox/hand-over-operations";
import type { PortalRequest } from "./portal-operations";

type OpenTask = NonNullable<PortalRequest["workflow"]>["tasks"][number];

interface OpenTasksProps {
  readonly request: PortalRequest;
  readonly onDone: () => void;
}

/** Questions to the user about a request, and the tasks in it that they can complete. */
export function OpenTasks({ request: { workflow }, onDone }: OpenTasksProps) {
  const open = workflow?.tasks.filter(({ status }) => status === "OPEN" || status === "CLAIMED") ?? [];
  const viewerId = useViewerId();
  const isAsked = ({ question }: OpenTask): boolean => question?.asked?.id === viewerId;
  return open.map((task) =>
    isAsked(task) ? (
      <Question key={task.id} task={task} onDone={onDone} />
    ) : task.availableTransitions.some(({ allowed }) => allowed) ? (
      <TaskForUser key={task.id} id={task.id} onDone={onDone} />
    ) : null,
  );
}

interface QuestionProps {
  readonly task: Pick<OpenTask, "id" | "version" | "question">;
  readonly onDone: () => void;
}

export function Question({ task: { id, version, question }, onDone }: QuestionProps) {
  const { t } = useLingui();
  const titleId = useId();
  const { text, setText } = useTextDraft(`answer:${question?.id ?? id}`);
  const { run, isPending, error } = useAction(answerQuestion);
  async function send(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    if (text.trim() === "" || isPending) return;
    if (!(await run({ input: { id, text, expectedVersion: version } }))) return;
    setText("");
    onDone();
  }
  return (
    <form className="card question" aria-labelledby={titleId} onSubmit={(event) => void send(event)}>
      <h2 id={titleId}>{question?.author ? <Trans>{question.author.name} asks you</Trans> : <Trans>A question to you</Trans>}</h2>
      <p className="said">{question?.text}</p>
      <Textarea autosize minRows={2} label={t`Your answer`} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <ErrorMessage error={error} />
      <div className="buttons">
        <Button type="submit" loading={isPending} disabled={text.trim() === ""}>
          <Trans>Answer</Trans>
        </Button>
      </div>
    </form>
  );
}

function TaskForUser({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const live = useTask(id);
  const { task } = live;
  if (task === null || task.status === "COMPLETED" || task.status === "CLOSED") return null;
  return (
    <div className="task-for-user">
      <h2>{task.title}</h2>
      {task.instructions !== null && <p className="said">{task.instructions}</p>}
      <Decision live={live} task={task} isOnly={false} onDone={onDone} />
    </div>
  );
}
