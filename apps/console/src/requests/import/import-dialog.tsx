import "./import.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { ErrorMessage, FileDrop, useAction } from "@weft/react";
import { useState } from "react";
import type { ImportExisting } from "../../gql/graphql";
import { Placeholders } from "../../parts/placeholders";
import { useLoaded } from "../../parts/use-loaded";
import { usePolled } from "../../parts/use-polled";
import { createImport, importQuery, openImportQuery } from "./import-operations";
import { ImportProgress } from "./import-progress";
import { ImportReview } from "./import-review";

const maxBytes = 20 * 1024 * 1024;

/** Imports requests: takes a file, shows what would happen, and then what happens. It continues where the user left it. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLingui();
  const before = useLoaded(openImportQuery, {});
  const create = useAction(createImport);
  const [isNew, setNew] = useState(false);
  const open = isNew ? undefined : before.data?.imports?.edges[0]?.node.id;
  const id = create.data?.createImport?.import.id ?? open ?? null;
  const { found, error, restart } = usePolled({
    query: importQuery,
    id,
    pick: (result) => result.import,
    isRunning: ({ status }) => status === "CHECKING" || status === "RUNNING",
  });
  const startOver = (): void => {
    create.reset();
    setNew(true);
  };
  return (
    <Modal opened size="lg" onClose={onClose} title={t`Import requests`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <div className="dialog-form" data-import={found?.status}>
        <ErrorMessage error={error ?? create.error ?? before.error} />
        {id === null ? (
          before.data === null ? (
            before.error === null && <Placeholders />
          ) : (
            <ChooseFile
              isPending={create.isPending}
              onFile={(fileId, onExisting) => void create.run({ input: { fileId, onExisting, list: "REQUESTS" } })}
            />
          )
        ) : found === undefined ? (
          error === null && <Placeholders />
        ) : found === null ? (
          <>
            <p>
              <Trans>The import has been deleted.</Trans>
            </p>
            <StartOver onClick={startOver} />
          </>
        ) : found.status === "READY" ? (
          <ImportReview key={found.id} found={found} onStarted={restart} onDiscarded={startOver} />
        ) : (
          <>
            <ImportProgress found={found} onStopped={restart} onClose={onClose} />
            {found.status !== "CHECKING" && found.status !== "RUNNING" && <StartOver onClick={startOver} />}
          </>
        )}
      </div>
    </Modal>
  );
}

const StartOver = ({ onClick }: { readonly onClick: () => void }) => (
  <button type="button" className="link" data-action="start-over" onClick={onClick}>
    <Trans>Import another file</Trans>
  </button>
);

interface ChooseFileProps {
  readonly isPending: boolean;
  readonly onFile: (fileId: string, onExisting: ImportExisting) => void;
}

function ChooseFile({ isPending, onFile }: ChooseFileProps) {
  const { t } = useLingui();
  const [onExisting, setOnExisting] = useState<ImportExisting>("UPDATE");
  if (isPending) return <Placeholders />;
  return (
    <>
      <p className="soft">
        <Trans>
          A CSV file in UTF-8, with the names of the columns in its first line: <code>typeKey</code>, the key of the type, and{" "}
          <code>data.summary</code> for the field <code>summary</code> of the form. With <code>externalId</code>, a file can be imported
          again. At first, nothing is written.
        </Trans>
      </p>
      <label>
        <Trans>Requests that exist already</Trans>
        <select name="existing" value={onExisting} onChange={({ currentTarget }) => setOnExisting(currentTarget.value as ImportExisting)}>
          <option value="UPDATE">{t`get the values of the file`}</option>
          <option value="SKIP">{t`stay as they are`}</option>
        </select>
      </label>
      <FileDrop isMany={false} label={t`CSV file`} maxBytes={maxBytes} showsDone={false} onUploaded={({ id }) => onFile(id, onExisting)} />
    </>
  );
}
