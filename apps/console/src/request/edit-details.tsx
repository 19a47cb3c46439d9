import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useAction, WeftForm, type FormDescription, type FormField } from "@weft/react";
import { useRef, useState } from "react";
import { valueText, words } from "../formats/values";
import { graphql } from "../gql";
import { isAnswers, type Answers } from "../parts/answers-draft";
import { Changed, changesBetween, useReloadOnConflict } from "../parts/changed";
import { optionalDraft } from "../parts/drafts";
import { useDoing } from "../parts/editing/use-editing";
import { OnAnswers } from "../parts/on-answers";
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

const contentsOf = ({ data, building, asset }: RequestOfPage) => ({
  data: (data ?? {}) as Answers,
  ...(building && { buildingId: building.id }),
  ...(asset && { assetId: asset.id }),
});

/** What the user has entered, and what was there when they began. */
interface EditDraft {
  readonly version: number;
  readonly seen: ReturnType<typeof contentsOf>;
  readonly answers: Answers;
}

export const editDrafts = optionalDraft<EditDraft>((kept) => {
  if (!isAnswers(kept)) return null;
  const { version, seen, answers } = kept;
  return typeof version === "number" && isAnswers(seen) && isAnswers(seen["data"]) && isAnswers(answers)
    ? { version, seen: { ...seen, data: seen["data"] }, answers }
    : null;
});

interface EditProps {
  readonly form: FormDescription;
  /** Those of the form that are about the request's data. */
  readonly fields: readonly FormField[];
  readonly request: RequestOfPage;
  readonly draft: EditDraft | null;
  /** Null forgets it. */
  readonly onChange: (draft: EditDraft | null) => void;
  readonly onConflict: () => void;
  readonly onClose: () => void;
}

/** The form of a request that was not sent yet. If it is changed elsewhere in the meantime, the user chooses which texts stay. */
export function Edit({ form, fields, request, draft, onChange, onConflict, onClose }: EditProps) {
  const { i18n } = useLingui();
  const now = contentsOf(request);
  const [{ version, seen }, setSeen] = useState({ version: draft?.version ?? request.version, seen: draft?.seen ?? now });
  // Begins the form again, with what is there now.
  const [begun, setBegun] = useState({ times: 0, data: draft?.answers ?? { ...(form.data as Answers), ...now } });
  const { run, error, reset } = useAction(updateRequest);
  useReloadOnConflict(error, onConflict);
  const changed = useRef<HTMLDivElement>(null);
  useDoing(draft === null ? null : "CHANGING");
  const isBehind = request.version !== version;
  const fieldOf = (name: string): FormField | undefined => fields.find((field) => field.name === name);
  const goOn = (): void => {
    setSeen({ version: request.version, seen: now });
    reset();
  };
  return (
    <section className="card" aria-labelledby="details-title">
      <h2 id="details-title">
        <Trans>Details</Trans>
      </h2>
      {isBehind && (
        <Changed
          ref={changed}
          changes={changesBetween(seen.data, now.data)}
          labelOf={(name) => fieldOf(name)?.label ?? words(name)}
          textOf={(name, value) => {
            const field = fieldOf(name);
            return field ? fieldText(field, value, i18n.locale) : valueText(value, i18n.locale);
          }}
          onKeep={() => {
            goOn();
            if (draft) onChange({ ...draft, version: request.version, seen: now });
          }}
          onTake={() => {
            goOn();
            onChange(null);
            setBegun({ times: begun.times + 1, data: { ...(form.data as Answers), ...now } });
          }}
        />
      )}
      <WeftForm
        key={begun.times}
        form={{ ...form, data: begun.data }}
        prefix="input"
        error={isBehind && error?.code === "CONFLICT" ? null : error}
        onSubmit={async (answers) => {
          // The question is above the form, perhaps out of sight.
          if (isBehind) return changed.current?.focus();
          const { data, buildingId, assetId } = answers;
          const input = { id: request.id, expectedVersion: version, data, ...ids({ buildingId, assetId }) };
          if ((await run({ input })) !== null) onClose();
        }}
      >
        {({ answers, isSubmitting }) => (
          <div className="buttons">
            <OnAnswers answers={answers} onChanged={(changed) => onChange({ version, seen, answers: changed })} />
            <Button type="submit" loading={isSubmitting}>
              <Trans>Save</Trans>
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

/** Those that are given. */
const ids = (given: Readonly<Record<"buildingId" | "assetId", unknown>>) =>
  Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => typeof one[1] === "string"));
