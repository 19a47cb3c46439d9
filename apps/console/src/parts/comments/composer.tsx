import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Textarea } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useRef } from "react";
import { can, useViewer } from "../../frame/viewer";
import { PeopleField } from "../people/people-field";
import { useDraft } from "../drafts";
import { useWriting } from "../editing/use-editing";
import { commentDrafts } from "./comment-draft";
import { addComment } from "./comment-operations";

export const maxLength = 10_000;

interface ComposerProps {
  readonly requestId: string;
  /** Whether the user can write what the requester and vendors don't read. */
  readonly canBeInternal: boolean;
  readonly onSent: () => void;
}

/** Writes a comment. What was typed and chosen stays until it is sent. */
export function Composer({ requestId, canBeInternal, onSent }: ComposerProps) {
  const { t } = useLingui();
  const viewer = useViewer();
  const [draft, keep] = useDraft(`comment:${requestId}`, commentDrafts);
  const { text, mentioned } = draft;
  const isInternal = canBeInternal && (draft.isInternal ?? true);
  const typed = useWriting(text, isInternal);
  const field = useRef<HTMLTextAreaElement>(null);
  const { run, isPending, error } = useAction(addComment);
  const canSend = text.trim() !== "" && viewer !== null;
  async function send() {
    if (!canSend || isPending) return field.current?.focus();
    const audience = isInternal ? "INTERNAL" : "PUBLIC";
    const mentionedUserIds = mentioned.map(({ id }) => id);
    if ((await run({ input: { id: requestId, audience, text, mentionedUserIds } })) === null) return;
    keep({ ...draft, text: "", mentioned: [] });
    onSent();
    field.current?.focus();
  }
  return (
    <form
      className="composer"
      data-internal={isInternal}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        ref={field}
        label={t`Comment`}
        value={text}
        maxLength={maxLength}
        rows={3}
        onChange={({ currentTarget }) => {
          keep({ ...draft, text: currentTarget.value });
          typed();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
        }}
      />
      {can(viewer, "user.read") && (text !== "" || mentioned.length > 0) && (
        <PeopleField label={t`Mention`} value={mentioned} onChange={(people) => keep({ ...draft, mentioned: people })} />
      )}
      <ErrorMessage error={error} />
      <div className="composer-foot">
        {canBeInternal ? (
          <fieldset className="audience">
            <legend className="hidden">
              <Trans>Who can read it</Trans>
            </legend>
            <label>
              <input type="radio" name="audience" checked={isInternal} onChange={() => keep({ ...draft, isInternal: true })} />
              <Trans>Internal</Trans>
            </label>
            <label>
              <input type="radio" name="audience" checked={!isInternal} onChange={() => keep({ ...draft, isInternal: false })} />
              <Trans>Public</Trans>
            </label>
            <span className="soft">
              {isInternal ? (
                <Trans>The requester and vendors don’t see it.</Trans>
              ) : (
                <Trans>Everybody who can see the request reads it.</Trans>
              )}
            </span>
          </fieldset>
        ) : (
          <span className="soft">
            <Trans>Everybody who can see the request reads it.</Trans>
          </span>
        )}
        <Button type="submit" size="xs" aria-disabled={!canSend || isPending} {...(!canSend && { "data-disabled": true })}>
          <Trans>Send</Trans>
        </Button>
      </div>
    </form>
  );
}
