import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { dayText } from "../formats/days";
import type { VendorWork } from "./vendor-operations";

/** Tasks of projects that are assigned to the vendor, and the milestones that need them. Absent if there are none. */
export function ProjectWork({ work }: { readonly work: VendorWork }) {
  const { i18n, t } = useLingui();
  const tasks = work.projectTasks?.edges.map(({ node }) => node) ?? [];
  const milestones = work.milestones?.edges.map(({ node }) => node).filter(({ status }) => status !== "REACHED") ?? [];
  const byStart = tasks.toSorted((one, other) => (one.plannedStartAt ?? "").localeCompare(other.plannedStartAt ?? ""));
  const day = (iso: string | null): string => (iso === null ? "" : dayText(iso, i18n.locale));
  return (
    <>
      {byStart.length > 0 && (
        <section aria-labelledby="project-tasks">
          <h2 id="project-tasks">
            <Trans>Tasks of projects</Trans>
          </h2>
          <ul className="list">
            {byStart.map(({ id, name, projectName, percentComplete, status, plannedStartAt, plannedFinishAt }) => (
              <li key={id}>
                <Link className="row" to="/vendor/project-tasks/$id" params={{ id }}>
                  <span className="title">{name}</span>
                  <span className="pill" data-stage={status === "DONE" ? "done" : status === "STARTED" ? "working" : "ended"}>
                    {status === "DONE" ? t`Done` : status === "STARTED" ? t`${percentComplete} %` : t`Planned`}
                  </span>
                  <span className="meta">{projectName}</span>
                  <span className="when">{[day(plannedStartAt), day(plannedFinishAt)].filter(Boolean).join(" – ")}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {milestones.length > 0 && (
        <section aria-labelledby="milestones">
          <h2 id="milestones">
            <Trans>Milestones that need your work</Trans>
          </h2>
          <ul className="list">
            {milestones.map(({ id, name, dueOn, isOverdue, project }) => (
              <li key={id} className="row">
                <span className="title">{name}</span>
                <span className={isOverdue ? "when late" : "when"}>{day(dueOn)}</span>
                <span className="meta">{project?.name}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
