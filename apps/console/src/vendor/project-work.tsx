import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { dayText } from "../formats/days";
import type { ConsoleVendorMilestonesQuery, ConsoleVendorTasksQuery } from "../gql/graphql";
import { useLivePages } from "../parts/pages/use-live-pages";
import { ShowMore } from "./show-more";
import { notified, vendorMilestonesQuery, vendorTasksQuery, type VendorMilestone, type VendorTask } from "./vendor-operations";

const noVariables = {};
const sources = [{ subscription: notified, variables: noVariables }];

/** Tasks of projects that are assigned to the vendor, and the milestones that need them. Absent if there are none. */
export function ProjectWork() {
  const { i18n, t } = useLingui();
  const taskList = useLivePages<ConsoleVendorTasksQuery, object, VendorTask>({
    query: vendorTasksQuery,
    sources,
    variables: noVariables,
    pageOf: (result) => result.projectTasks,
  });
  const milestoneList = useLivePages<ConsoleVendorMilestonesQuery, object, VendorMilestone>({
    query: vendorMilestonesQuery,
    sources,
    variables: noVariables,
    pageOf: (result) => result.milestones,
  });
  const tasks = taskList.page?.edges.map(({ node }) => node) ?? [];
  const milestones = milestoneList.page?.edges.map(({ node }) => node) ?? [];
  const byStart = tasks.toSorted((one, other) => (one.plannedStartAt ?? "").localeCompare(other.plannedStartAt ?? ""));
  const day = (iso: string | null): string => (iso === null ? "" : dayText(iso, i18n.locale));
  return (
    <>
      <ErrorMessage error={taskList.error ?? milestoneList.error} />
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
          <ShowMore list={taskList} />
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
          <ShowMore list={milestoneList} />
        </section>
      )}
    </>
  );
}
