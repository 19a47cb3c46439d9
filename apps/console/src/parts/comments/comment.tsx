import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Textarea } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { dateText, relativeText } from "../../formats/times";
import { can, useViewer } from "../../frame/viewer";
import { FileLink } from "../files/file-link";
import { deleteComment, editComment, type CommentOfRequest } from "./comment-operations";
import { maxLength } from "./composer";
import { useTextDraft } from "../drafts";
import { useWriting } from "../editing/use-editing";

interface CommentProps {
  readonly comment: CommentOfRequest;
  readonly onChanged: () => void;
}

export function Comment({ comment, onChanged }: CommentProps) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const { id, author, onBehalfOf, audience, text, createdAt, editedAt, isFromEmail, mentioned, attachments, copiedFrom } = comment;
  const draft = useTextDraft(`edit:${id}`);
  const [isEdited, setEdited] = useState(draft.text !== "");
  const [isDeleted, setDeleted] = useState(false);
  const isOwn = author !== null && author?.id === viewer?.id;
  const names = mentioned.flatMap((one) => (one ? [one.name] : []));
  return (
    <li className="comment" data-internal={audience === "INTERNAL"} id={id}>
      <header>
        <strong>{author?.name ?? t`Somebody`}</strong>
        {onBehalfOf && (
          <span className="soft">
            <Trans>for {onBehalfOf.name}</Trans>
          </span>
        )}
        {audience === "INTERNAL" && (
          <span className="badge warn">
            <Trans>Internal</Trans>
          </span>
        )}
        <time className="soft" dateTime={createdAt} title={dateText(createdAt, i18n.locale)}>
          {relativeText(createdAt, i18n.locale)}
        </time>
        {editedAt && (
          <span className="soft">
            <Trans>edited</Trans>
          </span>
        )}
        {isFromEmail && (
          <span className="soft">
            <Trans>by email</Trans>
          </span>
        )}
        {copiedFrom && (
          <span className="soft">
            <Trans>from {copiedFrom.number}</Trans>
          </span>
        )}
      </header>
      {isEdited ? (
        <Edit comment={comment} draft={draft} onClose={() => setEdited(false)} onChanged={onChanged} />
      ) : (
        <>
          <p className="text">{text}</p>
          {names.length > 0 && (
            <p className="soft">
              <Trans>Mentions {names.join(", ")}</Trans>
            </p>
          )}
          {attachments.length > 0 && (
            <ul className="files">
              {attachments.map((one) => (
                <li key={one.id}>{one.file && <FileLink file={one.file} />}</li>
              ))}
            </ul>
          )}
          {isDeleted ? (
            <Delete comment={comment} onClose={() => setDeleted(false)} onChanged={onChanged} />
          ) : (
            <p className="actions">
              {isOwn && (
                <button
                  type="button"
                  className="link"
                  onClick={() => {
                    draft.setText(text);
                    setEdited(true);
                  }}
                >
                  <Trans>Edit</Trans>
                </button>
              )}
              {(isOwn || can(viewer, "comment.delete")) && (
                <button type="button" className="link" onClick={() => setDeleted(true)}>
                  <Trans>Delete</Trans>
                </button>
              )}
            </p>
          )}
        </>
      )}
    </li>
  );
}

interface EditProps extends CommentProps {
  readonly draft: ReturnType<typeof useTextDraft>;
  readonly onClose: () => void;
}

function Edit({ comment: { id, version, text, audience }, draft, onClose, onChanged }: EditProps) {
  const { t } = useLingui();
  const { run, isPending, error } = useAction(editComment);
  const [seen, setSeen] = useState({ version, text });
  const typed = useWriting(draft.text, audience === "INTERNAL");
  const isChanged = version !== seen.version;
  const close = (): void => {
    draft.setText("");
    onClose();
  };
  async function save(expectedVersion: number) {
    if (isPending || draft.text.trim() === "") return;
    if ((await run({ input: { id, text: draft.text, expectedVersion } })) === null) return;
    onChanged();
    close();
  }
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void save(seen.version);
      }}
    >
      <Textarea
        autoFocus
        aria-label={t`Comment`}
        value={draft.text}
        maxLength={maxLength}
        rows={3}
        onChange={({ currentTarget }) => {
          draft.setText(currentTarget.value);
          typed();
        }}
      />
      {isChanged ? (
        <div role="alert" className="notice warn">
          <p>
            <Trans>You have changed this comment elsewhere in the meantime. It is now:</Trans>
          </p>
          <blockquote>{text}</blockquote>
          <p className="actions">
            <button type="button" className="link" onClick={() => setSeen({ version, text })}>
              <Trans>Keep mine</Trans>
            </button>
            <button type="button" className="link" onClick={close}>
              <Trans>Take the new text</Trans>
            </button>
          </p>
        </div>
      ) : (
        <ErrorMessage error={error} />
      )}
      <div className="composer-foot">
        <Button type="button" size="xs" variant="default" onClick={close}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" size="xs" aria-disabled={isPending || isChanged} {...(isChanged && { "data-disabled": true })}>
          <Trans>Save</Trans>
        </Button>
      </div>
    </form>
  );
}

interface DeleteProps extends CommentProps {
  readonly onClose: () => void;
}

function Delete({ comment: { id, version }, onClose, onChanged }: DeleteProps) {
  const { run, isPending, error } = useAction(deleteComment);
  return (
    <div className="notice">
      <p>
        <Trans>Delete the comment with its files? Nothing can restore it.</Trans>
      </p>
      <ErrorMessage error={error} />
      <p className="actions">
        <button
          type="button"
          className="link"
          autoFocus
          aria-disabled={isPending}
          onClick={() => void run({ input: { id, expectedVersion: version } }).then((done) => done && onChanged())}
        >
          <Trans>Delete it</Trans>
        </button>
        <button type="button" className="link" onClick={onClose}>
          <Trans>Keep it</Trans>
        </button>
      </p>
    </div>
  );
}
