import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { relativeText } from "../formats/times";
import { words } from "../formats/values";
import type { RequestOfPage } from "./request-operations";
import { TitledSection } from "../parts/titled-section";

type TaskOfRequest = NonNullable<RequestOfPage["workflow"]>["tasks"][number];

/** The tasks of the request's workflow, the open ones first. Each opens in the inbox. */
export function Tasks({ tasks }: { readonly tasks: readonly TaskOfRequest[] }) {
  const isOpen = ({ status }: TaskOfRequest): boolean => status === "OPEN" || status === "CLAIMED";
  const open = tasks.filter(isOpen);
  const over = tasks.filter((task) => !isOpen(task));
  return (
    <TitledSection title={<Trans>Tasks</Trans>}>
      <ul className="tasks">
        {[...open, ...over].map((task) => (
          <li key={task.id} data-open={isOpen(task)}>
            <Link to="/inbox" search={{ task: task.id }}>
              {task.title}
            </Link>
            <TaskFacts task={task} isOpen={isOpen(task)} />
          </li>
        ))}
      </ul>
    </TitledSection>
  );
}

function TaskFacts({ task, isOpen }: { readonly task: TaskOfRequest; readonly isOpen: boolean }) {
  const { i18n, t } = useLingui();
  const { assignee, candidateRoles, dueAt, isOverdue } = task;
  if (!isOpen) return <span className="soft">{assignee === null ? t`closed` : t`closed, ${assignee.name}`}</span>;
  const due = dueAt === null ? null : relativeText(dueAt, i18n.locale);
  return (
    <span className={isOverdue ? "late" : "soft"}>
      {[assignee?.name ?? (candidateRoles.map(words).join(", ") || t`unassigned`), due === null ? null : t`due ${due}`]
        .filter(Boolean)
        .join(" · ")}
    </span>
  );
}
