import { Trans, useLingui } from "@lingui/react/macro";
import { SlaClock, type Task } from "@weft/react";
import type { ReactNode } from "react";
import { dateText, relativeText } from "../formats/times";
import { Priority } from "./priority";

/** State, deadline and assignee of a task. */
export function Facts({ task }: { readonly task: Task }) {
  const { i18n } = useLingui();
  const { instance, assignee, dueAt, isOverdue, slaStatus, priority } = task;
  return (
    <dl className="facts">
      {instance && <Fact name={<Trans>State</Trans>}>{instance.stateTitle}</Fact>}
      <Fact name={<Trans>Claimed by</Trans>}>{assignee?.name ?? "–"}</Fact>
      {dueAt !== null && (
        <Fact name={<Trans>Due</Trans>}>
          <time className={isOverdue ? "late" : undefined} dateTime={dueAt} title={dateText(dueAt, i18n.locale)}>
            {relativeText(dueAt, i18n.locale)}
          </time>
        </Fact>
      )}
      {priority !== "NORMAL" && (
        <Fact name={<Trans>Priority</Trans>}>
          <Priority priority={priority} />
        </Fact>
      )}
      {slaStatus && (
        <Fact name={slaStatus.title}>
          <SlaClock clock={slaStatus} />
        </Fact>
      )}
    </dl>
  );
}

const Fact = ({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
