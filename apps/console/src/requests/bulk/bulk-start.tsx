import { Plural, Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import type { JsonObject, WeftError } from "@weft/client";
import { ErrorMessage, WeftForm } from "@weft/react";
import { useState } from "react";
import type { BulkPreview, BulkTransition } from "./bulk-operations";

interface BulkStartProps {
  readonly transition: BulkTransition;
  readonly preview: BulkPreview;
  readonly error: WeftError | null;
  readonly isPending: boolean;
  readonly onStart: (answers: { readonly comment: string; readonly input?: JsonObject }) => void;
}

/** Says what a bulk operation would do, asks for its comment and its form, and starts it. */
export function BulkStart({ transition: { title, form, requiresComment }, preview, error, isPending, onStart }: BulkStartProps) {
  const [comment, setComment] = useState("");
  const isIncomplete = (requiresComment || preview.requiresComment) && comment.trim() === "";
  const controls = (
    <>
      <label>
        <Trans>Comment</Trans>
        <textarea
          name="comment"
          rows={3}
          required={requiresComment || preview.requiresComment}
          value={comment}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
        />
      </label>
      <Button type="submit" loading={isPending} disabled={preview.open === 0 || isIncomplete}>
        {title} ({preview.open})
      </Button>
    </>
  );
  const start = (input?: JsonObject): void => {
    if (!isPending && !isIncomplete) onStart({ comment: comment.trim(), ...(input && { input }) });
  };
  return (
    <>
      <div className="preview" role="status">
        <p>
          <Plural value={preview.open} one="It is possible for # request." other="It is possible for # requests." />
        </p>
        {preview.rejected > 0 && (
          <p className="soft">
            <Plural value={preview.rejected} one="# request stays as it is:" other="# requests stay as they are:" />
          </p>
        )}
        <ul className="reasons">
          {preview.reasons.map(({ message, count }) => (
            <li key={message}>
              <span className="number soft">{count} ×</span> {message}
            </li>
          ))}
        </ul>
      </div>
      {form ? (
        <WeftForm form={form} error={error} onSubmit={start}>
          {controls}
        </WeftForm>
      ) : (
        <form
          className="dialog-form"
          onSubmit={(event) => {
            event.preventDefault();
            start();
          }}
        >
          <ErrorMessage error={error} />
          {controls}
        </form>
      )}
    </>
  );
}
