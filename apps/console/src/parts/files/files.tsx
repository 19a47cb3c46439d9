import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage, FileDrop, useAction, useWeft } from "@weft/react";
import { WeftError } from "@weft/client";
import { useState } from "react";
import { bytesText } from "../../formats/values";
import { dateText, relativeText } from "../../formats/times";
import { can, isFromInside, useViewer } from "../../frame/viewer";
import type { ConsoleFilesQuery } from "../../gql/graphql";
import { commentChanged } from "../comments/comment-operations";
import { ConfirmedButton } from "../confirmed-button";
import { useLivePages } from "../pages/use-live-pages";
import { FileLink } from "./file-link";
import { attachFile, deleteAttachment, filesChanged, filesQuery, type AttachmentOfRequest } from "./file-operations";
import "./files.css";

interface FilesProps {
  readonly requestId: string;
  /** Whether the user can add what the requester and vendors don't see. Default: users of the organization can */
  readonly canBeInternal?: boolean;
}

/** The files of a request, newest first, and the place to add some. */
export function Files({ requestId, canBeInternal }: FilesProps) {
  const variables = { id: requestId };
  const viewer = useViewer();
  const list = useLivePages<ConsoleFilesQuery, { readonly id: string }, AttachmentOfRequest>({
    query: filesQuery,
    sources: [
      { subscription: filesChanged, variables },
      { subscription: commentChanged, variables },
    ],
    variables,
    pageOf: ({ request }) => request?.attachments,
  });
  const { page, error, isLoadingMore, loadMore, reload } = list;
  const files = page?.edges.map(({ node }) => node) ?? null;
  return (
    <div className="attachments">
      {can(viewer, "file.create") && (
        <AddFiles requestId={requestId} canBeInternal={canBeInternal ?? isFromInside(viewer)} onAdded={() => void reload()} />
      )}
      <ErrorMessage error={error} />
      {files === null ? (
        error === null && <div className="placeholder high" role="status" aria-busy="true" />
      ) : files.length === 0 ? (
        <p className="soft">
          <Trans>This request has no files.</Trans>
        </p>
      ) : (
        <ul>
          {files.map((one) => (
            <AttachmentRow
              key={one.id}
              attachment={one}
              onDeleted={() => {
                list.forgetOlder();
                void reload();
              }}
            />
          ))}
        </ul>
      )}
      {page?.pageInfo.hasNextPage && (
        <Button variant="default" size="xs" aria-disabled={isLoadingMore} onClick={loadMore}>
          <Trans>Show earlier files</Trans>
        </Button>
      )}
    </div>
  );
}

interface AddFilesProps {
  readonly requestId: string;
  readonly canBeInternal: boolean;
  readonly onAdded: () => void;
}

function AddFiles({ requestId, canBeInternal, onAdded }: AddFilesProps) {
  const { t } = useLingui();
  const client = useWeft();
  // As for comments: what is for everybody is chosen.
  const [isChecked, setChecked] = useState(true);
  const isInternal = canBeInternal && isChecked;
  const [error, setError] = useState<WeftError | null>(null);
  // Several files can end at the same time, so this is no action, which runs once.
  async function attach(fileId: string) {
    setError(null);
    try {
      await client.mutate(attachFile, { input: { fileId, objectId: requestId, visibility: isInternal ? "INTERNAL" : "SHARED" } });
      onAdded();
    } catch (problem) {
      if (!(problem instanceof WeftError)) throw problem;
      setError(problem);
    }
  }
  return (
    <div className="add-files">
      <FileDrop label={t`Add files`} showsDone={false} onUploaded={({ id }) => void attach(id)} />
      {canBeInternal && (
        <label className="internal">
          <input type="checkbox" checked={isInternal} onChange={({ currentTarget }) => setChecked(currentTarget.checked)} />
          <Trans>Internal: hidden from the requester and vendors</Trans>
        </label>
      )}
      <ErrorMessage error={error} />
    </div>
  );
}

interface AttachmentRowProps {
  readonly attachment: AttachmentOfRequest;
  readonly onDeleted: () => void;
}

function AttachmentRow({ attachment: { id, file, visibility, createdAt, createdBy }, onDeleted }: AttachmentRowProps) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const { run, isPending, error } = useAction(deleteAttachment);
  const scopes = viewer?.effectivePermissions?.find((one) => one.permission === "file.delete")?.scopes ?? [];
  const canDelete = scopes.some((scope) => scope !== "OWN") || (scopes.length > 0 && createdBy?.id === viewer?.id);
  if (file === null || file === undefined) return null;
  return (
    <li>
      <span className="name">
        <FileLink file={file} />
      </span>
      {visibility === "INTERNAL" && (
        <span className="badge warn">
          <Trans>Internal</Trans>
        </span>
      )}
      <span className="soft">
        {[bytesText(file.size, i18n.locale), createdBy?.name ?? null].filter(Boolean).join(" · ")}{" "}
        <time dateTime={createdAt} title={dateText(createdAt, i18n.locale)}>
          {relativeText(createdAt, i18n.locale)}
        </time>
      </span>
      {canDelete && (
        <span className="actions">
          <ConfirmedButton
            name={t`Delete ${file.name}`}
            confirm={<Trans>Delete it</Trans>}
            isPending={isPending}
            onConfirmed={() => void run({ input: { id } }).then((done) => done && onDeleted())}
          >
            <Trans>Delete</Trans>
          </ConfirmedButton>
        </span>
      )}
      <ErrorMessage error={error} />
    </li>
  );
}
