import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "@mantine/core";
import { ErrorMessage, useAction, useWeft } from "@weft/react";
import { WeftError } from "@weft/client";
import { useState } from "react";
import { valueText } from "../formats/values";
import { graphql } from "../gql";
import type { ConsoleExportQuery, ExportFormat, RequestFilter, RequestOrder } from "../gql/graphql";
import { usePolled } from "../parts/use-polled";
import { chosenColumns, columnOf } from "./columns";
import { useRequestsSearch } from "./use-requests-search";
import type { SavedView } from "./views/views-operations";

const exportRequests = graphql(`
  mutation ConsoleExportRequests($input: ExportRequestsInput!) {
    exportRequests(input: $input) {
      export {
        id
      }
    }
  }
`);

const exportQuery = graphql(`
  query ConsoleExport($id: ID!) {
    export(id: $id) {
      id
      status
      rowCount
      message
    }
  }
`);

const exportFileQuery = graphql(`
  query ConsoleExportFile($id: ID!) {
    export(id: $id) {
      id
      file {
        id
        name
        download {
          url
        }
      }
    }
  }
`);

type Export = NonNullable<ConsoleExportQuery["export"]>;

interface ExportButtonProps {
  readonly filter: RequestFilter | null;
  readonly orderBy: RequestOrder;
  readonly view: SavedView | null;
}

/** Writes what the list shows to a file. */
export function ExportButton({ filter, orderBy, view }: ExportButtonProps) {
  const { t, i18n } = useLingui();
  const { search } = useRequestsSearch();
  const { run, isPending, error, data, reset } = useAction(exportRequests);
  const [isOpen, setOpen] = useState(false);
  const [format, setFormat] = useState<ExportFormat>("CSV");
  const id = data?.exportRequests?.export.id ?? null;
  const { found: progress, error: progressError } = usePolled({
    query: exportQuery,
    id,
    pick: (result) => result.export,
    isRunning: ({ status }) => status === "RUNNING",
  });
  /** Undefined: not read yet. Null: the export is no longer there. */
  const statusText = (progress: Export | null | undefined): string => {
    if (progress === null) return t`The export has been deleted. Start a new one.`;
    const rowCount = valueText(progress?.rowCount ?? 0, i18n.locale);
    switch (progress?.status) {
      case undefined:
      case "RUNNING":
        return t`${rowCount} requests so far…`;
      case "COMPLETED":
        return t`${rowCount} requests are in the file. It is deleted after a day.`;
      case "CANCELLED":
        return t`The export was stopped. There is no file.`;
      case "FAILED":
        return t`The export has failed. There is no file.`;
    }
  };
  const columns = chosenColumns(search.columns, view?.columns ?? []).flatMap((name) => columnOf(name).exported);
  const start = (): void =>
    void run({ input: { filter, orderBy, format, columns: ["number", ...columns], ...(view !== null && { viewId: view.id }) } });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <button type="button" className="quiet wide-only" aria-haspopup="dialog" data-action="export" onClick={() => setOpen(true)}>
        <Trans>Export</Trans>
      </button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t`Export the requests of this list`}
        lockScroll={false}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        <form
          className="dialog-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isPending) start();
          }}
        >
          {id === null ? (
            <>
              <label>
                <Trans>Format</Trans>
                <select name="format" value={format} onChange={({ currentTarget }) => setFormat(currentTarget.value as ExportFormat)}>
                  <option value="CSV">{t`CSV, for spreadsheets`}</option>
                  <option value="JSON_LINES">{t`JSON Lines, for programs`}</option>
                </select>
              </label>
              <p className="soft">
                <Trans>
                  The file has all requests that match, with the columns of the list. Assignees and service levels are not in it, and
                  requesters are in it by their IDs.
                </Trans>
              </p>
            </>
          ) : (
            <p role="status">{statusText(progress)}</p>
          )}
          {progress?.message && <p className="notice bad">{progress.message}</p>}
          <ErrorMessage error={error ?? progressError} />
          {id === null && (
            <Button type="submit" loading={isPending}>
              <Trans>Export</Trans>
            </Button>
          )}
          {id !== null && progress?.status === "COMPLETED" && <DownloadButton id={id} />}
        </form>
      </Modal>
    </>
  );
}

/** Downloads the file. The link is made when it is used, because it expires. */
function DownloadButton({ id }: { readonly id: string }) {
  const client = useWeft();
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<WeftError | "gone" | null>(null);
  async function download(): Promise<void> {
    setPending(true);
    setFailure(null);
    try {
      const file = (await client.query(exportFileQuery, { id })).export?.file;
      if (file?.download) Object.assign(document.createElement("a"), { href: file.download.url, download: file.name }).click();
      else setFailure("gone");
    } catch (problem) {
      if (!(problem instanceof WeftError)) throw problem;
      setFailure(problem);
    } finally {
      setPending(false);
    }
  }
  return (
    <>
      {failure === "gone" ? (
        <p role="alert" className="notice bad">
          <Trans>The file has been deleted. Start a new export.</Trans>
        </p>
      ) : (
        <ErrorMessage error={failure} />
      )}
      <Button data-action="download" loading={isPending} onClick={() => void download()}>
        <Trans>Download</Trans>
      </Button>
    </>
  );
}
