import { Plural, Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import type { JsonObject, WeftError } from "@weft/client";
import { ErrorMessage, WeftForm } from "@weft/react";
import { useState } from "react";
import { useDraft } from "../../parts/drafts";
import { OnAnswers } from "../../parts/on-answers";
import { transitionDrafts } from "../../parts/transition-drafts";
import type { BulkPreview, BulkTransition } from "./bulk-operations";

interface BulkStartProps {
  readonly transition: BulkTransition;
  readonly preview: BulkPreview;
  readonly error: WeftError | null;
  readonly isPending: boolean;
  /** Returns whether the operation has begun. */
  readonly onStart: (answers: { readonly comment: string; readonly input?: JsonObject }) => Promise<boolean>;
}

/** Says what a bulk operation would do, asks for its comment and its form, and starts it. What was filled in stays until it has begun. */
export function BulkStart({ transition: { name, title, form, requiresComment }, preview, error, isPending, onStart }: BulkStartProps) {
  const [draft, keep] = useDraft(`bulk:${name}`, transitionDrafts);
  const [kept] = useState(draft);
  const { comment } = draft;
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
          onChange={({ currentTarget }) => keep({ ...draft, comment: currentTarget.value })}
        />
      </label>
      <Button type="submit" loading={isPending} disabled={preview.open === 0 || isIncomplete}>
        {title} ({preview.open})
      </Button>
    </>
  );
  const start = async (input?: JsonObject): Promise<void> => {
    if (isPending || isIncomplete) return;
    if (await onStart({ comment: comment.trim(), ...(input && { input }) })) keep(transitionDrafts.empty);
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
        <WeftForm form={Object.keys(kept.input).length === 0 ? form : { ...form, data: kept.input }} error={error} onSubmit={start}>
          {({ answers }) => (
            <>
              <OnAnswers answers={answers} onChanged={(input) => keep({ ...draft, input })} />
              {controls}
            </>
          )}
        </WeftForm>
      ) : (
        <form
          className="dialog-form"
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <ErrorMessage error={error} />
          {controls}
        </form>
      )}
    </>
  );
}
