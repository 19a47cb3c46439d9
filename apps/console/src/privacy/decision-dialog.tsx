import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { useState } from "react";
import { ProofForm } from "../account/proof-form";
import { weft } from "../weft";
import { ErasurePreview, useErasurePreview } from "./preview";
import { approveRequest, declineRequest, type PrivacyRequest } from "./privacy-operations";
import { ReasonField } from "./reason-field";

interface DecisionDialogProps {
  readonly request: PrivacyRequest;
  readonly decision: "approve" | "decline";
  readonly onDecided: () => void;
  readonly onClose: () => void;
}

/** The second person approves or declines a request. Before an approval, it shows once more what goes and what stays. */
export function DecisionDialog({ request, decision, onDecided, onClose }: DecisionDialogProps) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const { id, version, personId, kind, user } = request;
  const isApproval = decision === "approve";
  const isAnonymization = kind === "ANONYMISE";
  const shown = useErasurePreview(isApproval ? { personId, isAnonymization } : null);
  const person = user === null ? personId : `${user.name} (${user.email})`;
  async function decide(): Promise<void> {
    if (isApproval) await weft.mutate(approveRequest, { input: { id, expectedVersion: version } });
    else await weft.mutate(declineRequest, { input: { id, expectedVersion: version, reason: reason.trim() } });
    onDecided();
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        isApproval
          ? isAnonymization
            ? t`Approve the anonymization of ${person}`
            : t`Approve the erasure of ${person}`
          : isAnonymization
            ? t`Decline the anonymization of ${person}`
            : t`Decline the erasure of ${person}`
      }
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <div className="privacy-form">
        <ProofForm
          methods={[]}
          action={isApproval ? <Trans>Approve</Trans> : <Trans>Decline</Trans>}
          // What cannot be undone is not approved unseen.
          isReady={!isApproval || shown.preview !== null}
          onProved={decide}
          onCancel={onClose}
        >
          {isApproval ? (
            <>
              <p className="notice warn">
                <Trans>The user is disabled at once. An erasure that has begun cannot be undone.</Trans>
              </p>
              <ErasurePreview {...shown} />
            </>
          ) : (
            <ReasonField label={<Trans>Why</Trans>} value={reason} onChange={setReason} />
          )}
        </ProofForm>
      </div>
    </Modal>
  );
}
