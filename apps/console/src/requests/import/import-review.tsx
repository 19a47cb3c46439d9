import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import type { ImportMode } from "../../gql/graphql";
import { cancelImport, startImport, type ImportOfRequests } from "./import-operations";
import { ImportProblems } from "./import-problems";

interface ImportReviewProps {
  readonly found: ImportOfRequests;
  readonly onStarted: () => void;
  readonly onDiscarded: () => void;
}

/** As many requests as can be written together: others cannot create requests meanwhile. */
const mostTogether = 200;

/** What an import would do. */
export function ImportReview({ found, onStarted, onDiscarded }: ImportReviewProps) {
  const { id, columns, mapping, lineCount, createdCount, updatedCount, skippedCount, failedCount } = found;
  const start = useAction(startImport);
  const discard = useAction(cancelImport);
  const [mode, setMode] = useState<ImportMode>("LINE_BY_LINE");
  const written = createdCount + updatedCount;
  const unused = columns.filter((column) => !mapping.some((one) => one.column === column)).join(", ");
  const isTogetherPossible = failedCount === 0 && (lineCount ?? 0) <= mostTogether;
  return (
    <>
      <div role="status">
        <ul className="preview">
          <li>
            <Plural value={createdCount} one="# new request, as a draft of yours" other="# new requests, as drafts of yours" />
          </li>
          {updatedCount > 0 && (
            <li>
              <Plural value={updatedCount} one="# request is updated" other="# requests are updated" />
            </li>
          )}
          {skippedCount > 0 && (
            <li>
              <Plural value={skippedCount} one="# line changes nothing" other="# lines change nothing" />
            </li>
          )}
          {failedCount > 0 && (
            <li className="late">
              <Plural value={failedCount} one="# line has problems and is left out" other="# lines have problems and are left out" />
            </li>
          )}
          {unused !== "" && (
            <li className="soft">
              <Trans>Columns that are not used: {unused}</Trans>
            </li>
          )}
        </ul>
      </div>
      {failedCount > 0 && <ImportProblems id={id} />}
      {isTogetherPossible && written > 1 && <ModeChoice mode={mode} onChange={setMode} />}
      <ErrorMessage error={start.error ?? discard.error} />
      <p className="actions">
        {written > 0 && (
          <Button
            data-action="start"
            loading={start.isPending}
            onClick={() => void start.run({ input: { id, mode } }).then((done) => done && onStarted())}
          >
            <Plural value={written} one="Import # request" other="Import # requests" />
          </Button>
        )}
        <Button
          variant="default"
          data-action="discard"
          onClick={() => void discard.run({ input: { id } }).then((done) => done && onDiscarded())}
        >
          <Trans>Choose another file</Trans>
        </Button>
      </p>
    </>
  );
}

interface ModeChoiceProps {
  readonly mode: ImportMode;
  readonly onChange: (mode: ImportMode) => void;
}

function ModeChoice({ mode, onChange }: ModeChoiceProps) {
  const { t } = useLingui();
  const modes = [
    ["LINE_BY_LINE", t`leave out this line, and import the others`],
    ["ALL_OR_NOTHING", t`import nothing`],
  ] as const;
  return (
    <fieldset className="choices">
      <legend>
        <Trans>If a line is refused after all</Trans>
      </legend>
      {modes.map(([value, title]) => (
        <label key={value}>
          <input type="radio" name="mode" value={value} checked={mode === value} onChange={() => onChange(value)} />
          {title}
        </label>
      ))}
    </fieldset>
  );
}
