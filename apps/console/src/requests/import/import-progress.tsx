import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { numberText } from "../../formats/numbers";
import { cancelImport, type ImportOfRequests } from "./import-operations";
import { ImportProblems } from "./import-problems";

interface ImportProgressProps {
  readonly found: ImportOfRequests;
  readonly onStopped: () => void;
  readonly onClose: () => void;
}

/** How far an import is, and what has become of it. */
export function ImportProgress({ found, onStopped, onClose }: ImportProgressProps) {
  const { id, status, doneCount, lineCount, failedCount, message } = found;
  const { t, i18n } = useLingui();
  const cancel = useAction(cancelImport);
  const isRunning = status === "CHECKING" || status === "RUNNING";
  const done = numberText(doneCount, i18n.locale);
  const total = lineCount === null ? null : numberText(lineCount, i18n.locale);
  const texts: Readonly<Record<ImportOfRequests["status"], string>> = {
    CHECKING: total === null ? t`The file is being read…` : t`${done} of ${total} lines are checked…`,
    READY: t`Every line is checked.`,
    RUNNING: t`${done} of ${total ?? "…"} lines are imported…`,
    COMPLETED: t`The import is complete.`,
    CANCELLED: t`The import was stopped. What was imported until then remains.`,
    FAILED: t`The import has failed.`,
  };
  return (
    <>
      {isRunning && (
        <progress aria-labelledby="import-progress" {...(lineCount !== null && { max: Math.max(lineCount, 1), value: doneCount })} />
      )}
      <p role="status" id="import-progress">
        {texts[status]}
      </p>
      {message !== null && <p className="notice bad">{message}</p>}
      {!isRunning && <Result found={found} onClose={onClose} />}
      {!isRunning && failedCount > 0 && <ImportProblems id={id} />}
      <ErrorMessage error={cancel.error} />
      {isRunning && (
        <p className="soft">
          <Trans>You can close this. The import goes on.</Trans>{" "}
          <button
            type="button"
            className="link"
            data-action="stop"
            onClick={() => void cancel.run({ input: { id } }).then((stopped) => stopped && onStopped())}
          >
            <Trans>Stop</Trans>
          </button>
        </p>
      )}
    </>
  );
}

/** What was written, with the way to it. */
function Result({ found, onClose }: Pick<ImportProgressProps, "found" | "onClose">) {
  const { status, createdCount, updatedCount, skippedCount, failedCount } = found;
  if (status !== "COMPLETED" && status !== "CANCELLED") return null;
  return (
    <ul className="preview">
      <li>
        <Plural value={createdCount} one="# request was created, as a draft" other="# requests were created, as drafts" />
        {createdCount > 0 && (
          <>
            {" · "}
            <Link to="/requests" search={{ requester: "me", created: "-1d" }} onClick={onClose}>
              <Trans>Show my requests of the last 24 hours</Trans>
            </Link>
          </>
        )}
      </li>
      {updatedCount > 0 && (
        <li>
          <Plural value={updatedCount} one="# request was updated" other="# requests were updated" />
          {" · "}
          <Link to="/requests" search={{ changed: "-1d" }} onClick={onClose}>
            <Trans>Show what has changed in the last 24 hours</Trans>
          </Link>
        </li>
      )}
      {skippedCount > 0 && (
        <li>
          <Plural value={skippedCount} one="# line changed nothing" other="# lines changed nothing" />
        </li>
      )}
      {failedCount > 0 && (
        <li className="late">
          <Plural value={failedCount} one="# line was left out" other="# lines were left out" />
        </li>
      )}
    </ul>
  );
}
