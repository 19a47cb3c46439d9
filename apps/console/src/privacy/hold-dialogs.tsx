import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { useState } from "react";
import { ProofForm } from "../account/proof-form";
import { useViewer } from "../frame/viewer";
import { weft } from "../weft";
import { ObjectField } from "./object-field";
import { createHold, endHold, type LegalHold } from "./privacy-operations";
import { ReasonField } from "./reason-field";

interface DialogProps {
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Places a legal hold. */
export function NewHoldDialog({ onDone, onClose }: DialogProps) {
  const { t } = useLingui();
  const viewer = useViewer();
  const [objectId, setObjectId] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  async function place(): Promise<void> {
    if (objectId === null) return;
    await weft.mutate(createHold, { input: { objectId, reason: reason.trim() } });
    onDone();
  }
  return (
    <Modal opened onClose={onClose} title={t`New legal hold`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <div className="privacy-form">
        <ProofForm methods={[]} action={<Trans>Place the hold</Trans>} onProved={place} onCancel={onClose}>
          <p className="soft">
            <Trans>While it is open, nobody whom it covers is anonymized or erased. A request covers everybody who worked on it.</Trans>
          </p>
          <ObjectField
            idTitle={t`A request, or a contact of a vendor`}
            idLabel={t`ID (req_… or vct_…)`}
            organizationId={viewer?.tenant?.id ?? null}
            onChange={setObjectId}
          />
          <ReasonField label={<Trans>Why, such as the number of the case</Trans>} value={reason} onChange={setReason} />
        </ProofForm>
      </div>
    </Modal>
  );
}

/** Ends a legal hold. Erasures that it has stopped continue. */
export function EndHoldDialog({ hold: { id, version }, onDone, onClose }: DialogProps & { readonly hold: LegalHold }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  async function end(): Promise<void> {
    await weft.mutate(endHold, { input: { id, expectedVersion: version, reason: reason.trim() } });
    onDone();
  }
  return (
    <Modal opened onClose={onClose} title={t`End the legal hold`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <div className="privacy-form">
        <ProofForm methods={[]} action={<Trans>End the hold</Trans>} onProved={end} onCancel={onClose}>
          <p className="notice warn">
            <Trans>
              Approved erasures that it has stopped continue at once. Whoever placed the hold is told. For a week, you can neither request
              nor approve an erasure of somebody whom it covered.
            </Trans>
          </p>
          <ReasonField label={<Trans>Why it ends</Trans>} value={reason} onChange={setReason} />
        </ProofForm>
      </div>
    </Modal>
  );
}
