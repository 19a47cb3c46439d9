import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "@mantine/core";
import { ErrorMessage, useAction, useWeft } from "@weft/react";
import { WeftError } from "@weft/client";
import { useEffect, useState } from "react";
import { valueText } from "../formats/values";
import { graphql } from "../gql";
import type { ConsoleExportQuery, ExportFormat, RequestFilter, RequestOrder } from "../gql/graphql";
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
      file {
        name
        size
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
  const progress = useExport(id);
  const columns = chosenColumns(search.columns, view?.columns ?? []).flatMap((name) => columnOf(name).exported);
  const start = (): void =>
    void run({ input: { filter, orderBy, format, columns: ["number", ...columns], ...(view !== null && { viewId: view.id }) } });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  const rowCount = valueText(progress.export?.rowCount ?? 0, i18n.locale);
  const link = progress.export?.file?.download?.url ?? null;
  return (
    <>
      <button type="button" className="quiet wide-only" data-action="export" onClick={() => setOpen(true)}>
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
            <p role="status">
              {progress.export?.status === "COMPLETED" ? (
                <Trans>{rowCount} requests are in the file. It is deleted after a day.</Trans>
              ) : (
                <Trans>{rowCount} requests so far…</Trans>
              )}
            </p>
          )}
          {progress.export?.message && <p className="notice bad">{progress.export.message}</p>}
          <ErrorMessage error={error ?? progress.error} />
          {id === null && (
            <Button type="submit" loading={isPending}>
              <Trans>Export</Trans>
            </Button>
          )}
          {link !== null && (
            <Button component="a" href={link} download={progress.export?.file?.name}>
              <Trans>Download</Trans>
            </Button>
          )}
        </form>
      </Modal>
    </>
  );
}

const pollMs = 1000;

/** Reads an export until it has ended. The API has no event for it. */
function useExport(id: string | null): { readonly export: Export | null; readonly error: WeftError | null } {
  const client = useWeft();
  const [state, setState] = useState<{ readonly export: Export | null; readonly error: WeftError | null }>({ export: null, error: null });
  useEffect(() => {
    setState({ export: null, error: null });
    if (id === null) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      try {
        const { export: found } = await client.query(exportQuery, { id }, { signal: abort.signal });
        if (abort.signal.aborted) return;
        setState({ export: found ?? null, error: null });
        if (found?.status === "RUNNING") timer = setTimeout(() => void read(), pollMs);
      } catch (error) {
        if (!abort.signal.aborted && error instanceof WeftError) setState({ export: null, error });
      }
    };
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [client, id]);
  return state;
}
