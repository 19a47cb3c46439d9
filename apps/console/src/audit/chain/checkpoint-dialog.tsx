import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useState } from "react";

interface CheckpointDialogProps {
  /** The signed head of the chain. Null if the last verification has not found the chain intact. */
  readonly checkpoint: string | null;
  readonly error: WeftError | null;
  readonly isPending: boolean;
  readonly onVerify: (checkpoint: string) => void;
  readonly onClose: () => void;
}

/** The signed head of the chain, to be kept elsewhere, and a verification against one that was. */
export function CheckpointDialog({ checkpoint, error, isPending, onVerify, onClose }: CheckpointDialogProps) {
  const { t } = useLingui();
  const clipboard = useClipboard();
  const [kept, setKept] = useState("");
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Checkpoint of the audit trail`}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
      classNames={{ body: "checkpoint" }}
    >
      {checkpoint === null ? (
        <p className="soft">
          <Trans>Verify the trail to get a checkpoint.</Trans>
        </p>
      ) : (
        <>
          <p>
            <Trans>
              Store this text outside of Weft. With it, you can later find out whether the newest entries were deleted together with their
              seals.
            </Trans>
          </p>
          <textarea className="text-field" readOnly rows={4} aria-label={t`Checkpoint`} value={checkpoint} />
          <button type="button" className="link" onClick={() => clipboard.copy(checkpoint)}>
            {clipboard.copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
          </button>
        </>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) onVerify(kept.trim());
        }}
      >
        <label>
          <Trans>A checkpoint that you have stored</Trans>
          <textarea
            name="checkpoint"
            className="text-field"
            required
            rows={4}
            value={kept}
            onChange={({ currentTarget }) => setKept(currentTarget.value)}
          />
        </label>
        <ErrorMessage error={error} />
        <Button type="submit" loading={isPending}>
          <Trans>Verify against it</Trans>
        </Button>
      </form>
    </Modal>
  );
}
