import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { useState } from "react";
import { ProofForm } from "../account/proof-form";
import type { PrivacyRequestKind } from "../gql/graphql";
import { weft } from "../weft";
import { ObjectField } from "./object-field";
import { Preview } from "./preview";
import { kinds } from "./privacy-filters";
import { anonymisePerson, erasePerson, exportPerson } from "./privacy-operations";
import { ReasonField } from "./reason-field";

interface NewRequestDialogProps {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

const mutations = { EXPORT: exportPerson, ANONYMISE: anonymisePerson, ERASE: erasePerson };

/** Requests to export, anonymize or erase a person's data, after a preview of what goes and what stays. */
export function NewRequestDialog({ onCreated, onClose }: NewRequestDialogProps) {
  const { t, i18n } = useLingui();
  const [kind, setKind] = useState<PrivacyRequestKind>("EXPORT");
  const [personId, setPersonId] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  async function create(): Promise<void> {
    if (personId === null) return;
    await weft.mutate<unknown, { input: { personId: string; reason: string } }>(mutations[kind], {
      input: { personId, reason: reason.trim() },
    });
    onCreated();
  }
  // A malformed ID is refused when it is sent.
  const isPerson = personId !== null && /^(?:usr|vct)_[0-9a-z]{26}$/.test(personId);
  return (
    <Modal opened onClose={onClose} title={t`New privacy request`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <div className="privacy-form">
        <ProofForm
          methods={[]}
          action={kind === "EXPORT" ? <Trans>Export</Trans> : <Trans>Request it</Trans>}
          onProved={create}
          onCancel={onClose}
        >
          <label>
            <Trans>Kind</Trans>
            <select
              name="kind"
              aria-describedby="kind-help"
              value={kind}
              onChange={({ currentTarget }) => setKind(currentTarget.value as PrivacyRequestKind)}
            >
              {Object.entries(kinds).map(([name, title]) => (
                <option key={name} value={name}>
                  {i18n._(title)}
                </option>
              ))}
            </select>
            <span className="soft help" id="kind-help">
              {kind === "EXPORT" && <Trans>Writes everything about the person to a file, which only you can download.</Trans>}
              {kind === "ANONYMISE" && (
                <Trans>Replaces what identifies the person, and keeps what the person has written. Somebody else decides.</Trans>
              )}
              {kind === "ERASE" && (
                <Trans>Also replaces what the person has written, and deletes the person's files. Somebody else decides.</Trans>
              )}
            </span>
          </label>
          <ObjectField idTitle={t`A contact of a vendor`} idLabel={t`ID of the contact (vct_…)`} onChange={setPersonId} />
          {kind !== "EXPORT" && isPerson && <Preview personId={personId} isAnonymization={kind === "ANONYMISE"} />}
          <ReasonField label={<Trans>Why, such as the date of the person's letter</Trans>} value={reason} onChange={setReason} />
        </ProofForm>
      </div>
    </Modal>
  );
}
