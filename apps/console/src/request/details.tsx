import { Trans, useLingui } from "@lingui/react/macro";
import { useForm, type FormDescription } from "@weft/react";
import { useState } from "react";
import { valueText, words } from "../formats/values";
import { useViewerId } from "../frame/viewer";
import { useDraft } from "../parts/drafts";
import { Edit, editDrafts } from "./edit-details";
import { fieldText } from "./field-text";
import type { RequestOfPage } from "./request-operations";

const noForm: FormDescription = { name: "", title: null, description: null, schema: {}, uiSchema: {}, data: {} };

interface DetailsProps {
  readonly request: RequestOfPage;
  readonly onChanged: () => void;
}

/** What a request contains, in the order and with the labels of its type's form. */
export function Details({ request, onChanged }: DetailsProps) {
  const { i18n } = useLingui();
  const viewerId = useViewerId();
  const [draft, keep] = useDraft(`edit:${request.id}`, editDrafts);
  const [isBegun, setBegun] = useState(false);
  const form = request.type?.form ?? null;
  const { model } = useForm(form ?? noForm, { onSubmit: () => undefined });
  const values = (request.data ?? {}) as Readonly<Record<string, unknown>>;
  const fields = model.fields.filter(({ path }) => path.length === 2 && path[0] === "data");
  const known = new Set(fields.map(({ name }) => name));
  const others = Object.keys(values).filter((name) => !known.has(name));
  const canEdit = form !== null && isDraft(request) && request.createdBy?.id === viewerId;
  if (form !== null && (isBegun || (canEdit && draft !== null)))
    return (
      <Edit
        form={form}
        fields={fields}
        request={request}
        draft={draft}
        onChange={keep}
        onConflict={onChanged}
        onClose={() => {
          setBegun(false);
          keep(null);
          onChanged();
        }}
      />
    );
  return (
    <section className="card" aria-labelledby="details-title">
      <h2 id="details-title">
        <Trans>Details</Trans>
      </h2>
      <dl className="facts details">
        {fields
          .filter(({ name }) => name in values)
          .map((field) => (
            <div key={field.name}>
              <dt>{field.label}</dt>
              <dd>{fieldText(field, values[field.name], i18n.locale)}</dd>
            </div>
          ))}
        {others.map((name) => (
          <div key={name}>
            <dt>{words(name)}</dt>
            <dd>{valueText(values[name], i18n.locale)}</dd>
          </div>
        ))}
      </dl>
      {canEdit && (
        <button type="button" className="link" onClick={() => setBegun(true)}>
          <Trans>Change the draft</Trans>
        </button>
      )}
    </section>
  );
}

const isDraft = ({ type, workflow }: RequestOfPage): boolean =>
  workflow?.availableTransitions.some(({ name }) => name === type?.submitTransition) ?? false;
