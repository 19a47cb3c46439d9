import "../parts/badge.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { dayText } from "../formats/days";
import { bytesText } from "../formats/values";
import { dateText, exactText } from "../formats/times";
import { readFragment } from "../gql";
import { FileLink } from "../parts/files/file-link";
import { usePolled } from "../parts/use-polled";
import { reportKinds } from "./report-kinds";
import { report, reportQuery, type Report } from "./report-operations";

interface ReportCardProps {
  readonly report: Report;
  /** Null if the user cannot delete it. */
  readonly onDelete: (() => void) | null;
}

const isRunning = ({ status }: Report): boolean => status === "RUNNING";

/** A report: its period, how far it is, its files, and whether it was signed off. It follows itself until it is complete. */
export function ReportCard({ report: listed, onDelete }: ReportCardProps) {
  const { t, i18n } = useLingui();
  const { found } = usePolled({
    query: reportQuery,
    id: isRunning(listed) ? listed.id : null,
    pick: ({ complianceReport }) => readFragment(report, complianceReport),
    isRunning,
  });
  const { id, kind, periodFrom, periodTo, status, createdBy, createdAt, snapshotAt, rowCount, message, signOff, requiresSignOff, files } =
    found ?? listed;
  const title = i18n._(reportKinds[kind].title);
  // The period ends where the next one begins.
  const last = new Date(Date.parse(periodTo) - 1).toISOString();
  return (
    <li className="report-card" data-status={status} aria-labelledby={`title-${id}`}>
      <div className="top">
        <h3 id={`title-${id}`}>{title}</h3>
        <span className="soft number">
          {dayText(periodFrom, i18n.locale)} – {dayText(last, i18n.locale)}
        </span>
        {(requiresSignOff || signOff) && <SignOff of={signOff} />}
        {onDelete && signOff === null && (
          <button
            type="button"
            className="link delete"
            aria-haspopup="dialog"
            aria-label={t`Delete the report ${title}`}
            onClick={onDelete}
          >
            <Trans>Delete</Trans>
          </button>
        )}
      </div>
      <p className="soft meta">
        {createdBy === null ? dateText(createdAt, i18n.locale) : `${createdBy.name}, ${dateText(createdAt, i18n.locale)}`}
        {snapshotAt !== null && (
          <>
            {" · "}
            <Trans>as of {exactText(snapshotAt, i18n.locale)}</Trans>
            {" · "}
            <Plural value={rowCount} one="# row" other="# rows" />
          </>
        )}
      </p>
      <div role="status">
        {status === "RUNNING" && (
          <p className="progress">
            <progress aria-label={t`Progress of the report ${title}`} /> <Trans>The report is being made…</Trans>
          </p>
        )}
        {status === "FAILED" && <p className="notice bad">{message ?? t`The report could not be made.`}</p>}
      </div>
      {files.length > 0 && <Files files={files} />}
    </li>
  );
}

function Files({ files }: { readonly files: Report["files"] }) {
  const { i18n } = useLingui();
  return (
    <ul className="report-files">
      {files.map(({ format, table, file }) => (
        <li key={`${format} ${table ?? ""}`}>
          <span className="badge">{format}</span>{" "}
          {file ? (
            <>
              <FileLink file={file} /> <span className="soft number">{file.size !== null && bytesText(file.size, i18n.locale)}</span>
            </>
          ) : (
            <span className="soft">
              <Trans>The file has been deleted.</Trans>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Where the sign-off stands. It leads to the task, if there is one that the user can see. */
function SignOff({ of }: { readonly of: Report["signOff"] }): ReactNode {
  if (of === null)
    return (
      <span className="badge">
        <Trans>To be signed off</Trans>
      </span>
    );
  const { status, stateTitle, tasks } = of;
  const task = tasks.find((one) => one.status === "OPEN" || one.status === "CLAIMED");
  const badge = <span className={status === "COMPLETED" ? "badge good" : "badge warn"}>{stateTitle}</span>;
  return task ? (
    <Link to="/inbox" search={{ task: task.id }}>
      {badge}
    </Link>
  ) : (
    badge
  );
}
