import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useAction, WeftForm } from "@weft/react";
import { useState } from "react";
import type { Answers } from "../parts/answers-draft";
import { OnAnswers } from "../parts/on-answers";
import { splitRequest } from "./link-operations";
import type { PanelProps } from "./merge";

interface SplitProps extends PanelProps {
  /** What was filled in before. Null: nothing. */
  readonly draft: Answers | null;
  readonly onChange: (draft: Answers) => void;
}

/** Makes a request of a part of this one. It has the same type, and opens as a draft. What was filled in stays until it is sent. */
export function Split({ request, draft, onChange, onClose, onDone }: SplitProps) {
  const navigate = useNavigate();
  const [kept] = useState(draft);
  const { run, error } = useAction(splitRequest);
  const form = request.type?.form;
  if (!form) return null;
  return (
    <div className="side-form">
      <p>
        <Trans>Creates a draft of the same type and place, which relates to this request.</Trans>
      </p>
      <WeftForm
        form={withoutPlace(kept === null ? form : { ...form, data: kept })}
        prefix="input"
        error={error}
        onSubmit={async ({ data }) => {
          const done = await run({ input: { id: request.id, kind: "RELATES_TO", data } });
          if (!done?.splitRequest) return;
          onDone();
          void navigate({ to: "/requests/$id", params: { id: done.splitRequest.newRequest.id } });
        }}
      >
        {({ answers, isSubmitting }) => (
          <p className="actions">
            <OnAnswers answers={answers} onChanged={onChange} />
            <Button type="submit" size="xs" loading={isSubmitting}>
              <Trans>Split</Trans>
            </Button>
            <Button size="xs" variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
          </p>
        )}
      </WeftForm>
    </div>
  );
}

type Form = NonNullable<NonNullable<PanelProps["request"]["type"]>["form"]>;

/** The form without the building and the asset, which stay. */
function withoutPlace(form: Form): Form {
  const { elements, ...more } = form.uiSchema as { readonly elements?: readonly { readonly scope?: string }[] };
  return { ...form, uiSchema: { ...more, elements: elements?.filter(({ scope }) => scope?.startsWith("#/properties/data/")) ?? [] } };
}
