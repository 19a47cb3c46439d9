import { Trans, useLingui } from "@lingui/react/macro";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ErrorMessage, useLiveQuery } from "@weft/react";
import { useState } from "react";
import { dayText } from "../formats/days";
import { numberText } from "../formats/numbers";
import { relativeText } from "../formats/times";
import { Message } from "../frame/messages";
import { can, useViewer } from "../frame/viewer";
import { Placeholders } from "../parts/placeholders";
import "../portal/portal.css";
import "./vendor.css";
import { ReportForm } from "./report-form";
import { notified, projectTaskQuery, type VendorProjectTask } from "./vendor-operations";

const route = getRouteApi("/vendor/project-tasks/$id");

const BackToWork = () => (
  <Link to="/vendor" className="to-portal">
    <span aria-hidden="true">←</span> <Trans>Work</Trans>
  </Link>
);

/** A task of a project that is assigned to the vendor, with its reports of progress. */
export function ProjectTaskPage() {
  const { id } = route.useParams();
  const viewer = useViewer();
  const { data, error, isLoading, reload } = useLiveQuery(projectTaskQuery, notified, { id });
  // A report of a colleague must not clear the one that is being typed.
  const [reported, setReported] = useState(0);
  const onReported = (): void => {
    setReported((count) => count + 1);
    void reload();
  };
  const task = data?.projectTask ?? null;
  if (task === null)
    return isLoading ? (
      <div className="portal">
        <Placeholders count={4} />
      </div>
    ) : error === null || error.code === "NOT_FOUND" || error.code === "BAD_USER_INPUT" ? (
      <Message title={<Trans>There is no such task, or you cannot see it.</Trans>}>
        <BackToWork />
      </Message>
    ) : (
      <Message title={<Trans>The task could not be loaded.</Trans>}>
        <ErrorMessage error={error} />
      </Message>
    );
  const reports = task.reports.edges.map(({ node }) => node);
  return (
    <div className="portal" data-page="project-task">
      <BackToWork />
      <header>
        <p className="soft">{task.projectName}</p>
        <h1>{task.name}</h1>
      </header>
      {task.description !== "" && <p className="said">{task.description}</p>}
      <TaskFacts task={task} />
      {viewer !== null && can(viewer, "projectTask.report") && task.status !== "DONE" && (
        <ReportForm key={reported} task={task} viewerId={viewer.id} onReported={onReported} onRefused={() => void reload()} />
      )}
      <section className="comments" aria-labelledby="reports">
        <h2 id="reports">
          <Trans>Reports</Trans>
        </h2>
        {reports.length === 0 && (
          <p className="soft">
            <Trans>Nobody has reported any progress yet.</Trans>
          </p>
        )}
        <ol>
          {reports.map((report) => (
            <Report key={report.id} report={report} />
          ))}
        </ol>
      </section>
    </div>
  );
}

function Report({ report }: { readonly report: VendorProjectTask["reports"]["edges"][number]["node"] }) {
  const { i18n, t } = useLingui();
  const { percentComplete, workedMinutes, note, reportedAt, reportedBy } = report;
  const hours = numberText(workedMinutes / 60, i18n.locale, { maximumFractionDigits: 1 });
  return (
    <li>
      <p className="soft">
        <strong>{t`${percentComplete} %`}</strong>{" "}
        {[workedMinutes > 0 && t`${hours} h worked`, reportedBy?.name, relativeText(reportedAt, i18n.locale)].filter(Boolean).join(" · ")}
      </p>
      {note !== null && <p className="said">{note}</p>}
    </li>
  );
}

function TaskFacts({ task }: { readonly task: VendorProjectTask }) {
  const { i18n, t } = useLingui();
  const day = (iso: string | null): string | null => (iso === null ? null : dayText(iso, i18n.locale));
  const { percentComplete, plannedStartAt, plannedFinishAt, deadlineAt, predecessors } = task;
  const after = predecessors?.flatMap(({ predecessor }) => (predecessor ? [predecessor.name] : [])).join(", ");
  const facts = [
    [t`Planned`, [day(plannedStartAt), day(plannedFinishAt)].filter(Boolean).join(" – ")],
    [t`Deadline`, day(deadlineAt)],
    [t`Begins after`, after],
  ] as const;
  return (
    <section className="card" aria-label={t`Details`}>
      <label className="progress">
        <span>{t`${percentComplete} % done`}</span>
        <progress max={100} value={percentComplete} />
      </label>
      <dl className="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
