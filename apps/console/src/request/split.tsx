import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useAction, WeftForm } from "@weft/react";
import { splitRequest } from "./link-operations";
import type { PanelProps } from "./merge";

/** Makes a request of a part of this one. It has the same type, and opens as a draft. */
export function Split({ request, onClose, onDone }: PanelProps) {
  const navigate = useNavigate();
  const { run, error } = useAction(splitRequest);
  const form = request.type?.form;
  if (!form) return null;
  return (
    <div className="side-form">
      <p>
        <Trans>Creates a draft of the same type and place, which relates to this request.</Trans>
      </p>
      <WeftForm
        form={withoutPlace(form)}
        prefix="input"
        error={error}
        onSubmit={async ({ data }) => {
          const done = await run({ input: { id: request.id, kind: "RELATES_TO", data } });
          if (!done?.splitRequest) return;
          onDone();
          void navigate({ to: "/requests/$id", params: { id: done.splitRequest.newRequest.id } });
        }}
      />
      <button type="button" className="link" onClick={onClose}>
        <Trans>Cancel</Trans>
      </button>
    </div>
  );
}

type Form = NonNullable<NonNullable<PanelProps["request"]["type"]>["form"]>;

/** The form without the building and the asset, which stay. */
function withoutPlace(form: Form): Form {
  const { elements, ...more } = form.uiSchema as { readonly elements?: readonly { readonly scope?: string }[] };
  return { ...form, uiSchema: { ...more, elements: elements?.filter(({ scope }) => scope?.startsWith("#/properties/data/")) ?? [] } };
}
