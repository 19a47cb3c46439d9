import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useAction, WeftForm } from "@weft/react";
import { useState } from "react";
import type { Answers } from "../parts/answers-draft";
import { formOf } from "../parts/console-form";
import { OnAnswers } from "../parts/on-answers";
import { addDocument } from "./vendor-operations";

interface AddDocumentProps {
  readonly vendorId: string;
  readonly kind: string;
  /** What was filled in before. Null: nothing. */
  readonly draft: Answers | null;
  readonly onChange: (draft: Answers) => void;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Hands in a document of the vendor with its file. */
export function AddDocument({ vendorId, kind, draft, onChange, onClose, onDone }: AddDocumentProps) {
  const { t } = useLingui();
  const [kept] = useState(draft);
  const { run, error } = useAction(addDocument);
  const text = { type: "string", minLength: 1, maxLength: 200 };
  const date = { type: "string", format: "date" };
  const form = formOf({
    title: t`Add a document`,
    fields: {
      kind: { label: t`Kind`, type: "text", schema: text, help: t`Uppercase letters, digits and underscores, such as INSURANCE` },
      title: { label: t`Title`, type: "text", schema: text },
      number: { label: t`Number`, type: "text", schema: text },
      issuedOn: { label: t`Issued on`, type: "date", schema: date },
      validUntil: { label: t`Valid until`, type: "date", schema: date },
      fileId: { label: t`File`, type: "file", schema: { type: "string" } },
    },
    required: ["kind", "title", "fileId"],
    data: kept ?? (kind === "" ? {} : { kind }),
  });
  return (
    <section className="card" aria-label={t`Add a document`}>
      <WeftForm
        form={form}
        prefix="input"
        error={error}
        onSubmit={async (answers) => {
          if (await run({ input: { ...answers, vendorId } as never })) onDone();
        }}
      >
        {({ answers, isSubmitting }) => (
          <div className="buttons">
            <OnAnswers answers={answers} onChanged={onChange} />
            <Button type="submit" loading={isSubmitting}>
              <Trans>Hand in</Trans>
            </Button>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
          </div>
        )}
      </WeftForm>
    </section>
  );
}
