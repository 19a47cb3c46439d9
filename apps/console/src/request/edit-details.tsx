import { Trans, useLingui } from "@lingui/react/macro";
import { useAction, WeftForm, type FormDescription, type FormField } from "@weft/react";
import { useRef, useState } from "react";
import { valueText, words } from "../formats/values";
import { graphql } from "../gql";
import { Changed, changesBetween, useReloadOnConflict } from "../parts/changed";
import { useChanging } from "../parts/editing/use-editing";
import { fieldText } from "./field-text";
import type { RequestOfPage } from "./request-operations";

const updateRequest = graphql(`
  mutation ConsoleEditDetails($input: UpdateRequestInput!) {
    updateRequest(input: $input) {
      request {
        id
        version
      }
    }
  }
`);

interface EditProps {
  readonly form: FormDescription;
  /** Those of the form that are about the request's data. */
  readonly fields: readonly FormField[];
  readonly request: RequestOfPage;
  readonly onConflict: () => void;
  readonly onClose: () => void;
}

const contentsOf = ({ data, building, asset }: RequestOfPage) => ({
  data: (data ?? {}) as Readonly<Record<string, unknown>>,
  ...(building && { buildingId: building.id }),
  ...(asset && { assetId: asset.id }),
});

/** The form of a draft. If the draft is changed elsewhere in the meantime, the user chooses which texts stay. */
export function Edit({ form, fields, request, onConflict, onClose }: EditProps) {
  const { i18n } = useLingui();
  const [seen, setSeen] = useState(request);
  // Begins the form again, with what is there now.
  const [begun, setBegun] = useState({ times: 0, with: contentsOf(request) });
  const { run, error, reset } = useAction(updateRequest);
  useReloadOnConflict(error, onConflict);
  const changed = useRef<HTMLDivElement>(null);
  const entered = useChanging();
  const isBehind = request.version !== seen.version;
  const fieldOf = (name: string): FormField | undefined => fields.find((field) => field.name === name);
  const goOn = (): void => {
    setSeen(request);
    reset();
  };
  return (
    <section className="card" aria-labelledby="details-title" onChange={entered}>
      <h2 id="details-title">
        <Trans>Details</Trans>
      </h2>
      {isBehind && (
        <Changed
          ref={changed}
          changes={changesBetween(contentsOf(seen).data, contentsOf(request).data)}
          labelOf={(name) => fieldOf(name)?.label ?? words(name)}
          textOf={(name, value) => {
            const field = fieldOf(name);
            return field ? fieldText(field, value, i18n.locale) : valueText(value, i18n.locale);
          }}
          onKeep={goOn}
          onTake={() => {
            goOn();
            setBegun({ times: begun.times + 1, with: contentsOf(request) });
          }}
        />
      )}
      <WeftForm
        key={begun.times}
        form={{ ...form, data: { ...(form.data as object), ...begun.with } }}
        prefix="input"
        error={isBehind && error?.code === "CONFLICT" ? null : error}
        onSubmit={async (answers) => {
          // The question is above the form, perhaps out of sight.
          if (isBehind) return changed.current?.focus();
          const { data, buildingId, assetId } = answers;
          const input = { id: request.id, expectedVersion: seen.version, data, ...ids({ buildingId, assetId }) };
          if ((await run({ input })) !== null) onClose();
        }}
      />
      <button type="button" className="link" onClick={onClose}>
        <Trans>Cancel</Trans>
      </button>
    </section>
  );
}

/** Those that are given. */
const ids = (given: Readonly<Record<"buildingId" | "assetId", unknown>>) =>
  Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => typeof one[1] === "string"));
