import { Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, FileDrop, useAction, useLiveQuery } from "@weft/react";
import { can, useViewer } from "../frame/viewer";
import { relativeText } from "../formats/times";
import { DownloadButton } from "../parts/download-button";
import { attachFile, filesQuery } from "./comment-operations";
import { requestChanged } from "./portal-operations";

/** The files of a request that the user can see. */
export function Files({ requestId }: { readonly requestId: string }) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const { data, error, reload } = useLiveQuery(filesQuery, requestChanged, { id: requestId });
  const attach = useAction(attachFile);
  const files = data?.request?.attachments.edges.map(({ node }) => node) ?? [];
  async function add(fileId: string): Promise<void> {
    if (await attach.run({ input: { fileId, objectId: requestId, visibility: "SHARED" } })) await reload();
  }
  const canAdd = can(viewer, "file.create");
  if (files.length === 0 && !canAdd) return null;
  return (
    <section className="files" aria-labelledby="files">
      <h2 id="files">
        <Trans>Files</Trans>
      </h2>
      <ErrorMessage error={error ?? attach.error} />
      <ul>
        {files.map(({ id, file, createdAt, createdBy }) => (
          <li key={id}>
            {file && <DownloadButton file={file} />}
            <span className="soft">{[createdBy?.name, relativeText(createdAt, i18n.locale)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
      {canAdd && <FileDrop label={t`Add files`} showsDone={false} onUploaded={({ id }) => void add(id)} />}
    </section>
  );
}
